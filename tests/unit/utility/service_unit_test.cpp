#include "utility/service_unit.h"

#include <gtest/gtest.h>

#include <sstream>

#include "utility/utility.h"

namespace sluice::utility {
namespace {

constexpr const char* tailor_file = "/etc/sluice/imta_tailor";
constexpr const char* our_environment = "IMTA_TAILOR=/etc/sluice/imta_tailor";

std::string unit_text(
    const std::string& load, const std::string& active, const std::string& environment
) {
    std::string text = "LoadState=";
    text.append(load).append("\nActiveState=").append(active);
    text.append("\nEnvironment=").append(environment).append("\n");
    return text;
}

TEST(UnitState, IsOursByItsTailorFile) {
    const auto is_ours = [](const std::string& load, const std::string& environment) {
        return parse_unit_state(unit_text(load, "inactive", environment), tailor_file).is_ours;
    };
    EXPECT_TRUE(is_ours("loaded", "IMTA_TAILOR=/etc/sluice/imta_tailor"));
    EXPECT_TRUE(is_ours("loaded", "TZ=UTC \"IMTA_TAILOR=/etc/sluice/imta_tailor\""));
    EXPECT_FALSE(is_ours("loaded", "IMTA_TAILOR=/etc/sluice/imta_tailor2"));
    EXPECT_FALSE(is_ours("loaded", "OLD_IMTA_TAILOR=/etc/sluice/imta_tailor"));
    EXPECT_FALSE(is_ours("loaded", ""));
    EXPECT_FALSE(is_ours("not-found", "IMTA_TAILOR=/etc/sluice/imta_tailor"));
    EXPECT_FALSE(parse_unit_state("", tailor_file).is_ours);
}

TEST(UnitState, KnowsWhatRuns) {
    for (const char* state : {"active", "activating", "reloading"})
        EXPECT_TRUE(parse_unit_state(unit_text("loaded", state, ""), tailor_file).is_active);
    for (const char* state : {"inactive", "failed", "deactivating"})
        EXPECT_FALSE(parse_unit_state(unit_text("loaded", state, ""), tailor_file).is_active);
}

/// A system whose systemctl is a function.
class ServiceUnit : public testing::Test {
protected:
    ServiceUnit() {
        system_.booted = true;
        system_.run = [this](const std::vector<std::string>& words) -> Result<CommandResult> {
            if (words.at(1) == "show") return CommandResult{0, shown_};
            asked_.push_back(words.at(1) + ' ' + words.at(2));
            return answer_;
        };
    }
    std::optional<ExitCode> ask(ManagerVerb verb, const std::string& option) {
        const std::vector<std::string> words{verb == ManagerVerb::start ? "start" : "stop"};
        const auto line = parse_command_line(all_utilities(), words);
        Console console(out_, err_);
        Invocation invocation(*line, console, &instance_);
        return through_service_manager(invocation, verb, option, system_);
    }

    Diagnostics findings_;
    Instance instance_{
        config::parse_tailor("IMTA_ROOT=/opt/sluice/\n", tailor_file, {}, findings_), {}, {}};
    ServiceManagement system_;
    std::string shown_ = unit_text("loaded", "active", our_environment);
    CommandResult answer_;
    std::vector<std::string> asked_;
    std::ostringstream out_;
    std::ostringstream err_;
};

TEST_F(ServiceUnit, StartsAndStopsWhatItRuns) {
    EXPECT_EQ(ask(ManagerVerb::start, "auto"), ExitCode::done);
    EXPECT_EQ(ask(ManagerVerb::stop, "systemd"), ExitCode::done);
    EXPECT_EQ(asked_, (std::vector<std::string>{"start sluice.service", "stop sluice.service"}));
    EXPECT_EQ(
        out_.str(),
        "%IMTA-S-STARTED, the MTA is running as sluice.service\n"
        "%IMTA-S-STOPPED, sluice.service has stopped\n"
    );
}

TEST_F(ServiceUnit, LeavesAloneWhatItDoesNotRun) {
    EXPECT_EQ(ask(ManagerVerb::start, "none"), std::nullopt);
    shown_ = unit_text("loaded", "active", "IMTA_TAILOR=/somewhere/else");
    EXPECT_EQ(ask(ManagerVerb::start, "auto"), std::nullopt);
    EXPECT_EQ(ask(ManagerVerb::stop, "auto"), std::nullopt);
    EXPECT_EQ(err_.str(), "");
    EXPECT_EQ(ask(ManagerVerb::start, "systemd"), ExitCode::failed);
    EXPECT_NE(err_.str().find("%IMTA-E-NOUNIT"), std::string::npos);
    EXPECT_TRUE(asked_.empty());
}

TEST_F(ServiceUnit, WhatWasStartedByHandIsStoppedByHand) {
    shown_ = unit_text("loaded", "inactive", our_environment);
    EXPECT_EQ(ask(ManagerVerb::stop, "auto"), std::nullopt);
    EXPECT_EQ(ask(ManagerVerb::start, "auto"), ExitCode::done);
}

TEST_F(ServiceUnit, InsideTheUnitNobodyAsksIt) {
    system_.inside = true;
    EXPECT_EQ(ask(ManagerVerb::stop, "auto"), std::nullopt);
    EXPECT_EQ(ask(ManagerVerb::stop, "systemd"), std::nullopt);
    system_.inside = false;
    system_.booted = false;
    EXPECT_EQ(ask(ManagerVerb::stop, "auto"), std::nullopt);
    EXPECT_TRUE(asked_.empty());
}

TEST_F(ServiceUnit, SaysWhyItCouldNot) {
    answer_ = {1, "Interactive authentication required.\n"};
    EXPECT_EQ(ask(ManagerVerb::stop, "auto"), ExitCode::failed);
    EXPECT_EQ(
        err_.str(),
        "%IMTA-E-NOTSTOPPED, systemctl stop sluice.service: Interactive authentication required.\n"
    );
}

TEST(RunAndCollect, GivesStatusAndBothStreams) {
    const auto done = run_and_collect({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"});
    ASSERT_TRUE(done) << done.error().detail();
    EXPECT_EQ(done->status, 3);
    EXPECT_EQ(done->output, "out\nerr\n");
    EXPECT_FALSE(run_and_collect({"/no/such/program"}));
}

}  // namespace
}  // namespace sluice::utility
