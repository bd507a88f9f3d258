#include "utility/message.h"

#include <gtest/gtest.h>

#include <sstream>

#include "utility/exit_code.h"
#include "utility/printable.h"

namespace sluice::utility {
namespace {

TEST(Message, KeepsTheFormOperatorsGrepFor) {
    const Message message{"QM", MessageSeverity::info, "HELD", "one\nmessage"};
    EXPECT_EQ(message.to_string(), "%QM-I-HELD, one\\x0amessage");
}

TEST(Console, SendsTroubleToTheOtherStream) {
    std::ostringstream out;
    std::ostringstream err;
    Console console(out, err);
    console.success("QM", "A", "1");
    console.info("QM", "B", "2");
    console.warning("QM", "C", "3");
    console.error("QM", "D", "4");
    console.fatal("QM", "E", "5");
    EXPECT_EQ(out.str(), "%QM-S-A, 1\n%QM-I-B, 2\n");
    EXPECT_EQ(err.str(), "%QM-W-C, 3\n%QM-E-D, 4\n%QM-F-E, 5\n");
}

TEST(Printable, NothingFromOutsideDrivesTheTerminal) {
    EXPECT_EQ(printable_text("plain"), "plain");
    EXPECT_EQ(printable_text("a\x1b[2Jb\tc\x7f"), "a\\x1b[2Jb\\x09c\\x7f");
    EXPECT_EQ(printable_text("\\x1b"), "\\\\x1b");
    EXPECT_EQ(
        printable_text("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"),
        "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"
    );
    EXPECT_EQ(printable_text("\xC2\x9B"), "\\xc2\\x9b");                    // C1 control
    EXPECT_EQ(printable_text("\xC3("), "\\xc3(");                           // cut short
    EXPECT_EQ(printable_text("\xC0\xAF"), "\\xc0\\xaf");                    // overlong
    EXPECT_EQ(printable_text("\xE0\x80\xAF"), "\\xe0\\x80\\xaf");           // overlong
    EXPECT_EQ(printable_text("\xED\xA0\x80"), "\\xed\\xa0\\x80");           // surrogate
    EXPECT_EQ(printable_text("\xF4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond the last
    EXPECT_EQ(printable_text("\xFF"), "\\xff");
}

TEST(ExitCodes, TellPartOfTheWorkFromNoneOfIt) {
    EXPECT_EQ(exit_code_for(0, 0), ExitCode::done);
    EXPECT_EQ(exit_code_for(3, 0), ExitCode::done);
    EXPECT_EQ(exit_code_for(0, 2), ExitCode::failed);
    EXPECT_EQ(exit_code_for(1, 2), ExitCode::partly_done);
}

}  // namespace
}  // namespace sluice::utility
