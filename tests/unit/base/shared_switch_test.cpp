#include "base/shared_switch.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "support/scratch_directory.h"

namespace sluice {
namespace {

TEST(SharedSwitch, ChangesAreCountedAndSamenessIsNot) {
    const test::ScratchDirectory directory;
    const std::string path = directory.path("stress_state");
    ASSERT_TRUE(set_shared_switch(path, false));
    EXPECT_EQ(read_file(path).value(), "off 0\n");
    ASSERT_TRUE(set_shared_switch(path, true));
    ASSERT_TRUE(set_shared_switch(path, true));
    EXPECT_EQ(read_file(path).value(), "on 1\n");
    ASSERT_TRUE(set_shared_switch(path, false));
    EXPECT_EQ(read_file(path).value(), "off 2\n");
}

TEST(SharedSwitch, WhatMakesNoSenseIsOff) {
    for (const char* text : {"", "on", "on x", "maybe 3", "on 3 4", "\n"}) {
        EXPECT_FALSE(SharedSwitch::parse(text).on) << text;
        EXPECT_EQ(SharedSwitch::parse(text).changes, 0U) << text;
    }
    EXPECT_TRUE(SharedSwitch::parse("on 3\n").on);
}

}  // namespace
}  // namespace sluice
