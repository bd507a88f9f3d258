#include "converter/converter.h"

#include <gtest/gtest.h>

#include "config/conversions_file.h"
#include "converter/command_files.h"
#include "converter/new_content.h"

namespace sluice::converter {
namespace {

using conversion::Directive;

class ConverterTest : public testing::Test {
protected:
    Conversion convert(const std::string& entries, const std::string& message) {
        Diagnostics diagnostics;
        entries_ = config::parse_conversions(entries, "conversions", diagnostics);
        EXPECT_TRUE(diagnostics.items().empty());
        Task task{
            entries_,
            options_,
            {},
            {"adam"},
            std::make_shared<TextSource>(message),
            "/nonexistent",
            "",
            [](const std::string&, const std::string& argument) {
                using Kind = conversion::TableAnswer::Kind;
                return conversion::TableAnswer{
                    argument == "later" ? Kind::not_now : Kind::none, {}};
            }};
        task.facts.in_channel = "tcp_local";
        task.facts.out_channel = "l";
        task.executes = false;
        auto made = Conversion::run(std::move(task));
        EXPECT_TRUE(made);
        return std::move(*made);
    }
    static std::string text_of(const Conversion& conversion) {
        std::string text;
        EXPECT_TRUE(conversion.write([&](std::string_view octets) -> Result<void> {
            text += octets;
            return {};
        }));
        return text;
    }

    config::ConversionOptions options_;
    conversion::Entries entries_;
};

const std::string nested =
    "Subject: outer\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"
    "--a\r\n\r\none\r\n--a\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: image/png\r\n\r\ntwo\r\n"
    "--b\r\n\r\nthree\r\n--b--\r\n--a--\r\n";

TEST_F(ConverterTest, WithoutEntriesNothingIsLookedAt) {
    const Conversion result = convert("", nested);
    EXPECT_TRUE(result.is_unchanged());
    EXPECT_TRUE(result.records().empty());
    EXPECT_EQ(text_of(result), nested);
}

TEST_F(ConverterTest, PartsOfEmbeddedMessagesHaveTheirOwnSubject) {
    const Conversion result = convert(
        "in-subject=inner; in-type=image; delete=1\nin-subject=outer; in-type=image; delete=1\n",
        nested
    );
    std::string seen;
    for (const PartRecord& record : result.records())
        seen += record.facts.number + ' ' + record.facts.labels.type + ' ' + record.facts.subject +
                ' ' + record.what + '\n';
    EXPECT_EQ(
        seen,
        "1 text outer kept\n2 message outer kept\n2.1 image inner deleted\n"
        "2.2 text inner kept\n"
    );
    const std::string text = text_of(result);
    EXPECT_EQ(text.find("two"), std::string::npos);
    EXPECT_NE(text.find("--b\r\n\r\nthree\r\n--b--\r\n--a--\r\n"), std::string::npos) << text;
}

TEST_F(ConverterTest, DeletedContainerTakesItsPartsAlong) {
    const Conversion result = convert("in-type=message; delete=1\nin-type=*; delete=1\n", nested);
    EXPECT_EQ(result.records().size(), 2U);
}

TEST_F(ConverterTest, TableThatCannotAnswerMakesTheMessageWait) {
    const Conversion result = convert("in-type=text; out-description=\"'X-T:later'\"\n", nested);
    EXPECT_EQ(result.directive(), Directive::again);
}

// A scanner among the commands must see everything.
TEST_F(ConverterTest, MessageWithTooManyPartsIsHeld) {
    std::string message = "Content-Type: multipart/mixed; boundary=a\r\n\r\n";
    for (int i = 0; i < 10010; ++i) message += "--a\r\n\r\nx\r\n";
    const Conversion result = convert("in-type=image; delete=1\n", message + "--a--\r\n");
    EXPECT_EQ(result.directive(), Directive::force_hold);
    EXPECT_EQ(result.text().substr(0, 5), "mime:");
    EXPECT_EQ(convert("", message).directive(), Directive::none);
}

TEST_F(ConverterTest, CommandIsShownWithoutBeingRun) {
    const Conversion result = convert(
        "in-type=text; command=\"run 'INPUT_FILE' 'INPUT_TYPE'\"\n", "Subject: x\r\n\r\nhello\r\n"
    );
    ASSERT_EQ(result.records().size(), 1U);
    EXPECT_EQ(result.records()[0].shell_text, "run \"${INPUT_FILE}\" \"${INPUT_TYPE}\"");
    EXPECT_FALSE(result.records()[0].report);
    EXPECT_TRUE(result.is_unchanged());
}

TEST(Job, MayRunTheProgramThatTheCommandNames) {
    config::ConversionOptions options;
    options.command_read = {"/srv/data"};
    options.command_memory = 2;
    const auto job = job_for(options, " /opt/scan/x.sh -a \"${INPUT_FILE}\"", "/d", {{"A", "b"}});
    EXPECT_EQ(job.readable, (std::vector<std::string>{"/srv/data", "/opt/scan/x.sh"}));
    EXPECT_EQ(job.limits.memory, 2UL << 20U);
    EXPECT_EQ(job_for({}, "cat /etc/x", "/d", {}).readable, std::vector<std::string>{});
}

struct EncodingRow {
    const char* content;
    const char* type;
    message::TransferEncoding before;
    const char* wanted;  ///< OUT-ENCODING
    bool text_mode;
    message::TransferEncoding expected;
};
class Encodings : public testing::TestWithParam<EncodingRow> {};
TEST_P(Encodings, FitTheContent) {
    const EncodingRow& row = GetParam();
    TextSource content(row.content);
    message::MimePart part;
    part.encoding = row.before;
    conversion::Labels labels;
    labels.type = row.type;
    labels.text_mode = row.text_mode;
    if (*row.wanted != '\0') labels.encoding = row.wanted;
    std::string complaint;
    EXPECT_EQ(choose_encoding(content, part, labels, complaint).value(), row.expected)
        << row.content;
}
using E = message::TransferEncoding;
INSTANTIATE_TEST_SUITE_P(
    All,
    Encodings,
    testing::Values(
        EncodingRow{"a\r\n", "text", E::seven_bit, "", false, E::seven_bit},
        EncodingRow{"a\n", "text", E::seven_bit, "", true, E::seven_bit},
        EncodingRow{"\xc3\xbc\r\n", "text", E::eight_bit, "", false, E::eight_bit},
        EncodingRow{
            "mostly readable \xc3\xbc\r\n", "text", E::seven_bit, "", false, E::quoted_printable},
        EncodingRow{"abc", "application", E::base64, "", false, E::base64},
        EncodingRow{
            "abc", "application", E::base64, "quoted-printable", false, E::quoted_printable},
        EncodingRow{"\xc3\xbc", "text", E::base64, "7bit", true, E::base64},
        EncodingRow{
            "From: x\r\n\r\n\xc3\xbc", "message", E::seven_bit, "base64", false, E::eight_bit}
    )
);

}  // namespace
}  // namespace sluice::converter
