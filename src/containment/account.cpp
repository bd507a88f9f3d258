#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "containment/sandbox.h"

namespace sluice::containment {

std::string become_account(const std::string& name) {
    if (name.empty()) return {};
    const passwd* const account = ::getpwnam(name.c_str());  // NOLINT(concurrency-mt-unsafe)
    if (account == nullptr) return "there is no account " + name;
    if (account->pw_uid == ::geteuid() && account->pw_uid == ::getuid()) return {};
    if (account->pw_uid == 0) return "programs are not run as " + name;
    if (::initgroups(name.c_str(), account->pw_gid) != 0 ||
        ::setresgid(account->pw_gid, account->pw_gid, account->pw_gid) != 0 ||
        ::setresuid(account->pw_uid, account->pw_uid, account->pw_uid) != 0)
        return "cannot become " + name + ": " + std::strerror(errno);
    // The maps of its name spaces belong to it only where it may be looked at.
    ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    return {};
}

}  // namespace sluice::containment
