#include "smtp/reply_reader.h"

#include <gtest/gtest.h>

namespace sluice::smtp {
namespace {

// All outcomes of these octets, as text, read in pieces of `piece` octets.
std::string outcomes(std::string_view octets, std::size_t piece) {
    ReplyReader reader;
    std::string out;
    for (std::size_t at = 0; at < octets.size(); at += piece) {
        std::string_view input = octets.substr(at, piece);
        while (!input.empty()) {
            const auto outcome = reader.next(input);
            if (!outcome) continue;
            const auto* fault = std::get_if<ReplyFault>(&*outcome);
            out += '[';
            out += fault != nullptr ? "fault: " + std::string(to_word(*fault))
                                    : std::get<Reply>(*outcome).to_text();
            out += ']';
            if (fault != nullptr) return out;
        }
    }
    return out;
}

struct ReadRow {
    const char* name;
    std::string octets;
    const char* expected;
};
class ReplyReading : public ::testing::TestWithParam<ReadRow> {};

TEST_P(ReplyReading, IsTheSameHoweverCut) {
    for (const std::size_t piece : {1UL, 2UL, 3UL, 7UL, 100000UL})
        EXPECT_EQ(outcomes(GetParam().octets, piece), GetParam().expected) << piece;
}

INSTANTIATE_TEST_SUITE_P(
    Good,
    ReplyReading,
    ::testing::Values(
        ReadRow{"one_line", "250 2.1.5 a@b and options OK.\r\n", "[250 2.1.5 a@b and options OK.]"},
        ReadRow{"two_replies", "250 a\r\n550 b\r\n", "[250 a][550 b]"},
        ReadRow{"several_lines", "250-a\r\n250-b\r\n250 c\r\n", "[250 a b c]"},
        ReadRow{"status_on_each_line", "550-5.1.1 a\r\n550 5.1.1 b\r\n", "[550 5.1.1 a b]"},
        ReadRow{"status_on_one_line", "550-5.1.1 a\r\n550 b\r\n", "[550 5.1.1 a b]"},
        ReadRow{"no_text", "250\r\n", "[250 ]"},
        ReadRow{"lf_only", "250 ok\n", "[250 ok]"},
        ReadRow{"status_of_another_class", "250 5.1.1 odd\r\n", "[250 5.1.1 odd]"},
        ReadRow{"continuation_without_text", "250-\r\n250 x\r\n", "[250  x]"}
    ),
    [](const auto& row) { return std::string(row.param.name); }
);

INSTANTIATE_TEST_SUITE_P(
    Bad,
    ReplyReading,
    ::testing::Values(
        ReadRow{"garbage", "hello\r\n", "[fault: reply without a valid code]"},
        ReadRow{"empty_line", "\r\n", "[fault: reply without a valid code]"},
        ReadRow{"code_000", "000 ok\r\n", "[fault: reply without a valid code]"},
        ReadRow{"code_600", "600 ok\r\n", "[fault: reply without a valid code]"},
        ReadRow{"code_199", "199 ok\r\n", "[fault: reply without a valid code]"},
        ReadRow{"two_digits", "25 ok\r\n", "[fault: reply without a valid code]"},
        ReadRow{"four_digits", "2500 ok\r\n", "[fault: reply without a valid code]"},
        ReadRow{
            "fake_continuation", "250-a\r\n550 b\r\n",
            "[fault: reply with different codes on its lines]"},
        ReadRow{"nul", std::string("250 a\0b\r\n", 9), "[fault: reply with a NUL]"},
        ReadRow{"huge_line", "250 " + std::string(5000, 'x'), "[fault: reply line too long]"}
    ),
    [](const auto& row) { return std::string(row.param.name); }
);

TEST(ReplyReader, KeepsNoMoreThanTheLineLimit) {
    ReplyReader reader;
    const std::string piece(1000, 'x');
    std::string_view input;
    for (int i = 0; i < 5000; ++i) {  // a line of 5 MB
        input = piece;
        const auto outcome = reader.next(input);
        if (outcome) {
            EXPECT_EQ(std::get<ReplyFault>(*outcome), ReplyFault::line_too_long);
            EXPECT_LE(i, 5);
            return;
        }
    }
    FAIL() << "no fault";
}

TEST(ReplyReader, GivesUpOnEndlessContinuation) {
    std::string octets;
    for (std::size_t i = 0; i <= ReplyReader::lines_limit; ++i) octets += "250-x\r\n";
    ReplyReader reader;
    std::string_view input = octets;
    const auto outcome = reader.next(input);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(std::get<ReplyFault>(*outcome), ReplyFault::too_many_lines);
    input = "250 fine\r\n";  // final
    EXPECT_TRUE(std::holds_alternative<ReplyFault>(*reader.next(input)));
}

TEST(ReplyReader, SplitsTheStatusOff) {
    ReplyReader reader;
    std::string_view input = "452 4.5.3 Too many\r\n";
    const Reply reply = std::get<Reply>(*reader.next(input));
    EXPECT_EQ(reply.status, (StatusCode{4, 5, 3}));
    EXPECT_EQ(reply.lines.front(), "Too many");
}

}  // namespace
}  // namespace sluice::smtp
