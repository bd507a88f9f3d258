// imsimta passwd: who may log in to send mail, and with which password.

#include <algorithm>
#include <array>
#include <cerrno>

#include "auth/password_file.h"
#include "auth/secret.h"
#include "base/bytes.h"
#include "base/core_dumps.h"
#include "base/file.h"
#include "base/file_lock.h"
#include "config/option_value.h"
#include "config/security_cnf.h"
#include "utility/json_line.h"
#include "utility/printable.h"
#include "utility/utilities.h"
#include "utility/utility.h"

namespace sluice::utility {

namespace {

using auth::PasswordEntry;
using auth::PasswordFile;
using auth::ScramHash;
using auth::Secret;
using config::TailorEntry;

constexpr std::string_view facility = "PASSWD";
constexpr std::size_t salt_size = 16;

/// What the command works on, and its steps.
class PasswordList {
public:
    explicit PasswordList(Invocation& invocation)
        : console_(invocation.console()),
          line_(invocation.line()),
          tailor_(invocation.instance()->tailor) {}

    ExitCode run(std::string_view action) {
        if (auto found = find_file(); found != ExitCode::done) return found;
        if (action == "list" || action == "verify") {
            if (auto loaded = load(); loaded != ExitCode::done) return loaded;
            return action == "list" ? list() : verify();
        }
        // Two who change the file at once would lose one change: the lock is beside it, as the
        // file itself is replaced.
        const auto lock = lock_file(path_ + ".lock");
        if (!lock) return fail("NOTLOCKED", lock.error().detail());
        if (auto loaded = load(); loaded != ExitCode::done) return loaded;
        if (action == "add") return add();
        if (action == "change") return change();
        return remove();
    }

private:
    ExitCode fail(std::string_view ident, std::string text, ExitCode code = ExitCode::failed) {
        console_.error(facility, ident, std::move(text));
        return code;
    }

    [[nodiscard]] std::string user() const { return line_.parameters().front(); }

    /// The file of the source that -source names: PASSWORDS.
    ExitCode find_file() {
        Diagnostics findings;
        config::DiskFiles disk;
        const auto security = config::load_security_cnf(
            disk, tailor_.path(TailorEntry::security_config_file), findings
        );
        if (!security) return fail("CONFIG", security.error().detail(), ExitCode::configuration);
        const std::string name(line_.value("source").value_or("PASSWORDS"));
        const config::AuthSource* source = security->find_source(name);
        if (source == nullptr || source->type != config::AuthSource::Type::file)
            return fail("NOSOURCE", "security.cnf has no source " + name + " of type FILE");
        auto path = tailor_.resolve_path(source->file, TailorEntry::table);
        if (!path) return fail("CONFIG", path.error().detail(), ExitCode::configuration);
        path_ = std::move(*path);
        return ExitCode::done;
    }

    ExitCode load() {
        const auto text = read_file(path_);
        if (!text && text.error().error_number() != ENOENT)
            return fail("NOTREAD", text.error().detail());
        text_ = text ? *text : std::string();
        Diagnostics findings;
        file_ = PasswordFile::parse(text_, path_, findings);
        for (const Diagnostic& finding : findings.items()) console_.explain(finding.to_string());
        return ExitCode::done;
    }

    ExitCode list() {
        for (const PasswordEntry& entry : file_.entries()) {
            if (line_.has("json")) {
                console_.line(described(entry).to_string());
                continue;
            }
            std::string text = entry.user;
            for (const auth::ScramSecret& secret : entry.secrets)
                text += "  " + std::string(name_of(secret.hash)) + ' ' +
                        std::to_string(secret.iterations);
            if (entry.secrets.empty()) text += "  no password";
            if (!entry.mail.empty()) text += "  " + entry.mail;
            if (entry.disabled) text += "  disabled";
            console_.line(printable_text(text));
        }
        return ExitCode::done;
    }

    static JsonLine described(const PasswordEntry& entry) {
        std::vector<std::string> mechanisms;
        for (const auth::ScramSecret& secret : entry.secrets)
            mechanisms.emplace_back(name_of(secret.hash));
        JsonLine json;
        json.add("user", entry.user).add("mail", entry.mail).add("disabled", entry.disabled);
        json.add("secrets", std::span<const std::string>(mechanisms));
        if (!entry.secrets.empty())
            json.add("iterations", std::uint64_t{entry.secrets.front().iterations});
        return json;
    }

    ExitCode verify() {
        const PasswordEntry* entry = file_.find(user());
        const auto password = ask("Password: ");
        if (!password) return ExitCode::failed;
        const bool fits =
            entry != nullptr && !entry->disabled && !entry->secrets.empty() &&
            std::all_of(entry->secrets.begin(), entry->secrets.end(), [&](const auto& secret) {
                return matches(secret, password->reveal());
            });
        if (line_.has("json")) {
            JsonLine json;
            json.add("user", user()).add("accepted", fits);
            console_.line(json.to_string());
        }
        if (fits) {
            if (!line_.has("json")) console_.info(facility, "ACCEPTED", user() + " may log in");
            return ExitCode::done;
        }
        const std::string why = entry == nullptr         ? "no such user"
                                : entry->disabled        ? "disabled"
                                : entry->secrets.empty() ? "no password is set"
                                                         : "wrong password";
        return fail("REFUSED", user() + ": " + why, ExitCode::failed);
    }

    ExitCode add() {
        if (file_.find(user()) != nullptr)
            return fail("EXISTS", user() + " exists; passwd change changes it");
        if (!auth::is_user_name(user()))
            return fail("BADNAME", "a name has no blanks, and no ! # % in front", ExitCode::usage);
        PasswordEntry entry;
        entry.user = user();
        if (auto set = set_password(entry); set != ExitCode::done) return set;
        return put(std::move(entry), "ADDED");
    }

    ExitCode change() {
        const PasswordEntry* known = file_.find(user());
        if (known == nullptr) return unknown();
        PasswordEntry entry = *known;
        const bool about_others = line_.has("mail") || line_.has("disable") || line_.has("enable");
        // A change of something else leaves the password, unless it is asked for.
        if (!about_others || line_.has("password")) {
            if (auto set = set_password(entry); set != ExitCode::done) return set;
        }
        return put(std::move(entry), "CHANGED");
    }

    ExitCode remove() {
        if (file_.find(user()) == nullptr) return unknown();
        return write(auth::without_entry(text_, user()), "DELETED");
    }

    ExitCode unknown() { return fail("NOUSER", "there is no user " + user(), ExitCode::not_found); }

    ExitCode put(PasswordEntry entry, std::string_view ident) {
        if (const auto mail = line_.value("mail")) {
            const bool bad = std::any_of(mail->begin(), mail->end(), [](char c) {
                return is_control(c) || c == ' ';
            });
            if (bad) return fail("BADMAIL", "an address without blanks", ExitCode::usage);
            entry.mail = *mail;
        }
        if (line_.has("disable")) entry.disabled = true;
        if (line_.has("enable")) entry.disabled = false;
        return write(auth::with_entry(text_, entry), ident);
    }

    ExitCode set_password(PasswordEntry& entry) {
        std::uint32_t iterations = auth::usual_iterations;
        if (const auto given = line_.value("iterations")) {
            const auto number = parse_unsigned(*given);
            if (!number || *number < auth::least_iterations || *number > auth::most_iterations)
                return fail(
                    "BADCOUNT",
                    "-iterations is " + std::to_string(auth::least_iterations) + " to " +
                        std::to_string(auth::most_iterations),
                    ExitCode::usage
                );
            iterations = static_cast<std::uint32_t>(*number);
        }
        const auto password = ask("New password: ");
        if (!password) return ExitCode::failed;
        if (console_.can_ask()) {
            const auto again = ask("Again: ");
            if (!again) return ExitCode::failed;
            if (again->reveal() != password->reveal())
                return fail("DIFFERENT", "the two are not the same");
        }
        std::vector<ScramHash> hashes{ScramHash::sha256};
        if (line_.has("sha1")) hashes.push_back(ScramHash::sha1);
        entry.secrets.clear();
        for (const ScramHash hash : hashes) {
            auto secret = auth::make_scram_secret(
                hash, password->reveal(), auth::random_octets(salt_size), iterations
            );
            if (!secret)
                return fail("BADPASSWORD", "a password is not empty and has no control characters");
            entry.secrets.push_back(std::move(*secret));
        }
        return ExitCode::done;
    }

    std::optional<Secret> ask(std::string_view prompt) {
        auto answer =
            console_.input() != nullptr ? console_.input()->read_secret(prompt) : std::nullopt;
        if (answer) return Secret(std::move(*answer));
        fail("NOPASSWORD", "no password was given");
        return std::nullopt;
    }

    ExitCode write(const std::string& text, std::string_view ident) {
        constexpr unsigned nobody_else = 0600;
        const auto written = text_.empty() && !file_exists(path_)
                                 ? replace_file(path_, text, nobody_else)
                                 : rewrite_file(path_, text);
        if (!written) return fail("NOTWRITTEN", written.error().detail());
        console_.info(facility, ident, user());
        return ExitCode::done;
    }

    Console& console_;
    const CommandLine& line_;
    const config::Tailor& tailor_;
    std::string path_;
    std::string text_;
    PasswordFile file_;
};

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
