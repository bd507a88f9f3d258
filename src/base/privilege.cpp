#include "base/privilege.h"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>
#include <vector>

namespace sluice {

namespace {

constexpr std::size_t account_buffer = 65536;

Result<Account> account_named(const std::string& name) {
    std::vector<char> buffer(account_buffer);
    passwd entry{};
    passwd* found = nullptr;
    const int code = ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (code != 0) return Error::from_errno(code, "look up account " + name);
    if (found == nullptr) {
        return Error::temporary(
            {4, 3, 5}, "unknown account", "IMTA_USER names the unknown account " + name
        );
    }
    return Account{entry.pw_uid, entry.pw_gid, name};
}

Result<Account> owner_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return Error::from_errno(errno, "stat " + path);
    std::vector<char> buffer(account_buffer);
    passwd entry{};
    passwd* found = nullptr;
    ::getpwuid_r(status.st_uid, &entry, buffer.data(), buffer.size(), &found);
    return Account{
        status.st_uid, status.st_gid,
        found != nullptr ? std::string(entry.pw_name) : std::string()};
}

/// The kernel forgets the signal at the parent's death with every change of account.
class DeathSignal {
public:
    DeathSignal() { ::prctl(PR_GET_PDEATHSIG, &signal_); }
    ~DeathSignal() { ::prctl(PR_SET_PDEATHSIG, signal_); }
    DeathSignal(const DeathSignal&) = delete;
    DeathSignal& operator=(const DeathSignal&) = delete;

private:
    int signal_ = 0;
};

}  // namespace

Result<Account> mta_account(const std::string& user, const std::string& tailor_file) {
    return user.empty() ? owner_of(tailor_file) : account_named(user);
}

Result<void> give_up_root(const std::string& user, const std::string& tailor_file) {
    if (::geteuid() != 0) return {};
    const auto account = mta_account(user, tailor_file);
    if (!account) return account.error();
    if (account->user == 0) {
        return Error::permanent(
            {5, 3, 5}, "will not run as root",
            "the MTA's account is root: set IMTA_USER in " + tailor_file + " to another one"
        );
    }
    const DeathSignal kept;
    const int groups = account->name.empty() ? ::setgroups(1, &account->group)
                                             : ::initgroups(account->name.c_str(), account->group);
    if (groups != 0 || ::setgid(account->group) != 0 || ::setuid(account->user) != 0) {
        return Error::from_errno(errno, "become " + account->name);
    }
    if (::setuid(0) == 0)
        return Error::temporary({4, 3, 0}, "local system error", "root could be taken back");
    return {};
}

Result<ActingAs> ActingAs::begin(const Account& account) {
    if (::geteuid() != 0) return ActingAs(false);
    const DeathSignal kept;
    if (::setegid(account.group) != 0) return Error::from_errno(errno, "act as " + account.name);
    if (::seteuid(account.user) != 0) {
        const Error error = Error::from_errno(errno, "act as " + account.name);
        [[maybe_unused]] const int back = ::setegid(0);
        return error;
    }
    return ActingAs(true);
}

ActingAs::ActingAs(ActingAs&& other) noexcept
    : is_acting_(std::exchange(other.is_acting_, false)) {}

// Whoever took part of root away meanwhile has broken the promise; to go on with half of it would
// be worse than to end.
ActingAs::~ActingAs() {
    const DeathSignal kept;
    if (is_acting_ && (::seteuid(0) != 0 || ::setegid(0) != 0)) std::abort();
}

}  // namespace sluice
