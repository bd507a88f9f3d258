#include "notify/held_notice.h"

#include <gtest/gtest.h>

namespace sluice::notify {
namespace {

WallTime at(int hours) {
    return WallTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 2)) +
           std::chrono::hours(hours);
}

std::string text_about(std::vector<HeldMessage> held) {
    return held_notice_text(
        std::move(held), "mail.example", TimeZone::fixed(std::chrono::seconds(0))
    );
}

TEST(HeldNotice, CountsByReasonAndNamesTheOldestFirst) {
    const std::string text = text_about(
        {{"l/000/ZZB.HELD", "operator by root", at(2)},
         {"l/000/ZZA.HELD", "holdlimit: 412 recipients, limit 250", at(1)},
         {"l/000/ZZC.HELD", "operator by eve", at(3)}}
    );
    EXPECT_NE(text.find("       1  holdlimit\n       2  operator\n"), std::string::npos) << text;
    EXPECT_LT(text.find("ZZA.HELD"), text.find("ZZB.HELD"));
    EXPECT_LT(text.find("ZZB.HELD"), text.find("ZZC.HELD"));
    EXPECT_NE(text.find("412 recipients"), std::string::npos);
    EXPECT_EQ(text.find("circles"), std::string::npos);
}

TEST(HeldNotice, SaysWhatMakesMailGoInCircles) {
    EXPECT_NE(
        text_about({{"l/000/ZZA.HELD", "loop: 51 Received lines, limit 50", at(1)}}
        ).find("circles"),
        std::string::npos
    );
}

TEST(HeldNotice, NamesSomeOfMany) {
    const std::vector<HeldMessage> many(1000, {"l/000/ZZA.HELD", "sieve", at(1)});
    const std::string text = text_about(many);
    EXPECT_NE(text.find("    1000  sieve\n"), std::string::npos) << text;
    EXPECT_NE(text.find("and 950 more\n"), std::string::npos);
    EXPECT_LT(text.size(), 10000U);
}

TEST(HeldNotice, TextFromOutsideDrivesNoTerminal) {
    const std::string text = text_about({{"l/000/ZZA.HELD", "filter: \x1b[2J\r\nBcc: x", at(1)}});
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find("\nBcc"), std::string::npos);
}

TEST(HeldReminders, OneAfterItsTimeForEachMessage) {
    const std::vector<HeldMessage> held{{"a", "loop", at(0)}, {"b", "loop", at(10)}};
    const Reminders reminders{std::chrono::hours(72), 1};
    EXPECT_EQ(reminders_due(held, reminders, at(70), at(71)), 0U);
    EXPECT_EQ(reminders_due(held, reminders, at(71), at(72)), 1U);
    EXPECT_EQ(reminders_due(held, reminders, at(72), at(81)), 0U) << "the first was reminded of";
    EXPECT_EQ(reminders_due(held, reminders, at(72), at(82)), 1U);
    EXPECT_EQ(reminders_due(held, reminders, at(24), at(100)), 2U);
    EXPECT_EQ(reminders_due(held, reminders, at(100), at(1000)), 0U) << "only one each";
}

TEST(HeldReminders, NoneOfWhatHasNoSender) {
    const std::vector<HeldMessage> held{{"l/000/ZZ1.HELD", "policy", at(0), true}};
    EXPECT_EQ(reminders_due(held, {std::chrono::hours(72), 1}, at(1), at(100)), 0U);
}

TEST(HeldReminders, AreAsManyAsIsSaid) {
    const std::vector<HeldMessage> held{{"a", "loop", at(0)}};
    EXPECT_EQ(reminders_due(held, {std::chrono::hours(72), 3}, at(80), at(144)), 1U);
    EXPECT_EQ(reminders_due(held, {std::chrono::hours(72), 3}, at(220), at(2000)), 0U);
    EXPECT_EQ(reminders_due(held, {std::chrono::hours(72), 0}, at(70), at(72)), 0U);
    EXPECT_EQ(reminders_due(held, {std::chrono::hours(0), 1}, at(70), at(72)), 0U);
    EXPECT_EQ(reminders_due(held, {std::chrono::hours(72), 1}, at(80), at(75)), 0U) << "set back";
}

}  // namespace
}  // namespace sluice::notify
