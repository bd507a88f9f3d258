#include "smtp/data_decoder.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>

namespace sluice::smtp {
namespace {

struct Decoded {
    std::string text;
    std::string rest;
    bool finished = false;
    DataDecoder::Fault fault = DataDecoder::Fault::none;
    friend bool operator==(const Decoded&, const Decoded&) = default;
};

std::ostream& operator<<(std::ostream& out, const Decoded& decoded) {
    return out << '"' << ::testing::PrintToString(decoded.text) << "\" rest "
               << ::testing::PrintToString(decoded.rest) << " finished " << decoded.finished
               << " fault " << static_cast<int>(decoded.fault);
}

constexpr std::size_t short_line = 70;

Decoded decode(const std::vector<std::string>& pieces, LineEndings endings, LongLines long_lines) {
    DataDecoder decoder(endings, long_lines, short_line);
    Decoded out;
    for (const std::string& piece : pieces) {
        std::string_view input = piece;
        while (true) {
            const std::string_view run = decoder.next(input);
            if (run.empty()) break;
            out.text += run;
        }
        if (!decoder.finished()) {
            EXPECT_TRUE(input.empty());
        }
        out.rest += input;
    }
    out.finished = decoder.finished();
    out.fault = decoder.fault();
    EXPECT_EQ(decoder.octets(), out.text.size());
    if (out.fault != DataDecoder::Fault::none) out.text.clear();  // how much came first is free
    return out;
}

std::vector<std::string> cut(const std::string& text, std::size_t piece) {
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < text.size(); at += piece)
        pieces.push_back(text.substr(at, piece));
    return pieces;
}

// The plain reading of the rules, octet by octet, to hold the masks against.
class Reference {
public:
    Reference(LineEndings endings, LongLines long_lines)
        : endings_(endings), long_lines_(long_lines) {}

    Decoded decode(std::string_view wire) {
        std::size_t at = 0;
        bool start = true;
        while (at < wire.size()) {
            if (start && wire.substr(at, 3) == ".\r\n") {
                out_.finished = true;
                out_.rest = wire.substr(at + 3);
                break;
            }
            if (start && wire[at] == '.') {
                ++at;
                start = false;
                if (at == wire.size()) break;
            }
            const bool crlf = wire.substr(at, 2) == "\r\n";
            if (crlf) {
                end_line();
                at += 2;
                start = true;
                continue;
            }
            start = false;
            if (wire[at] == '\r') {
                if (at + 1 == wire.size()) {
                    tail_cr_ = true;
                    break;
                }
                if (accepts_bare_cr(endings_))
                    end_line();
                else
                    fail(DataDecoder::Fault::bare_cr);
            } else if (wire[at] == '\n') {
                if (accepts_bare_lf(endings_))
                    end_line();
                else
                    fail(DataDecoder::Fault::bare_lf);
            } else {
                add(wire[at]);
            }
            ++at;
        }
        if (out_.fault != DataDecoder::Fault::none) out_.text.clear();
        return out_;
    }
    [[nodiscard]] bool has_tail_cr() const { return tail_cr_; }

private:
    void add(char c) {
        if (line_ == short_line - 2) {
            if (long_lines_ == LongLines::truncate) return;
            if (long_lines_ == LongLines::reject) return fail(DataDecoder::Fault::long_line);
            end_line();
        }
        out_.text += c;
        ++line_;
    }
    void end_line() {
        out_.text += "\r\n";
        line_ = 0;
    }
    void fail(DataDecoder::Fault fault) {
        if (out_.fault == DataDecoder::Fault::none) out_.fault = fault;
    }

    LineEndings endings_;
    LongLines long_lines_;
    Decoded out_;
    std::size_t line_ = 0;
    bool tail_cr_ = false;
};

struct WireRow {
    const char* name;
    std::string wire;
    std::string text;
    std::string rest;
};
class WireForm : public ::testing::TestWithParam<WireRow> {};

TEST_P(WireForm, DecodesTheSameHoweverCut) {
    const Decoded expected{GetParam().text, GetParam().rest, true, DataDecoder::Fault::none};
    for (std::size_t piece = 1; piece <= GetParam().wire.size(); ++piece)
        EXPECT_EQ(
            decode(cut(GetParam().wire, piece), LineEndings::crlf, LongLines::truncate), expected
        ) << "pieces of "
          << piece;
}

INSTANTIATE_TEST_SUITE_P(
    Good,
    WireForm,
    ::testing::Values(
        WireRow{"empty", ".\r\n", "", ""},
        WireRow{"one_line", "a\r\n.\r\n", "a\r\n", ""},
        WireRow{"rest_stays", "a\r\n.\r\nQUIT\r\n", "a\r\n", "QUIT\r\n"},
        WireRow{"dot_undone", "..\r\n...\r\n..a\r\n.\r\n", ".\r\n..\r\n.a\r\n", ""},
        WireRow{"single_dot_with_text", ".a\r\n.\r\n", "a\r\n", ""},
        WireRow{"dots_inside", "a.b..c\r\na.\r\n.\r\n", "a.b..c\r\na.\r\n", ""},
        WireRow{"empty_lines", "\r\n\r\n.\r\n", "\r\n\r\n", ""},
        WireRow{"nul", std::string("a\0b\r\n", 5) + ".\r\n", std::string("a\0b\r\n", 5), ""},
        WireRow{"eight_bit", "\xff\x80\r\n.\r\n", "\xff\x80\r\n", ""},
        WireRow{
            "longest_line", std::string(short_line - 2, 'x') + "\r\n.\r\n",
            std::string(short_line - 2, 'x') + "\r\n", ""},
        WireRow{
            "truncated_line", std::string(short_line, 'x') + "\r\ny\r\n.\r\n",
            std::string(short_line - 2, 'x') + "\r\ny\r\n", ""},
        WireRow{
            "truncated_before_the_dot", std::string(200, 'x') + "\r\n.\r\nQUIT\r\n",
            std::string(short_line - 2, 'x') + "\r\n", "QUIT\r\n"},
        WireRow{
            "dot_at_the_block_border", std::string(62, 'x') + "\r\n..y\r\n.\r\n",
            std::string(62, 'x') + "\r\n.y\r\n", ""},
        WireRow{
            "end_at_the_block_border", std::string(61, 'x') + "\r\n.\r\nR",
            std::string(61, 'x') + "\r\n", "R"}
    ),
    [](const auto& row) { return std::string(row.param.name); }
);

// Everything that some other server takes for an end of the data. None of it may end the message,
// and every one of them must be noticed (with the true end at the end).
struct SmuggleRow {
    const char* name;
    std::string ending;
    bool is_fault;
};
class Smuggling : public ::testing::TestWithParam<SmuggleRow> {};

TEST_P(Smuggling, NeverEndsTheData) {
    const std::string hidden = "MAIL FROM:<x@y>\r\nRCPT TO:<z@y>\r\nDATA\r\n";
    for (const std::string& before : {std::string(), std::string("text"), std::string(62, 't')}) {
        const std::string wire = before + GetParam().ending + hidden + "\r\n.\r\nNOOP\r\n";
        for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
            const Decoded out = decode(cut(wire, piece), LineEndings::crlf, LongLines::truncate);
            EXPECT_TRUE(out.finished);
            EXPECT_EQ(out.rest, "NOOP\r\n") << "pieces of " << piece;
            EXPECT_EQ(out.fault != DataDecoder::Fault::none, GetParam().is_fault);
        }
        // Nor where bare line ends are accepted, and then none of them comes out.
        const Decoded lenient = decode({wire}, LineEndings::any, LongLines::truncate);
        EXPECT_EQ(lenient.rest, "NOOP\r\n");
        for (std::size_t i = 0; i < lenient.text.size(); ++i) {
            if (lenient.text[i] == '\n') {
                EXPECT_TRUE(i > 0 && lenient.text[i - 1] == '\r');
            }
            if (lenient.text[i] == '\r') {
                EXPECT_EQ(lenient.text.substr(i, 2), "\r\n");
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Variants,
    Smuggling,
    ::testing::Values(
        SmuggleRow{"lf_dot_lf", "\n.\n", true},
        SmuggleRow{"lf_dot_crlf", "\n.\r\n", true},
        SmuggleRow{"crlf_dot_lf", "\r\n.\n", true},
        SmuggleRow{"cr_dot_cr", "\r.\r", true},
        SmuggleRow{"crlf_dot_cr", "\r\n.\r", true},
        SmuggleRow{"cr_dot_crlf", "\r.\r\n", true},
        SmuggleRow{"cr_dot_lf", "\r.\n", true},
        SmuggleRow{"lf_dot_cr", "\n.\r", true},
        SmuggleRow{"crcrlf_dot_crcrlf", "\r\r\n.\r\r\n", true},
        SmuggleRow{"crlf_dot_crcrlf", "\r\n.\r\r\n", true},
        SmuggleRow{"lfcr_dot_lfcr", "\n\r.\n\r", true},
        SmuggleRow{"nul_before_dot", std::string("\r\n\0.\r\n", 6), false},
        SmuggleRow{"nul_after_dot", std::string("\r\n.\0\r\n", 6), false},
        SmuggleRow{"nul_in_crlf", std::string("\r\0\n.\r\n", 6), true},
        SmuggleRow{"blank_after_dot", "\r\n. \r\n", false},
        SmuggleRow{"two_dots", "\r\n..\r\n", false},
        SmuggleRow{"nel", "\r\n.\x85", false}
    ),
    [](const auto& row) { return std::string(row.param.name); }
);

struct LenientRow {
    const char* name;
    LineEndings endings;
    const char* wire;
    const char* text;
    DataDecoder::Fault fault;
};
class LenientEndings : public ::testing::TestWithParam<LenientRow> {};

TEST_P(LenientEndings, ComeOutAsCrLf) {
    const std::string wire = GetParam().wire;
    const Decoded expected{GetParam().text, "", true, GetParam().fault};
    for (std::size_t piece = 1; piece <= wire.size(); ++piece)
        EXPECT_EQ(decode(cut(wire, piece), GetParam().endings, LongLines::truncate), expected);
}

INSTANTIATE_TEST_SUITE_P(
    Endings,
    LenientEndings,
    ::testing::Values(
        LenientRow{
            "lf", LineEndings::crlf_or_lf, "a\nb\r\nc\n\r\n.\r\n", "a\r\nb\r\nc\r\n\r\n",
            DataDecoder::Fault::none},
        LenientRow{
            "cr_in_lf", LineEndings::crlf_or_lf, "a\rb\r\n.\r\n", "", DataDecoder::Fault::bare_cr},
        LenientRow{
            "cr", LineEndings::crlf_or_cr, "a\rb\r\n.\r\n", "a\r\nb\r\n", DataDecoder::Fault::none},
        LenientRow{
            "lf_in_cr", LineEndings::crlf_or_cr, "a\nb\r\n.\r\n", "", DataDecoder::Fault::bare_lf},
        LenientRow{
            "any", LineEndings::any, "a\rb\nc\r\r\n.\r\n", "a\r\nb\r\nc\r\n\r\n",
            DataDecoder::Fault::none},
        LenientRow{
            "dot_after_lf_is_text", LineEndings::any, "a\n..b\r\n.\r\n", "a\r\n..b\r\n",
            DataDecoder::Fault::none}
    ),
    [](const auto& row) { return std::string(row.param.name); }
);

TEST(DataDecoder, WrapsLongLines) {
    const Decoded out =
        decode({std::string(150, 'x') + "\r\n.\r\n"}, LineEndings::crlf, LongLines::wrap);
    const std::string line(short_line - 2, 'x');
    EXPECT_EQ(
        out.text, line + "\r\n" + line + "\r\n" + std::string(150 - 2 * line.size(), 'x') + "\r\n"
    );
}

TEST(DataDecoder, RejectsLongLinesAtTheTrueEnd) {
    const Decoded out =
        decode({std::string(150, 'x') + "\r\n.\r\nQ"}, LineEndings::crlf, LongLines::reject);
    EXPECT_EQ(out.fault, DataDecoder::Fault::long_line);
    EXPECT_EQ(out.rest, "Q");
}

TEST(DataDecoder, ReportsEightBitAndNul) {
    DataDecoder decoder;
    std::string_view input("a\x80\r\n\0\r\n.\r\n", 11);
    while (!decoder.next(input).empty()) {
    }
    EXPECT_TRUE(decoder.saw_eight_bit());
    EXPECT_TRUE(decoder.saw_nul());
}

TEST(DataDecoder, DoesNotCopyOrdinaryText) {
    std::string wire;
    for (int i = 0; i < 1000; ++i) wire += "an ordinary line of text without anything special\r\n";
    std::string_view input = wire;
    DataDecoder decoder;
    const std::string_view run = decoder.next(input);
    EXPECT_EQ(run.data(), wire.data());
    EXPECT_EQ(run.size(), wire.size());
}

TEST(DataDecoder, WithoutDotsKeepsThemAndHasNoEnd) {
    DataDecoder decoder(LineEndings::crlf, LongLines::truncate, 1000, false);
    std::string_view input = ".\r\n..\r\n";
    EXPECT_EQ(decoder.next(input), ".\r\n..\r\n");
    EXPECT_FALSE(decoder.finished());
    EXPECT_EQ(decoder.end_of_chunks(), "");
    EXPECT_EQ(decoder.fault(), DataDecoder::Fault::none);
}

TEST(DataDecoder, WithoutDotsFindsACrAtTheVeryEnd) {
    for (const LineEndings endings : {LineEndings::crlf, LineEndings::any}) {
        DataDecoder decoder(endings, LongLines::truncate, 1000, false);
        std::string_view input = "a\r";
        while (!decoder.next(input).empty()) {
        }
        const bool lenient = endings == LineEndings::any;
        EXPECT_EQ(decoder.end_of_chunks(), lenient ? "\n" : "");
        EXPECT_EQ(
            decoder.fault(), lenient ? DataDecoder::Fault::none : DataDecoder::Fault::bare_cr
        );
    }
}

// Random texts of the octets that matter, whole and in pieces, against the plain reading.
TEST(DataDecoder, AgreesWithTheReferenceOnRandomText) {
    std::mt19937 random(20260101);  // NOLINT: the same texts every time
    constexpr std::string_view alphabet("\r\n.a\0\xe9", 6);
    for (int round = 0; round < 20000; ++round) {
        std::string wire;
        const std::size_t length = random() % 260;
        const unsigned plain = random() % 4;  // from nothing but line ends to mostly text
        while (wire.size() < length) {
            if (random() % 4 < plain)
                wire.append(random() % 40, 'x');
            else if (random() % 2 == 0)
                wire += "\r\n";
            else
                wire += alphabet[random() % alphabet.size()];
        }
        wire += "\r\n.\r\nNOOP";
        const auto endings = static_cast<LineEndings>(random() % 4);
        const auto long_lines = static_cast<LongLines>(random() % 3);
        Reference reference(endings, long_lines);
        const Decoded expected = reference.decode(wire);
        ASSERT_EQ(decode({wire}, endings, long_lines), expected) << ::testing::PrintToString(wire);
        const std::size_t piece = 1 + random() % 80;
        ASSERT_EQ(decode(cut(wire, piece), endings, long_lines), expected)
            << ::testing::PrintToString(wire) << " in pieces of " << piece;
    }
}

TEST(LineMasks, AgreeWithOctetsAtEverySize) {
    std::mt19937 random(7);  // NOLINT: the same texts every time
    for (std::size_t size = 1; size <= LineMasks::block_size; ++size) {
        std::string block;
        constexpr std::string_view alphabet("\r\n.\0\x80z", 6);
        while (block.size() < size) block += alphabet[random() % alphabet.size()];
        const LineMasks masks = LineMasks::of(block.data(), size);
        for (std::size_t i = 0; i < LineMasks::block_size; ++i) {
            const bool inside = i < size;
            EXPECT_EQ(bit_at(masks.cr, i), inside && block[i] == '\r');
            EXPECT_EQ(bit_at(masks.lf, i), inside && block[i] == '\n');
            EXPECT_EQ(bit_at(masks.dot, i), inside && block[i] == '.');
            EXPECT_EQ(bit_at(masks.nul, i), inside && block[i] == '\0');
            EXPECT_EQ(bit_at(masks.eight_bit, i), inside && block[i] == '\x80');
        }
    }
}

}  // namespace
}  // namespace sluice::smtp
