#include "smtp/line_reader.h"

#include <gtest/gtest.h>

namespace sluice::smtp {
namespace {

std::string read_all(std::string_view octets, LineEndings endings, std::size_t piece) {
    LineReader reader(endings, 10);
    std::string out;
    for (std::size_t at = 0; at < octets.size(); at += piece) {
        std::string_view input = octets.substr(at, piece);
        while (!input.empty()) {
            const auto line = reader.next(input);
            if (!line) continue;
            const char* kind = line->kind == LineReader::Kind::complete   ? ""
                               : line->kind == LineReader::Kind::too_long ? "long:"
                                                                          : "bare:";
            out += std::string("[") + kind + std::string(line->text) + "]";
        }
    }
    return out + (reader.has_partial_line() ? "+" : "");
}

struct LineRow {
    const char* name;
    const char* octets;
    LineEndings endings;
    const char* expected;
};
class LineReading : public ::testing::TestWithParam<LineRow> {};

TEST_P(LineReading, IsTheSameHoweverCut) {
    for (const std::size_t piece : {1UL, 2UL, 3UL, 5UL, 1000UL})
        EXPECT_EQ(read_all(GetParam().octets, GetParam().endings, piece), GetParam().expected)
            << piece;
}

INSTANTIATE_TEST_SUITE_P(
    Lines,
    LineReading,
    ::testing::Values(
        LineRow{"two", "NOOP\r\nRSET\r\n", LineEndings::crlf, "[NOOP][RSET]"},
        LineRow{"empty", "\r\n\r\n", LineEndings::crlf, "[][]"},
        LineRow{"partial", "NOOP\r\nRS", LineEndings::crlf, "[NOOP]+"},
        LineRow{"exactly_the_limit", "0123456789\r\n", LineEndings::crlf, "[0123456789]"},
        LineRow{
            "over_the_limit", "0123456789A\r\nB\r\n", LineEndings::crlf, "[long:0123456789][B]"},
        LineRow{"bare_lf_swallows_the_rest", "A\nB\r\nC\r\n", LineEndings::crlf, "[bare:A][C]"},
        LineRow{"bare_cr_swallows_the_rest", "A\rB\r\nC\r\n", LineEndings::crlf, "[bare:A][C]"},
        LineRow{"cr_cr_lf", "A\r\r\nC\r\n", LineEndings::crlf, "[bare:A][C]"},
        LineRow{
            "several_bare_ones_count_once", "A\nB\nC\rD\r\nE\r\n", LineEndings::crlf,
            "[bare:A][E]"},
        LineRow{"lf_accepted", "A\nB\r\nC\n", LineEndings::crlf_or_lf, "[A][B][C]"},
        LineRow{"cr_still_bare", "A\rB\r\nC\n", LineEndings::crlf_or_lf, "[bare:A][C]"},
        LineRow{"cr_accepted", "A\rB\r\nC\r", LineEndings::crlf_or_cr, "[A][B][C]"},
        LineRow{"lf_still_bare", "A\nB\rC\r", LineEndings::crlf_or_cr, "[bare:A][C]"},
        LineRow{"any", "A\rB\nC\r\nD\r", LineEndings::any, "[A][B][C][D]"}
    ),
    [](const auto& row) { return std::string(row.param.name); }
);

TEST(LineReader, ReportsAFaultBeforeTheLineEnds) {
    LineReader reader(LineEndings::crlf, 10);
    std::string_view input = "EHLO x\n";
    const auto line = reader.next(input);
    ASSERT_TRUE(line);
    EXPECT_EQ(line->kind, LineReader::Kind::bare_line_end);
}

TEST(LineReader, CountsWhatItSwallows) {
    LineReader reader(LineEndings::crlf, 10);
    const std::string piece(1000, 'x');
    for (int i = 0; i < 10; ++i) {
        std::string_view input = piece;
        while (!input.empty()) reader.next(input);
    }
    EXPECT_GE(reader.swallowed(), 8000U);
    std::string_view input = "\r\n";
    reader.next(input);
    EXPECT_EQ(reader.swallowed(), 0U);
}

}  // namespace
}  // namespace sluice::smtp
