#include "utility/privileges.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "utility/command_line.h"

namespace sluice::utility {
namespace {

ExitCode nothing(Invocation&) {
    return ExitCode::done;
}

constexpr Switch cache_switches[] = {
    {"sync", Switch::Value::none, ""}, {"view", Switch::Value::none, ""}};
constexpr Command qm_commands[] = {
    {"directory", "", "", {}, 0, 0, nothing, {}}, {"delete", "", "", {}, 0, 0, nothing, {}}};
constexpr Command utilities[] = {
    {"version", "", "", {}, 0, 0, nothing, {}},
    {"cache", "", "", cache_switches, 0, 0, nothing, {}},
    {"qm", "", "", {}, 0, 0, nothing, qm_commands},
    {"start", "", "", {}, 0, 0, nothing, {}},
    {"unheard_of", "", "", {}, 0, 0, nothing, {}},
};

PrivilegeClass class_of(std::vector<std::string> words) {
    return privilege_class_of(parse_command_line(utilities, words).value());
}

TEST(Privileges, FollowTheTable) {
    EXPECT_EQ(class_of({"version"}), PrivilegeClass::anyone);
    EXPECT_EQ(class_of({"qm", "directory"}), PrivilegeClass::operators);
    EXPECT_EQ(class_of({"qm", "delete"}), PrivilegeClass::queue);
    EXPECT_EQ(class_of({"start"}), PrivilegeClass::program);
}

TEST(Privileges, SwitchesRaiseTheClass) {
    EXPECT_EQ(class_of({"cache", "-view"}), PrivilegeClass::operators);
    EXPECT_EQ(class_of({"cache", "-view", "-sync"}), PrivilegeClass::queue);
    EXPECT_EQ(class_of({"cache", "-nosync"}), PrivilegeClass::operators);
}

TEST(Privileges, WhatTheTableDoesNotKnowIsRestricted) {
    EXPECT_EQ(class_of({"unheard_of"}), PrivilegeClass::program);
}

TEST(Privileges, DecideByWhoAsks) {
    const Caller stranger{};
    const Caller member{.is_operator = true};
    const Caller mta{.is_mta_account = true};
    const Caller root{.is_root = true};
    EXPECT_TRUE(may_run(PrivilegeClass::anyone, stranger));
    EXPECT_FALSE(may_run(PrivilegeClass::operators, stranger));
    EXPECT_TRUE(may_run(PrivilegeClass::operators, member));
    EXPECT_FALSE(may_run(PrivilegeClass::queue, member));
    EXPECT_TRUE(may_run(PrivilegeClass::queue, mta));
    EXPECT_TRUE(may_run(PrivilegeClass::program, mta));
    EXPECT_TRUE(may_run(PrivilegeClass::program, root));
    EXPECT_TRUE(is_program_utility("start"));
    EXPECT_FALSE(is_program_utility("qm"));
}

TEST(Privileges, UnknownAccountIsAnError) {
    // Root needs no look-up; everybody else does.
    EXPECT_EQ(current_caller("no-such-account-here", "/", "").has_value(), ::geteuid() == 0);
}

}  // namespace
}  // namespace sluice::utility
