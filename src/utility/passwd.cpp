// imsimta passwd: who may log in to send mail, and with which password.
#include "base/core_dumps.h"
#include "utility/password_list.h"
#include "utility/utilities.h"

namespace sluice::utility {

namespace {

template <const char* Action>
ExitCode passwd(Invocation& invocation) {
    keep_memory_private();
    return PasswordList(invocation).run(Action);
}

constexpr char action_add[] = "add";
constexpr char action_change[] = "change";
constexpr char action_delete[] = "delete";
constexpr char action_list[] = "list";
constexpr char action_verify[] = "verify";

constexpr Switch source_switch{
    "source", Switch::Value::required, "the source of security.cnf; PASSWORDS without it"};
constexpr Switch mail_switch{"mail", Switch::Value::required, "mail address of the user"};
constexpr Switch iterations_switch{
    "iterations", Switch::Value::required, "what each guess at a stolen file costs"};
constexpr Switch sha1_switch{
    "sha1", Switch::Value::none, "for SCRAM-SHA-1 too, which old clients have"};

constexpr Switch add_switches[] = {mail_switch, iterations_switch, sha1_switch, source_switch};
constexpr Switch change_switches[] = {
    mail_switch,
    iterations_switch,
    sha1_switch,
    source_switch,
    {"password", Switch::Value::none,
     "another password; the rule without -mail, -disable, -enable"},
    {"disable", Switch::Value::none, "the user may not log in"},
    {"enable", Switch::Value::none, "the user may log in again"},
};
constexpr Switch delete_switches[] = {source_switch};
constexpr Switch list_switches[] = {
    {"json", Switch::Value::none, "one JSON object for each user"}, source_switch};
constexpr Switch verify_switches[] = {
    {"json", Switch::Value::none, "one JSON object"}, source_switch};

constexpr Command actions[] = {
    {.name = "add",
     .summary = "add a user; asks for the password",
     .parameters = "user",
     .switches = add_switches,
     .least_parameters = 1,
     .most_parameters = 1,
     .run = passwd<action_add>},
    {.name = "change",
     .summary = "change a user's password, address or state",
     .parameters = "user",
     .switches = change_switches,
     .least_parameters = 1,
     .most_parameters = 1,
     .run = passwd<action_change>},
    {.name = "delete",
     .summary = "delete a user",
     .parameters = "user",
     .switches = delete_switches,
     .least_parameters = 1,
     .most_parameters = 1,
     .run = passwd<action_delete>},
    {.name = "list",
     .summary = "list the users, without their secrets",
     .switches = list_switches,
     .run = passwd<action_list>},
    {.name = "verify",
     .summary = "see whether a password is right",
     .parameters = "user",
     .switches = verify_switches,
     .least_parameters = 1,
     .most_parameters = 1,
     .run = passwd<action_verify>},
};

}  // namespace

const Command passwd_command = {
    .name = "passwd",
    .summary = "list or change who may log in to send mail",
    .subcommands = actions,
};

}  // namespace sluice::utility
