#include "base/privilege.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace sluice {

Result<void> give_up_root(const std::string& user) {
    if (::geteuid() != 0) return {};
    if (user.empty()) {
        return Error::permanent(
            {5, 3, 5}, "will not run as root", "the tailor file names no IMTA_USER to become"
        );
    }
    std::vector<char> buffer(16384);
    passwd entry{};
    passwd* found = nullptr;
    const int code = ::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (code != 0) return Error::from_errno(code, "look up account " + user);
    if (found == nullptr)
        return Error::permanent(
            {5, 3, 5}, "no such account", "IMTA_USER " + user + " does not exist"
        );
    if (entry.pw_uid == 0)
        return Error::permanent({5, 3, 5}, "will not run as root", "IMTA_USER is root");
    if (::initgroups(user.c_str(), entry.pw_gid) != 0 || ::setgid(entry.pw_gid) != 0 ||
        ::setuid(entry.pw_uid) != 0) {
        return Error::from_errno(errno, "become " + user);
    }
    return {};
}

}  // namespace sluice
