#include "utility/privileges.h"

#include <grp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/privilege.h"
#include "utility/command_line.h"

namespace sluice::utility {

namespace {

struct Row {
    std::string_view command;      ///< "qm directory"
    std::string_view switch_name;  ///< "" : the command as such
    PrivilegeClass privilege;
};

constexpr auto anyone = PrivilegeClass::anyone;
constexpr auto operators = PrivilegeClass::operators;
constexpr auto queue = PrivilegeClass::queue;
constexpr auto program = PrivilegeClass::program;

// A row with a switch applies beside the row of the command; the highest class counts.
constexpr Row table[] = {
    {"tai64nlocal", "", anyone},
    {"version", "", anyone},
    {"help", "", anyone},
    {"decode", "", anyone},
    {"encode", "", anyone},
    {"dirsync", "", anyone},
    {"chbuild", "", anyone},
    {"clbuild", "", anyone},

    {"test", "", operators},
    {"test", "execute", queue},
    {"counters", "", operators},
    {"counters show", "", operators},
    {"counters today", "", operators},
    {"counters clear", "", queue},
    {"counters create", "", queue},
    {"counters delete", "", queue},
    {"cache", "", operators},
    {"cache", "sync", queue},
    {"cache", "walk", queue},
    {"cache", "change", queue},
    {"dispatcher", "", operators},
    {"dispatcher stats", "", operators},
    {"dumpdb", "", operators},
    {"find", "", operators},
    {"mailq", "", operators},
    {"metermaid", "", queue},
    {"block", "", queue},
    {"process", "", operators},
    {"qtop", "", operators},
    {"track", "", operators},
    {"logs", "", operators},
    {"logs search", "", operators},
    {"track", "index", queue},
    {"statistics", "", operators},
    {"logconv", "", operators},
    {"view", "", operators},
    {"qm", "", operators},
    {"qm date", "", operators},
    {"qm directory", "", operators},
    {"qm exit", "", operators},
    {"qm held", "", operators},
    {"qm help", "", operators},
    {"qm history", "", operators},
    {"qm jobs", "", operators},
    {"qm messages", "", operators},
    {"qm quit", "", operators},
    {"qm read", "", operators},
    {"qm hosts", "", operators},
    {"qm summarize", "", operators},
    {"qm top", "", operators},
    {"qm view", "", operators},
    {"qm counters", "", operators},
    {"qm counters show", "", operators},
    {"qm counters today", "", operators},

    {"counters", "create", queue},
    {"counters", "clear", queue},
    {"counters", "delete", queue},
    {"qm counters", "create", queue},
    {"qm counters", "clear", queue},
    {"qm counters", "delete", queue},
    {"qm counters delete", "", queue},
    {"qm clean", "", queue},
    {"qm counters clear", "", queue},
    {"qm counters create", "", queue},
    {"qm delete", "", queue},
    {"qm expire", "", queue},
    {"qm export", "", queue},
    {"qm import", "", queue},
    {"qm readdress", "", queue},
    {"qm resender", "", queue},
    {"qm retry", "", queue},
    {"qm hold", "", queue},
    {"qm release", "", queue},
    {"qm return", "", queue},
    {"qm run", "", queue},
    {"qm start", "", queue},
    {"qm stop", "", queue},
    {"crdb", "", queue},
    {"renamedb", "", queue},
    {"process_held", "", queue},
    {"program", "", queue},
    {"passwd", "", queue},
    {"passwd add", "", queue},
    {"passwd change", "", queue},
    {"passwd delete", "", queue},
    {"passwd list", "", queue},
    {"passwd verify", "", queue},
    {"purge", "", queue},
    {"qclean", "", queue},
    {"queue", "", queue},
    {"return", "", queue},
    {"return_job", "", queue},
    {"run", "", queue},
    {"submit", "", queue},
    {"submit_master", "", queue},
    {"cnbuild", "", queue},

    {"convertdb", "", program},
    {"kill", "", program},
    {"refresh", "", program},
    {"reload", "", program},
    {"restart", "", program},
    {"shutdown", "", program},
    {"start", "", program},
    {"startup", "", program},
    {"stop", "", program},
};

// The buffers grow until the name service is content.
template <class Entry, class Lookup>
Result<bool> look_up(Entry& entry, std::vector<char>& buffer, Lookup lookup) {
    buffer.resize(1024);
    while (true) {
        Entry* found = nullptr;
        const int error = lookup(&entry, buffer.data(), buffer.size(), &found);
        if (error == ERANGE && buffer.size() < (1U << 20U)) {
            buffer.resize(buffer.size() * 2);
            continue;
        }
        if (error != 0) return Error::from_errno(error, "name service");
        return found != nullptr;
    }
}

Result<bool> is_member(const std::string& group_name) {
    if (group_name.empty()) return false;
    group entry{};
    std::vector<char> buffer;
    const auto found = look_up(entry, buffer, [&](auto* e, char* b, std::size_t n, auto** f) {
        return ::getgrnam_r(group_name.c_str(), e, b, n, f);
    });
    if (!found) return found.error();
    if (!*found) return false;
    if (::getegid() == entry.gr_gid) return true;
    const int count = ::getgroups(0, nullptr);
    if (count < 0) return Error::from_errno(errno, "getgroups");
    std::vector<gid_t> groups(static_cast<std::size_t>(count));
    if (::getgroups(count, groups.data()) < 0) return Error::from_errno(errno, "getgroups");
    return std::find(groups.begin(), groups.end(), entry.gr_gid) != groups.end();
}

}  // namespace

PrivilegeClass privilege_class_of(const CommandLine& line) {
    const std::string name = line.command_name();
    const auto given = line.switches();
    bool known = false;
    PrivilegeClass highest = anyone;
    for (const Row& row : table) {
        if (row.command != name) continue;
        const bool of_command = row.switch_name.empty();
        if (!of_command && std::find(given.begin(), given.end(), row.switch_name) == given.end()) {
            continue;
        }
        known = known || of_command;
        highest = std::max(highest, row.privilege);
    }
    return known ? highest : program;
}

bool can_do_without_instance(const CommandLine& line) {
    const std::string name = line.command_name();
    // Logs that are named are those of anybody.
    if (name == "track" || name == "statistics") return !line.parameters().empty();
    if (name == "logconv") return true;
    if (name != "test") return false;
    for (const std::string_view what : {"match", "cases"}) {
        if (line.has(what)) return true;
    }
    if (line.has("mapping")) return line.has("mapping_file");
    if (line.has("conversion")) return line.has("conversions_file") && !line.has("execute");
    return line.has("imta_cnf") || line.has("configuration_file");
}

bool is_program_utility(std::string_view utility) {
    return std::any_of(std::begin(table), std::end(table), [&](const Row& row) {
        const std::string_view first = row.command.substr(0, row.command.find(' '));
        return first == utility && row.privilege == program;
    });
}

bool may_run(PrivilegeClass privilege, const Caller& caller) {
    if (privilege == anyone || caller.is_root || caller.is_mta_account) return true;
    return privilege == operators && caller.is_operator;
}

std::string_view who_may_run(PrivilegeClass privilege) {
    switch (privilege) {
        case PrivilegeClass::anyone:
            return "anyone";
        case PrivilegeClass::operators:
            return "the MTA account, root and the operator group";
        case PrivilegeClass::queue:
        case PrivilegeClass::program:
            return "the MTA account and root";
    }
    return "nobody";
}

Result<Caller> current_caller(
    const std::string& mta_user, const std::string& tailor_file, const std::string& operator_group
) {
    Caller caller;
    caller.is_root = ::geteuid() == 0;
    if (caller.is_root) return caller;
    const auto account = mta_account(mta_user, tailor_file);
    if (!account) return account.error();
    caller.is_mta_account = account->user == ::geteuid();
    const auto member = is_member(operator_group);
    if (!member) return member.error();
    caller.is_operator = *member;
    return caller;
}

}  // namespace sluice::utility
