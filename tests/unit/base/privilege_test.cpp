#include "base/privilege.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

namespace sluice {
namespace {

// Each case runs in a child process, as root where the tests do; other accounts have nothing to
// give up.
int in_child(int (*body)()) {
    EXPECT_EXIT(std::exit(body()), testing::ExitedWithCode(0), "");
    return 0;
}

TEST(PrivilegeDeathTest, RootIsGivenUpForGoodAndOthersStay) {
    in_child([] {
        const uid_t before = ::geteuid();
        if (!give_up_root("nobody", "/")) return 1;
        if (before != 0) return ::geteuid() == before ? 0 : 2;
        return ::geteuid() != 0 && ::getuid() != 0 && ::setuid(0) != 0 ? 0 : 3;
    });
}

TEST(PrivilegeDeathTest, AccountThatIsRootIsRefused) {
    in_child([] { return give_up_root("root", "/").has_value() == (::geteuid() != 0) ? 0 : 1; });
}

TEST(PrivilegeDeathTest, RootActsAsAnAccountAndComesBack) {
    in_child([] {
        const uid_t before = ::geteuid();
        const auto nobody = mta_account("nobody", "/");
        {
            const auto acting = ActingAs::begin(*nobody);
            if (!acting) return 1;
            if (before == 0 && ::geteuid() != nobody->user) return 2;
        }
        return ::geteuid() == before && ::getegid() == ::getgid() ? 0 : 3;
    });
}

TEST(Privilege, UnknownAccountIsAnErrorAndChangesNothing) {
    EXPECT_FALSE(mta_account("no-such-account-here", "/"));
    EXPECT_FALSE(mta_account("", "/no/such/file"));
    EXPECT_EQ(mta_account("", "/").value().user, 0U);
}

}  // namespace
}  // namespace sluice
