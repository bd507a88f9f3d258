#include "channels/tcp_smtp/server/transaction.h"

#include <gtest/gtest.h>

namespace sluice::smtp_server {
namespace {

smtp::RcptCommand rcpt(std::string path, smtp::Notify notify = {}, std::string orcpt = {}) {
    smtp::RcptCommand command;
    command.path = std::move(path);
    command.notify = notify;
    command.orcpt = std::move(orcpt);
    return command;
}

policy::RecipientDecision to(std::string channel, std::string address, std::string rewritten = {}) {
    policy::RecipientDecision decision;
    policy::Destination destination;
    destination.channel = std::move(channel);
    destination.address = std::move(address);
    decision.destinations.push_back(std::move(destination));
    decision.rewritten = std::move(rewritten);
    return decision;
}

Transaction from(std::string sender, smtp::MailCommand mail = {}) {
    policy::SenderDecision decision;
    decision.address = std::move(sender);
    return {std::move(mail), decision};
}

TEST(NotifyFlags, AreThoseOfTheQueueFile) {
    using smtp::Ret;
    EXPECT_EQ(notify_flags(rcpt("a@b"), Ret::unspecified), 20U);
    EXPECT_EQ(notify_flags(rcpt("a@b", {}, "rfc822;x@y"), Ret::unspecified), 276U);
    EXPECT_EQ(notify_flags(rcpt("a@b", {.never = true}), Ret::unspecified), 256U + 32);
    EXPECT_EQ(notify_flags(rcpt("a@b", {.success = true}), Ret::full), 256U + 8);
    EXPECT_EQ(
        notify_flags(rcpt("a@b", {.success = true, .failure = true, .delay = true}), Ret::headers),
        256U + 8 + 4 + 16 + 1
    );
}

TEST(OriginalRecipient, IsDecoded) {
    const auto original = original_recipient(rcpt("a@b", {}, "rfc822;x+2By@z"));
    ASSERT_TRUE(original);
    EXPECT_EQ(original->to_string(), "rfc822;x+y@z");
    EXPECT_FALSE(original_recipient(rcpt("a@b")));
}

TEST(Transaction, KeepsEnvelopeAndDsnParameters) {
    smtp::MailCommand mail;
    mail.envid = "QQ+2B1";
    mail.ret = smtp::Ret::headers;
    mail.body = smtp::Body::eight_bit_mime;
    Transaction transaction = from("harold@varrius.com", mail);
    transaction.add(rcpt("adam@sesta.com"), to("l", "adam", "adam@sesta.com"));
    const auto submission = transaction.submission(std::nullopt);
    EXPECT_EQ(submission.sender, "harold@varrius.com");
    EXPECT_EQ(submission.envelope_id, "QQ+1");
    EXPECT_EQ(submission.ret, queue::ReturnContent::headers);
    EXPECT_EQ(submission.features, std::vector<std::string>{"8BITMIME"});
    ASSERT_EQ(submission.recipients.size(), 1U);
    EXPECT_EQ(submission.recipients[0].original, "adam@sesta.com");
    EXPECT_EQ(submission.recipients[0].destination.address, "adam");
    EXPECT_TRUE(submission.extra_header.empty());
}

TEST(Transaction, GivesOnePersonOneCopy) {
    Transaction transaction = from("a@b");
    transaction.add(rcpt("adam@sesta.com"), to("l", "adam"));
    transaction.add(rcpt("adam@mail.sesta.com"), to("l", "adam"));
    transaction.add(rcpt("adam@elsewhere.com"), to("tcp_local", "adam"));
    EXPECT_EQ(transaction.recipients().size(), 2U);
    EXPECT_EQ(transaction.accepted().size(), 3U);
    EXPECT_EQ(transaction.recipients()[0].original, "adam@sesta.com");
}

TEST(Transaction, NamesWithoutAHostGetOneForNotifications) {
    Transaction transaction = from("a@b");
    transaction.add(rcpt("postmaster"), to("l", "postmaster", "postmaster@sesta.com"));
    EXPECT_EQ(transaction.recipients()[0].original, "postmaster@sesta.com");
    transaction.add(rcpt("x@y", {}, "rfc822;old@z"), to("tcp_local", "x@y"));
    EXPECT_EQ(transaction.recipients()[1].original, "old@z");
}

TEST(Transaction, CollectsWhatAccessTablesAskFor) {
    Transaction transaction = from("a@b");
    access::Verdict verdict;
    verdict.delay = access::Delay{std::chrono::seconds(2), true};
    verdict.limits.recipients = 10;
    transaction.take_effects(verdict);
    verdict.delay = access::Delay{std::chrono::seconds(9), false};
    verdict.limits.recipients = 20;
    transaction.take_effects(verdict);
    EXPECT_EQ(transaction.delay(), std::chrono::seconds(2));
    EXPECT_EQ(transaction.limits().recipients, 10U);
}

TEST(Transaction, ChangesOfTheMessageAreThoseOfAllAcceptedAddresses) {
    policy::SenderDecision sender;
    sender.address = "a@b";
    sender.effects.header_edits = {{message::HeaderEdit::Kind::add, "X-Seen", "yes"}};
    sender.effects.conversion_tags = {"slow"};
    sender.effects.no_vacation = true;
    Transaction transaction({}, sender);
    auto recipient = to("l", "c");
    recipient.effects.header_edits = {
        {message::HeaderEdit::Kind::add, "X-Seen", "yes"},
        {message::HeaderEdit::Kind::tag_subject, "", "[c]"}};
    transaction.add(rcpt("c@d"), recipient);
    const auto submission = transaction.submission(std::nullopt);
    EXPECT_EQ(submission.header_edits, recipient.effects.header_edits);
    EXPECT_EQ(submission.conversion_tags, std::vector<std::string>{"slow"});
    EXPECT_EQ(submission.features, std::vector<std::string>{"NOVACATION"});
}

TEST(Transaction, HoldsWithTooManyRecipients) {
    Transaction transaction = from("a@b");
    transaction.add(rcpt("c@d"), to("l", "c"));
    transaction.add(rcpt("e@d"), to("l", "e"));
    EXPECT_EQ(transaction.submission(2).recipients[0].destination.hold_reason, "");
    EXPECT_EQ(transaction.submission(1).recipients[1].destination.hold_reason, "holdlimit");
}

TEST(Transaction, DiscardForAllGoesToTheBitbucket) {
    Transaction transaction = from("a@b");
    transaction.add(rcpt("c@d"), to("l", "c"));
    EXPECT_EQ(transaction.submission({}).recipients[0].destination.channel, "l");
    auto recipient = to("l", "e");
    recipient.effects.discard_all = true;
    transaction.add(rcpt("e@d"), recipient);
    const auto submission = transaction.submission({});
    for (const auto& each : submission.recipients) EXPECT_EQ(each.destination.channel, "bitbucket");
}

TEST(Transaction, HoldOfTheSenderHoldsAll) {
    policy::SenderDecision sender;
    sender.effects.hold_all = true;
    Transaction transaction({}, sender);
    transaction.add(rcpt("c@d"), to("l", "c"));
    EXPECT_EQ(transaction.submission({}).recipients[0].destination.hold_reason, "mapping");
}

TEST(Transaction, FilterRemovesWhatOnlyItsRecipientsLedTo) {
    Transaction transaction = from("s@outside.test");
    transaction.add(rcpt("adam@sesta.com"), to("l", "adam"));
    transaction.add(rcpt("alias@sesta.com"), to("l", "adam"));
    transaction.add(rcpt("eve@sesta.com"), to("l", "eve"));
    EXPECT_TRUE(transaction.remove({"alias@SESTA.com", "eve@sesta.com"}));
    ASSERT_EQ(transaction.recipients().size(), 1U) << "adam was asked for by his own name too";
    EXPECT_EQ(transaction.recipients()[0].destination.address, "adam");
}

TEST(Transaction, FilterCannotRemoveEverybody) {
    Transaction transaction = from("s@outside.test");
    transaction.add(rcpt("adam@sesta.com"), to("l", "adam"));
    EXPECT_FALSE(transaction.remove({"adam@sesta.com"}));
    EXPECT_EQ(transaction.recipients().size(), 1U);
}

TEST(Transaction, FilterChangesTheSender) {
    Transaction transaction = from("s@outside.test");
    policy::SenderDecision decision;
    decision.address = "rewritten@sesta.com";
    decision.completed = "new@sesta.com";
    transaction.change_sender(decision);
    EXPECT_EQ(transaction.sender(), "rewritten@sesta.com");
    EXPECT_EQ(transaction.completed_sender(), "new@sesta.com");
}

}  // namespace
}  // namespace sluice::smtp_server
