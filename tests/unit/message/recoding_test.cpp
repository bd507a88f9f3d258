#include "message/recoding.h"

#include <gtest/gtest.h>

namespace sluice::message {
namespace {

/// Writes "\n" as CRLF.
std::string wire(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '\n' ? "\r\n" : std::string(1, c);
    return out;
}

struct Outcome {
    std::string text;  ///< with "\n" for CRLF
    bool is_needed = false;
    bool is_incomplete = false;
};

Outcome recoded(const std::string& text, const WayLimits& limits) {
    const std::string message = wire(text);
    RecodingSurvey survey;
    for (std::size_t i = 0; i < message.size(); i += 7)
        survey.feed(std::string_view(message).substr(i, 7));
    survey.finish();
    const Recoding plan = survey.plan(limits);
    Recoder recoder(plan);
    std::string out;
    for (std::size_t i = 0; i < message.size(); i += 3)
        recoder.feed(std::string_view(message).substr(i, 3), out);
    recoder.finish(out);
    std::erase(out, '\r');
    return {out, plan.is_needed, plan.is_incomplete};
}

constexpr WayLimits seven_bit = {true, 0};

TEST(Recoding, SevenBitMessagesStayAsTheyAre) {
    const std::string text = "Content-Transfer-Encoding: 8BIT\n\nplain\n";
    const Outcome outcome = recoded(text, seven_bit);
    EXPECT_EQ(outcome.text, text);
    EXPECT_FALSE(outcome.is_needed);
    EXPECT_FALSE(outcome.is_incomplete);
}

TEST(Recoding, EightBitTextBecomesQuotedPrintable) {
    const Outcome outcome = recoded(
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: 8bit\nX-Odd :  y\n\nmostly plain caf\xC3\xA9 \n",
        seven_bit
    );
    EXPECT_EQ(
        outcome.text,
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: quoted-printable\nX-Odd :  y\n\nmostly plain caf=C3=A9=20\n"
    );
    EXPECT_FALSE(outcome.is_incomplete);
}

TEST(Recoding, TextThatNobodyLabelledIsCalledUnknown) {
    EXPECT_EQ(
        recoded("Subject: x\n\nmostly plain caf\xE9\n", seven_bit).text,
        "Subject: x\nContent-Type: text/plain; charset=unknown-8bit\n"
        "Content-Transfer-Encoding: quoted-printable\nMIME-Version: 1.0\n\nmostly plain caf=E9\n"
    );
}

TEST(Recoding, PartsAreEncodedOneByOne) {
    const std::string head = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n";
    const std::string plain = "--b\nContent-Type: text/plain; charset=utf-8\n\nplain\n";
    const Outcome outcome = recoded(
        head + "Content-Transfer-Encoding: 8bit\n\n" + plain +
            "--b\nContent-Type: application/x-y\nContent-Transfer-Encoding: "
            "binary\n\n\xFF\xFE\xFD\n--b--\n",
        seven_bit
    );
    EXPECT_EQ(
        outcome.text,
        head + "Content-Transfer-Encoding: 7bit\n\n" + plain +
            "--b\nContent-Type: application/x-y\nContent-Transfer-Encoding: base64\n\n//79\n--b--\n"
    );
}

TEST(Recoding, SignedPartsKeepEveryOctet) {
    const std::string text =
        "Content-Type: multipart/signed; boundary=b\nContent-Transfer-Encoding: 8bit\n\n"
        "--b\nContent-Transfer-Encoding: 8bit\n\ncaf\xC3\xA9\n--b\n\nsignature\n--b--\n";
    const Outcome outcome = recoded(text, seven_bit);
    EXPECT_EQ(outcome.text, text);
    EXPECT_TRUE(outcome.is_incomplete);
    EXPECT_FALSE(outcome.is_needed);
}

TEST(Recoding, HeadersAndTextAroundPartsAreNotTouched) {
    EXPECT_TRUE(recoded("Subject: \xE9\n\nplain\n", seven_bit).is_incomplete);
    const std::string around =
        "Content-Type: multipart/x; boundary=b\n\n\xE9\n--b\n\nplain\n--b--\n";
    EXPECT_EQ(recoded(around, seven_bit).text, around);
    EXPECT_TRUE(recoded(around, seven_bit).is_incomplete);
    const std::string encoded = "Content-Transfer-Encoding: base64\n\n\xE9\n";
    EXPECT_EQ(recoded(encoded, seven_bit).text, encoded);
    EXPECT_TRUE(recoded(encoded, seven_bit).is_incomplete);
}

TEST(Recoding, EmbeddedMessagesAreEncodedInside) {
    EXPECT_EQ(
        recoded(
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\n"
            "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nmostly plain "
            "caf\xC3\xA9\n",
            seven_bit
        )
            .text,
        "Content-Type: message/rfc822\nContent-Transfer-Encoding: 7bit\nMIME-Version: 1.0\n\n"
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: quoted-printable\n\nmostly plain caf=C3=A9\n"
    );
}

TEST(Recoding, LongLinesAreBroken) {
    const std::string line(100, 'x');
    const std::string header = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n";
    const Outcome outcome = recoded(header + "\n" + line + "\n", {false, 99});
    EXPECT_EQ(
        outcome.text, header + "Content-Transfer-Encoding: quoted-printable\n\n" +
                          std::string(75, 'x') + "=\n" + std::string(25, 'x') + "\n"
    );
    EXPECT_FALSE(recoded(header + "\n" + line + "\n", {false, 100}).is_needed);
}

}  // namespace
}  // namespace sluice::message
