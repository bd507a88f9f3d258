#include "access/message_effects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::access {
namespace {

using Kind = message::HeaderEdit::Kind;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(MessageEffects, HeaderLinesAndTagsOfAllTablesGatherOnce) {
    MessageEffects effects;
    Verdict verdict;
    verdict.headers = {"X-Seen: yes", "no header at all"};
    verdict.subject_tags = {"[list]", ""};
    effects.take_sender(verdict, false);
    effects.take_recipient(verdict);
    verdict.headers = {"X-Seen: twice"};
    effects.take_recipient(verdict);
    EXPECT_THAT(
        effects.header_edits, ElementsAre(
                                  message::HeaderEdit{Kind::add, "X-Seen", "yes"},
                                  message::HeaderEdit{Kind::tag_subject, "", "[list]"},
                                  message::HeaderEdit{Kind::add, "X-Seen", "twice"}
                              )
    );
}

TEST(MessageEffects, RefusedAddressChangesNothing) {
    MessageEffects effects;
    Verdict verdict;
    verdict.decision = Verdict::Decision::refuse;
    verdict.headers = {"X-Seen: yes"};
    verdict.subject_tags = {"[list]"};
    verdict.conversion_tags = {"slow"};
    effects.take_sender(verdict, true);
    effects.take_recipient(verdict);
    EXPECT_THAT(effects.header_edits, IsEmpty());
    EXPECT_THAT(effects.conversion_tags, IsEmpty());
}

TEST(MessageEffects, SenderIsSetWhereTheChannelAllows) {
    Verdict verdict;
    verdict.new_sender = "amy@example.com";
    MessageEffects refused;
    refused.take_sender(verdict, false);
    EXPECT_THAT(refused.header_edits, IsEmpty());
    MessageEffects allowed;
    allowed.take_sender(verdict, true);
    EXPECT_THAT(
        allowed.header_edits,
        ElementsAre(message::HeaderEdit{Kind::replace, "Sender", "amy@example.com"})
    );
}

TEST(MessageEffects, SenderTableActsOnTheWholeMessage) {
    Verdict verdict;
    verdict.hold = verdict.bitbucket = verdict.no_vacation = true;
    verdict.conversion_tags = {"slow"};
    MessageEffects effects;
    effects.take_sender(verdict, false);
    EXPECT_TRUE(effects.hold_all);
    EXPECT_TRUE(effects.discard_all);
    EXPECT_TRUE(effects.no_vacation);
    EXPECT_THAT(effects.conversion_tags, ElementsAre("slow"));
}

TEST(MessageEffects, RecipientTablesActOnAllByDiscardAndJettisonOnly) {
    Verdict verdict;
    verdict.hold = verdict.bitbucket = true;
    verdict.conversion_tags = {"slow"};
    MessageEffects effects;
    effects.take_recipient(verdict);
    EXPECT_FALSE(effects.hold_all);
    EXPECT_FALSE(effects.discard_all);
    EXPECT_THAT(effects.conversion_tags, IsEmpty());
    verdict.jettison = true;
    effects.take_recipient(verdict);
    EXPECT_TRUE(effects.discard_all);
}

}  // namespace
}  // namespace sluice::access
