#include "smtp/data_encoder.h"

#include <gtest/gtest.h>

#include <random>

#include "smtp/data_decoder.h"

namespace sluice::smtp {
namespace {

std::string encode(std::string_view text, std::size_t piece) {
    DataEncoder encoder;
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += piece)
        encoder.append(text.substr(at, piece), out);
    encoder.finish(out);
    return out;
}

struct EncodeRow {
    const char* name;
    std::string text;
    std::string wire;
};
class Encoding : public ::testing::TestWithParam<EncodeRow> {};

TEST_P(Encoding, IsTheSameHoweverCut) {
    for (std::size_t piece = 1; piece <= GetParam().text.size() + 1; ++piece)
        EXPECT_EQ(encode(GetParam().text, piece), GetParam().wire) << piece;
}

INSTANTIATE_TEST_SUITE_P(
    Texts,
    Encoding,
    ::testing::Values(
        EncodeRow{"empty", "", ".\r\n"},
        EncodeRow{"plain", "a\r\nb\r\n", "a\r\nb\r\n.\r\n"},
        EncodeRow{"lf", "a\nb\n", "a\r\nb\r\n.\r\n"},
        EncodeRow{"bare_cr", "a\rb\r\n", "a\r\nb\r\n.\r\n"},
        EncodeRow{"cr_cr_lf", "a\r\r\nb", "a\r\n\r\nb\r\n.\r\n"},
        EncodeRow{"no_end", "a", "a\r\n.\r\n"},
        EncodeRow{"cr_at_the_end", "a\r", "a\r\n.\r\n"},
        EncodeRow{"dots", ".\r\n..\r\n.a\r\na.b\r\n", "..\r\n...\r\n..a\r\na.b\r\n.\r\n"},
        EncodeRow{"dot_after_lf", "a\n.\n", "a\r\n..\r\n.\r\n"},
        EncodeRow{"dot_after_cr", "a\r.\r", "a\r\n..\r\n.\r\n"},
        EncodeRow{
            "block_border", std::string(63, 'x') + "\n.y\n",
            std::string(63, 'x') + "\r\n..y\r\n.\r\n"},
        EncodeRow{"nul", std::string("a\0\n", 3), std::string("a\0\r\n.\r\n", 7)}
    ),
    [](const auto& row) { return std::string(row.param.name); }
);

TEST(DataEncoder, IsAsNewAfterFinish) {
    DataEncoder encoder;
    std::string out;
    encoder.append("a", out);
    encoder.finish(out);
    out.clear();
    encoder.append(".", out);
    encoder.finish(out);
    EXPECT_EQ(out, "..\r\n.\r\n");
}

// What goes out is one message for a strict receiver, whatever went in.
TEST(DataEncoder, IsUndoneByTheDecoder) {
    std::mt19937 random(4711);  // NOLINT: the same texts every time
    constexpr std::string_view alphabet("\r\n..ab\0", 7);
    for (int round = 0; round < 10000; ++round) {
        std::string text;
        const std::size_t length = random() % 200;
        while (text.size() < length) text += alphabet[random() % alphabet.size()];
        const std::string wire = encode(text, 1 + random() % 70);
        DataDecoder decoder;
        std::string_view input = wire;
        std::string back;
        for (auto run = decoder.next(input); !run.empty(); run = decoder.next(input)) back += run;
        ASSERT_TRUE(decoder.finished());
        ASSERT_EQ(decoder.fault(), DataDecoder::Fault::none);
        ASSERT_TRUE(input.empty());
        std::string normal;  // CR LF, CR and LF all as CR LF
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\r' && text.substr(i, 2) == "\r\n") ++i;
            if (text[i] == '\r' || text[i] == '\n')
                normal += "\r\n";
            else
                normal += text[i];
        }
        if (!normal.empty() && !normal.ends_with("\r\n")) normal += "\r\n";
        ASSERT_EQ(back, normal) << ::testing::PrintToString(text);
    }
}

TEST(DataEncoder, WithoutDotsOnlyMendsLineEnds) {
    DataEncoder encoder(false);
    std::string out;
    encoder.append(".\n.\n", out);
    encoder.finish(out);
    EXPECT_EQ(out, ".\r\n.\r\n");
}

}  // namespace
}  // namespace sluice::smtp
