#include "rollover/journal.h"

#include <gtest/gtest.h>

namespace sluice::rollover {
namespace {

Journal sample(Journal::Stage stage) {
    return {stage, {2049, 17}, 123456789012, {2049, 18}, 4096};
}

TEST(RolloverJournal, IsReadAsItWasWritten) {
    for (const auto stage :
         {Journal::Stage::append, Journal::Stage::appended, Journal::Stage::removed}) {
        EXPECT_EQ(parse_journal(format_journal(sample(stage))), sample(stage));
    }
    EXPECT_EQ(
        format_journal(sample(Journal::Stage::append)),
        "rollover-1 append 2049 17 123456789012 2049 18 4096\n"
    );
}

TEST(RolloverJournal, AcceptsNothingElse) {
    const std::string good = format_journal(sample(Journal::Stage::appended));
    for (std::size_t length = 0; length < good.size(); ++length)
        EXPECT_FALSE(parse_journal(good.substr(0, length))) << length;
    for (const char* bad :
         {"rollover-2 append 1 2 3 4 5 6\n", "rollover-1 done 1 2 3 4 5 6\n",
          "rollover-1 append 1 2 3 4 5\n", "rollover-1 append 1 2 3 4 5 6 7\n",
          "rollover-1 append 1 2 3 4 5 x\n", "rollover-1  append 1 2 3 4 5 6\n"})
        EXPECT_FALSE(parse_journal(bad)) << bad;
}

}  // namespace
}  // namespace sluice::rollover
