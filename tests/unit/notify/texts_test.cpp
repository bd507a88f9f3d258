#include "notify/texts.h"

#include <gtest/gtest.h>

#include "notify/delivery_status.h"

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
    EXPECT_EQ(expand_template(GetParam().text, values), GetParam().result);
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
        TemplateCase{"", 0, days, ""}
    )
);

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
