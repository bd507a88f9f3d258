#include "callout/site_routines.h"

#include <gtest/gtest.h>

#include <thread>

namespace sluice::callout {
namespace {

using std::chrono::milliseconds;

class SiteRoutinesTest : public testing::Test {
protected:
    SiteRoutinesTest() { set_up(1, milliseconds(5000)); }
    void set_up(unsigned processes, milliseconds limit) {
        routines_ = std::make_unique<SiteRoutines>(
            SiteRoutines::Settings{SLUICE_CALLOUT_HOST, processes, limit}, system_clock()
        );
    }
    std::string call(const std::string& routine, const std::string& argument = "abc") {
        const auto answer = routines_->call(SLUICE_SITE_LIBRARY, routine, argument);
        return answer.kind == mapping::Answer::Kind::found ? answer.text : "-";
    }

    std::unique_ptr<SiteRoutines> routines_;
};

TEST_F(SiteRoutinesTest, SayWhatTheRoutineSays) {
    EXPECT_EQ(call("site_upper"), "ABC");
    EXPECT_EQ(call("site_upper", ""), "");
    EXPECT_EQ(call("site_upper", std::string(1023, 'x')), std::string(1023, 'X'));
    EXPECT_EQ(call("site_no"), "-");
    EXPECT_EQ(call("site_upper", "again"), "AGAIN");
}

TEST_F(SiteRoutinesTest, WhatIsNotThereFails) {
    EXPECT_EQ(call("site_nowhere"), "-");
    EXPECT_EQ(routines_->call("/nowhere/lib.so", "x", "").kind, mapping::Answer::Kind::not_found);
    EXPECT_EQ(call("site_upper", std::string(1024, 'x')), "-");
    EXPECT_EQ(call("site_upper", std::string(5000, 'x')), "-");
    EXPECT_EQ(call("site_upper"), "ABC");
}

TEST_F(SiteRoutinesTest, ResultThatClaimsTooMuchFails) {
    EXPECT_EQ(call("site_boast"), "-");
    EXPECT_EQ(call("site_upper"), "ABC");
}

TEST_F(SiteRoutinesTest, CrashCostsOneCallAndARest) {
    set_up(2, milliseconds(5000));
    for (const char* routine : {"site_crash", "site_overrun"}) {
        EXPECT_EQ(call(routine), "-");
    }
    // Both processes rest.
    EXPECT_EQ(call("site_upper"), "-");
    set_up(2, milliseconds(5000));
    EXPECT_EQ(call("site_leave"), "-");
    EXPECT_EQ(call("site_upper"), "ABC");
}

TEST_F(SiteRoutinesTest, HangIsKilledAtTheLimit) {
    set_up(1, milliseconds(300));
    const MonoTime begun = system_clock().mono_now();
    EXPECT_EQ(call("site_hang"), "-");
    EXPECT_LT(system_clock().mono_now() - begun, std::chrono::seconds(4));
}

TEST_F(SiteRoutinesTest, WithoutTheProgramAllFail) {
    routines_ = std::make_unique<SiteRoutines>(
        SiteRoutines::Settings{"/nowhere/callout_host", 1, milliseconds(300)}, system_clock()
    );
    EXPECT_EQ(call("site_upper"), "-");
}

TEST_F(SiteRoutinesTest, ManyCallersShareAFewProcesses) {
    set_up(2, milliseconds(5000));
    std::vector<std::thread> callers;
    for (int i = 0; i < 6; ++i) {
        callers.emplace_back([&, i] {
            for (int j = 0; j < 30; ++j) {
                const std::string text = "x" + std::to_string(100 * i + j);
                EXPECT_EQ(call("site_upper", text), "X" + text.substr(1));
            }
        });
    }
    for (std::thread& caller : callers) caller.join();
}

}  // namespace
}  // namespace sluice::callout
