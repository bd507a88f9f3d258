#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "unit/utility/command_run.h"
#include "utility/privileges.h"
#include "utility/utility.h"

namespace sluice::utility {
namespace {

TEST(Imsimta, VersionNeedsNoInstance) {
    const CommandRun run({"ver"});
    EXPECT_EQ(run.code, ExitCode::done);
    const std::string text = run.out;
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
    EXPECT_TRUE(text.starts_with("Sluice "));
}

TEST(Imsimta, HelpListsEveryUtility) {
    const CommandRun run({"help"});
    EXPECT_EQ(run.code, ExitCode::done);
    for (const auto& utility : all_utilities()) {
        EXPECT_NE(run.out.find(std::string(utility.summary)), std::string::npos);
    }
    EXPECT_NE(CommandRun({"help", "version"}).out.find("-[no]json"), std::string::npos);
    EXPECT_EQ(CommandRun({"help", "zap"}).code, ExitCode::usage);
    EXPECT_EQ(CommandRun({"help", "version", "zap"}).code, ExitCode::usage);
}

TEST(Imsimta, UsageErrorsGoToTheErrorStreamWithCodeTwo) {
    const CommandRun run({"version", "-zap"});
    EXPECT_EQ(run.code, ExitCode::usage);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.err, "%IMTA-E-UNKSWITCH, unknown switch -zap for version\n");
    EXPECT_EQ(CommandRun({}).code, ExitCode::usage);
}

TEST(Imsimta, EveryUtilityHasARowInThePrivilegeTable) {
    for (const auto& utility : all_utilities()) {
        const std::vector<std::string> words{std::string(utility.name)};
        const auto line = parse_command_line(all_utilities(), words);
        if (!line) continue;  // needs more words
        const bool known = privilege_class_of(*line) != PrivilegeClass::program ||
                           is_program_utility(utility.name);
        EXPECT_TRUE(known) << utility.name;
    }
}

TEST(Imsimta, UtilitiesAreInAlphabeticalOrder) {
    EXPECT_TRUE(std::is_sorted(
        all_utilities().begin(), all_utilities().end(),
        [](const Command& a, const Command& b) { return a.name < b.name; }
    ));
}

class ImsimtaInstance : public testing::Test {
protected:
    void SetUp() override {
        std::filesystem::create_directories(root_ / "config");
        std::ofstream(root_ / "config/imta_tailor") << "! all defaults\n";
        std::ofstream(root_ / "config/option.dat") << "CLI_SLASH_SWITCHES=1\n";
    }
    void TearDown() override { std::filesystem::remove_all(root_); }
    [[nodiscard]] std::string tailor() const { return root_ / "config/imta_tailor"; }

    std::filesystem::path root_ =
        std::filesystem::path(testing::TempDir()) / ("imsimta_test." + std::to_string(::getpid()));
};

TEST_F(ImsimtaInstance, OptionAllowsSlashSwitches) {
    EXPECT_EQ(CommandRun({"version", "/json"}).code, ExitCode::usage);
    // Root becomes the owner of the tailor file for good, so this is for a process of its own.
    constexpr uid_t nobody = 65534;
    if (::geteuid() == 0) {
        ASSERT_EQ(::chown(tailor().c_str(), nobody, nobody), 0);
    }
    EXPECT_EXIT(
        std::_Exit(static_cast<int>(CommandRun({"version", "/json"}, tailor()).code)),
        testing::ExitedWithCode(0), ""
    );
}

TEST_F(ImsimtaInstance, IsLoadedWithItsFindings) {
    const Environment environment{[&](const char*) { return tailor(); }, {}};
    auto instance = load_instance(environment, true);
    ASSERT_TRUE(instance);
    EXPECT_FALSE(instance->findings.has_errors());
    EXPECT_EQ(instance->tailor.path(config::TailorEntry::queue), (root_ / "queue/").string());
    ::chmod((root_ / "config/option.dat").c_str(), 0666);
    EXPECT_TRUE(load_instance(environment, true)->findings.has_errors());
}

}  // namespace
}  // namespace sluice::utility
