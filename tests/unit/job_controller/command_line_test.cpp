#include "job_controller/command_line.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "job_controller/trust.h"

namespace sluice::job_controller {
namespace {

using Words = std::vector<std::string>;

TEST(CommandLine, PlainCommandIsSplitAtBlanks) {
    const auto words = command_words("/opt/lib/l_master  -x\ty", false, {"l"});
    ASSERT_TRUE(words);
    EXPECT_EQ(*words, (Words{"/opt/lib/l_master", "-x", "y", "l"}));
}

TEST(CommandLine, MetacharactersNeedATrustedFile) {
    EXPECT_FALSE(command_words("/opt/x; rm -rf /", false, {"l"}));
    EXPECT_FALSE(command_words("/opt/$(x)", false, {"l"}));
    const auto words = command_words("/opt/x >/dev/null", true, {"tcp_local"});
    ASSERT_TRUE(words);
    EXPECT_EQ(
        *words, (Words{"/bin/sh", "-c", "/opt/x >/dev/null \"$@\"", "job_controller", "tcp_local"})
    );
}

TEST(CommandLine, EmptyCommandIsAnError) {
    EXPECT_FALSE(command_words("  ", false, {"l"}));
}

TEST(TrustedFile, BelongsToUsAndNobodyElseWritesIt) {
    char name[] = "/tmp/jc-trust-XXXXXX";
    const UniqueFd fd(::mkstemp(name));
    ASSERT_TRUE(fd);
    EXPECT_TRUE(is_trusted_file(name));
    ASSERT_EQ(::fchmod(fd.get(), 0620), 0);
    EXPECT_FALSE(is_trusted_file(name)) << "the group may write";
    ASSERT_EQ(::fchmod(fd.get(), 0602), 0);
    EXPECT_FALSE(is_trusted_file(name)) << "everybody may write";
    ASSERT_EQ(::fchmod(fd.get(), 0644), 0);
    if (::geteuid() == 0) {
        ASSERT_EQ(::fchown(fd.get(), 12345, 12345), 0);
        EXPECT_FALSE(is_trusted_file(name)) << "somebody else's";
    }
    ::unlink(name);
    EXPECT_FALSE(is_trusted_file(name));
    EXPECT_FALSE(is_trusted_file("/tmp"));
}

TEST(TrustedFile, ItsCommandsMayNeedAShell) {
    JobControllerSettings settings;
    settings.channels.resize(2);
    settings.periodic_jobs.resize(1);
    allow_shell(settings);
    EXPECT_TRUE(settings.channels[0].shell_allowed && settings.channels[1].shell_allowed);
    EXPECT_TRUE(settings.periodic_jobs[0].shell_allowed);
}

}  // namespace
}  // namespace sluice::job_controller
