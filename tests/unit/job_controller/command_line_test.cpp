#include "job_controller/command_line.h"

#include <gtest/gtest.h>

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

TEST(TrustedSettings, CommandsMayNeedAShell) {
    JobControllerSettings settings;
    settings.channels.resize(2);
    settings.periodic_jobs.resize(1);
    allow_shell(settings);
    EXPECT_TRUE(settings.channels[0].shell_allowed && settings.channels[1].shell_allowed);
    EXPECT_TRUE(settings.periodic_jobs[0].shell_allowed);
}

}  // namespace
}  // namespace sluice::job_controller
