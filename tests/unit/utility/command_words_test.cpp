#include "utility/command_words.h"

#include <gtest/gtest.h>

namespace sluice::utility {
namespace {

using Words = std::vector<std::string>;

TEST(CommandWords, AreSplitAtBlanksOutsideQuotes) {
    EXPECT_EQ(split_command_line(""), Words());
    EXPECT_EQ(split_command_line("  del 1,3 \t-log\r"), Words({"del", "1,3", "-log"}));
    EXPECT_EQ(
        split_command_line("dir -subject=\"two words\""), Words({"dir", "-subject=two words"})
    );
    EXPECT_EQ(split_command_line("a '' \"it's\""), Words({"a", "", "it's"}));
    EXPECT_EQ(split_command_line("a 'b"), std::nullopt);
}

TEST(CommandWords, AreJoinedSoThatTheyCanBeSplitAgain) {
    const Words words{"delete", "", "-subject=two words", "it's"};
    EXPECT_EQ(split_command_line(join_command_line(words)), words);
}

}  // namespace
}  // namespace sluice::utility
