#include "notify/texts.h"

#include <gtest/gtest.h>

#include "config/notice_templates.h"
#include "message/charset.h"
#include "notify/delivery_status.h"
#include "notify/templates.h"

namespace sluice::notify {
namespace {

struct TemplateCase {
    const char* text;
    unsigned queued;
    QueueUnit unit;
    const char* result;
};
class Template : public testing::TestWithParam<TemplateCase> {};
TEST_P(Template, IsExpanded) {
    Substitutions values;
    values.queued = GetParam().queued;
    values.left = 1;
    values.total = 12;
    values.unit = GetParam().unit;
    values.header = "Subject: x\n";
    values.recipients = "a@b";
    EXPECT_EQ(TemplateExpander(values).expand(GetParam().text), GetParam().result);
}
constexpr auto days = QueueUnit::days;
constexpr auto hours = QueueUnit::hours;
INSTANTIATE_TEST_SUITE_P(
    Texts,
    Template,
    testing::Values(
        TemplateCase{"%C %u%s", 0, days, "0 days"},
        TemplateCase{"%C %u%s", 1, days, "1 day"},
        TemplateCase{"%C %u%s", 2, days, "2 days"},
        TemplateCase{"%C %U%S", 2, hours, "2 HourS"},
        TemplateCase{"%C %u%s, %L %u%s, %F %u%s", 2, hours, "2 hours, 1 hour, 12 hours"},
        TemplateCase{"[%H|%R]", 0, days, "[Subject: x\n|a@b]"},
        TemplateCase{"100%% %x %", 0, days, "100% %x %"},
        TemplateCase{"%C day%s, %L more, day%s", 2, days, "2 days, 1 more, day"},
        TemplateCase{"day%s", 0, days, "days"},
        TemplateCase{"", 0, days, ""}
    )
);

TEST(TemplateExpander, PluralOfANumberGoesOnInTheNextText) {
    Substitutions values;
    values.left = 1;
    TemplateExpander expander(values);
    EXPECT_EQ(expander.expand("%L"), "1");
    EXPECT_EQ(expander.expand("unit%s"), "unit");
}

TEST(TemplateExpander, UnitMayBeNamedByTheOptionFile) {
    Substitutions values;
    values.unit_name = "Tagen";
    EXPECT_EQ(TemplateExpander(values).expand("%U %u"), "Tagen Tagen");
}

Notice one_failure() {
    Notice notice;
    notice.original.arrival = WallTime(std::chrono::seconds(885242944));
    NoticeRecipient recipient;
    recipient.final_address = "user@very.bogus.com";
    recipient.status = StatusCode{5, 1, 1};
    recipient.reason = "no such user";
    notice.recipients.push_back(recipient);
    return notice;
}

NoticeText text_with(
    const config::NoticeTemplates& templates, const Notice& notice, std::string_view header = {}
) {
    NoticeSettings settings;
    settings.templates = &templates;
    return notice_text(notice, settings, TimeZone(), header);
}

config::NoticeTemplates simple_templates() {
    config::NoticeTemplates templates;
    templates.prefix = "Prefix\n";
    templates.middles["failed"] = "Failed:\n%R";
    templates.suffix = "Suffix\n";
    return templates;
}

TEST(NoticeText, IsPrefixMiddleAndSuffix) {
    const NoticeText text = text_with(simple_templates(), one_failure());
    EXPECT_EQ(
        text.text,
        "Prefix\n\nFailed:\n  Recipient address: user@very.bogus.com\n  Reason: no such user\n"
        "Suffix\n"
    );
    EXPECT_EQ(text.charset, "us-ascii");
}

TEST(NoticeText, LabelsAreThoseOfTheOptionFile) {
    config::NoticeTemplates templates = simple_templates();
    templates.labels.recipient_address = "To whom:";
    templates.labels.reason = "";  // no such line
    templates.status_texts["5.1.1"] = "Check the spelling.";
    templates.status_texts["5.1.2"] = "Never shown.";
    EXPECT_EQ(
        text_with(templates, one_failure()).text,
        "Prefix\n\nFailed:\n  To whom: user@very.bogus.com\n  Check the spelling.\nSuffix\n"
    );
}

TEST(NoticeText, StaysInTheCharsetOfTheTemplates) {
    config::NoticeTemplates templates = simple_templates();
    templates.charset = "iso-8859-1";
    templates.prefix = "Gr\xFC\xDF e\n";
    Notice notice = one_failure();
    notice.recipients[0].reason = "f\xC3\xBCr nichts";
    const NoticeText text = text_with(templates, notice);
    EXPECT_EQ(text.charset, "iso-8859-1");
    EXPECT_TRUE(text.text.starts_with("Gr\xFC\xDF e\n"));
    EXPECT_NE(text.text.find("f\xFCr nichts"), std::string::npos);
}

TEST(NoticeText, BecomesUtf8WhereTheCharsetLacksCharacters) {
    config::NoticeTemplates templates = simple_templates();
    templates.charset = "iso-8859-1";
    templates.prefix = "Gr\xFC\xDF e\n";
    Notice notice = one_failure();
    notice.recipients[0].final_address = "\xE7\x94\xA8\xE6\x88\xB7@example.com";
    const NoticeText text = text_with(templates, notice);
    EXPECT_EQ(text.charset, "utf-8");
    EXPECT_TRUE(text.text.starts_with("Gr\xC3\xBC\xC3\x9F e\n"));
    EXPECT_NE(text.text.find("\xE7\x94\xA8"), std::string::npos);
}

// Double-byte texts double an octet that looks like a percent sign.
TEST(NoticeText, DoubledPercentSignsOfDoubleByteTextsAreOneOctet) {
    const std::string wanted = "\xE6\xA9\x9F\n";  // its ISO-2022-JP has the octets "5!"
    config::NoticeTemplates templates = simple_templates();
    templates.charset = "iso-2022-jp";
    std::string octets = message::from_utf8("iso-2022-jp", "\xE3\x82\xA2\n");  // octets "%\""
    ASSERT_NE(octets.find('%'), std::string::npos);
    octets.insert(octets.find('%'), "%");
    templates.prefix = octets + message::from_utf8("iso-2022-jp", wanted);
    const NoticeText text = text_with(templates, one_failure());
    EXPECT_EQ(text.charset, "iso-2022-jp");
    const auto readable = message::to_utf8("iso-2022-jp", text.text);
    ASSERT_TRUE(readable);
    EXPECT_TRUE(readable->starts_with("\xE3\x82\xA2\n" + wanted));
}

TEST(NoticeText, ExpandedUsesTheForwardedTextWhereItHasNone) {
    config::NoticeTemplates templates = simple_templates();
    templates.middles["forwarded"] = "Passed on:\n%R";
    Notice notice = one_failure();
    notice.kind = NoticeKind::expanded;
    EXPECT_NE(text_with(templates, notice).text.find("Passed on:"), std::string::npos);
}

constexpr std::string_view header =
    "Received: from a by b\r\n"
    "From: =?utf-8?Q?J=C3=BCrgen?= <j@example.com>\r\n"
    "Subject: =?iso-8859-1?Q?Gr=FC=DFe?= an\r\n =?utf-8?Q?J=C3=BCrgen?=\r\n"
    "Date: Mon, 19 Jan 1998 19:16:49 -0800\r\n";

struct HeaderCase {
    HeaderDecoding decoding;
    const char* charset;
    const char* from;
    const char* subject;
};
class ShownHeader : public testing::TestWithParam<HeaderCase> {};
TEST_P(ShownHeader, DecodesAsAsked) {
    const std::string shown = shown_header(
        header, config::builtin_notice_templates().shown_header, GetParam().decoding,
        GetParam().charset
    );
    EXPECT_EQ(
        shown, std::string("Date: Mon, 19 Jan 1998 19:16:49 -0800\nFrom: ") + GetParam().from +
                   " <j@example.com>\nSubject: " + GetParam().subject + '\n'
    );
}
INSTANTIATE_TEST_SUITE_P(
    Charsets,
    ShownHeader,
    testing::Values(
        HeaderCase{
            HeaderDecoding::same_charset, "utf-8", "J\xC3\xBCrgen",
            "=?iso-8859-1?Q?Gr=FC=DFe?= an J\xC3\xBCrgen"},
        HeaderCase{
            HeaderDecoding::same_charset, "us-ascii",
            "=?utf-8?Q?J=C3=BCrgen?=", "=?iso-8859-1?Q?Gr=FC=DFe?= an =?utf-8?Q?J=C3=BCrgen?="},
        HeaderCase{
            HeaderDecoding::same_charset, "ISO-8859-1", "=?utf-8?Q?J=C3=BCrgen?=",
            "Gr\xC3\xBC\xC3\x9F"
            "e an =?utf-8?Q?J=C3=BCrgen?="},
        HeaderCase{
            HeaderDecoding::all, "us-ascii", "J\xC3\xBCrgen",
            "Gr\xC3\xBC\xC3\x9F"
            "e an J\xC3\xBCrgen"},
        HeaderCase{
            HeaderDecoding::never, "utf-8",
            "=?utf-8?Q?J=C3=BCrgen?=", "=?iso-8859-1?Q?Gr=FC=DFe?= an =?utf-8?Q?J=C3=BCrgen?="}
    )
);

TEST(ShownHeader, SurvivesBrokenEncodedWords) {
    for (const char* value :
         {"=?", "=?utf-8", "=?utf-8?Q", "=?utf-8?Q?x", "=?utf-8?Q?=", "=?=?=?="}) {
        const std::string shown = shown_header(
            "Subject: " + std::string(value) + "\r\n", {}, HeaderDecoding::same_charset, "utf-8"
        );
        EXPECT_EQ(shown, "Subject: " + std::string(value) + '\n');
    }
}

TEST(CleanText, KeepsUtf8AndNothingElseBeyondAscii) {
    EXPECT_EQ(
        clean_text("gr\xC3\xBC\xC3\x9F\x65 \xE2\x82\xAC \xF0\x9F\x98\x80"),
        "gr\xC3\xBC\xC3\x9F\x65 \xE2\x82\xAC \xF0\x9F\x98\x80"
    );
    EXPECT_EQ(
        clean_text("\xFF\xC3\x28 \xC3"),
        "?"
        "?( ?"
    );
    EXPECT_EQ(clean_text("a\r\nb\x1b[2J\x7f"), "a  b [2J");
    EXPECT_EQ(clean_text(std::string(5000, 'x')).size(), 2000U);
}

struct ReplyCase {
    const char* reply;
    const char* status;
};
class ReplyStatus : public testing::TestWithParam<ReplyCase> {};
TEST_P(ReplyStatus, IsReadBehindTheCode) {
    const auto status = status_of_reply(GetParam().reply);
    EXPECT_EQ(status ? status->to_string() : "none", GetParam().status);
}
INSTANTIATE_TEST_SUITE_P(
    Replies,
    ReplyStatus,
    testing::Values(
        ReplyCase{"550 5.1.1 no", "5.1.1"},
        ReplyCase{"550-5.7.26 no\r\n550 5.7.26 really", "5.7.26"},
        ReplyCase{"250 2.1.5", "2.1.5"},
        ReplyCase{"450 4.2.2\r\n", "4.2.2"},
        ReplyCase{"550 4.1.1 contradicts", "none"},
        ReplyCase{"550 no", "none"},
        ReplyCase{"550 5.1 no", "none"},
        ReplyCase{"550 5.1.1.1 no", "none"},
        ReplyCase{"550 5.1.1000 no", "none"},
        ReplyCase{"550 5..1 nono", "none"},
        ReplyCase{"", "none"}
    )
);

}  // namespace
}  // namespace sluice::notify
