#include "alias/list_effects.h"

#include <gtest/gtest.h>

namespace sluice::alias {
namespace {

TEST(ListEffects, InnerListDecidesAboutTheEnvelopeAndAddsToTheRest) {
    MailingList outer;
    outer.envelope_from = "outer@x";
    outer.conversion_tags = {"a", "b"};
    outer.block_limit = 10;
    MailingList inner;
    inner.envelope_from = "inner@x";
    inner.conversion_tags = {"b", "c"};
    inner.block_limit = 20;
    inner.reports_delay = false;
    const message::HeaderEdits one = {{message::HeaderEdit::Kind::add, "X-One", "1"}};
    const message::HeaderEdits two = {{message::HeaderEdit::Kind::add, "X-Two", "2"}};
    const ListEffects effects = with_list(
        with_list({}, outer, one, {"op", "os"}, 1024, true), inner, two, {"ip\n", "is\n"}, 1024,
        true
    );
    EXPECT_EQ(effects.envelope_from, "inner@x");
    EXPECT_TRUE(effects.is_list_copy);
    EXPECT_FALSE(effects.reports_delay);
    EXPECT_EQ(effects.conversion_tags, (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(effects.size_limit, 10U * 1024U);
    EXPECT_EQ(effects.header_edits.size(), 2U);
    ASSERT_NE(effects.body_text, nullptr);
    EXPECT_EQ(effects.body_text->prefix, "ip\nop");
    EXPECT_EQ(effects.body_text->suffix, "os\nis\n");
}

TEST(ListEffects, AliasWithParametersIsNoRedistribution) {
    MailingList list;
    list.conversion_tags = {"a"};
    const ListEffects effects = with_list({}, list, {}, {}, 1024, true);
    EXPECT_FALSE(effects.is_list_copy);
    EXPECT_FALSE(effects.envelope_from);
    EXPECT_FALSE(effects.size_limit);
}

TEST(ListEffects, SlashAndTheNullReversePathKeepTheSender) {
    MailingList list;
    list.envelope_from = "/";
    EXPECT_FALSE(with_list({}, list, {}, {}, 1024, true).envelope_from);
    EXPECT_TRUE(with_list({}, list, {}, {}, 1024, true).is_list_copy);
    list.envelope_from = "owner@x";
    EXPECT_FALSE(with_list({}, list, {}, {}, 1024, false).envelope_from);
}

}  // namespace
}  // namespace sluice::alias
