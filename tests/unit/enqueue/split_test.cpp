#include "enqueue/split.h"

#include <gtest/gtest.h>

#include "support/site.h"

namespace sluice::enqueue {
namespace {

SubmittedRecipient to(const char* channel, const char* address, const char* host = "") {
    SubmittedRecipient recipient;
    recipient.destination.channel = channel;
    recipient.destination.address = address;
    recipient.destination.host = host;
    return recipient;
}

std::vector<std::vector<std::size_t>> split_of(
    const std::vector<SubmittedRecipient>& recipients, const std::string& keywords
) {
    const auto site = test::make_site(
        {{"imta.cnf",
          ". $U%$H@tcp_x-daemon\n\nl\nmail.example.com\n\ntcp_x " + keywords + "\ntcp_x-daemon\n"}}
    );
    std::vector<std::vector<std::size_t>> out;
    for (const Copy& copy : split(recipients, site->imta.channels)) out.push_back(copy.recipients);
    return out;
}

using Indexes = std::vector<std::vector<std::size_t>>;

// The outbound-connection example of the logging chapter: two recipients on one host, one on
// another.
TEST(Split, SingleSysMakesAFileForEachHost) {
    const std::vector<SubmittedRecipient> recipients{
        to("tcp_x", "bobby@hosta.sesta.com", "hosta.sesta.com"),
        to("tcp_x", "dave@hostb.sesta.com", "hostb.sesta.com"),
        to("tcp_x", "carl@HOSTA.sesta.com", "HOSTA.sesta.com")};
    EXPECT_EQ(split_of(recipients, "smtp single_sys"), (Indexes{{0, 2}, {1}}));
}

TEST(Split, SingleMakesAFileForEachRecipient) {
    const std::vector<SubmittedRecipient> recipients{
        to("tcp_x", "a@h", "h"), to("tcp_x", "b@h", "h")};
    EXPECT_EQ(split_of(recipients, "smtp single"), (Indexes{{0}, {1}}));
}

TEST(Split, ChannelsNeverShareAFile) {
    const std::vector<SubmittedRecipient> recipients{
        to("l", "a"), to("tcp_x", "b@h", "h"), to("l", "c")};
    EXPECT_EQ(split_of(recipients, "smtp multiple"), (Indexes{{0, 2}, {1}}));
}

TEST(Split, SmtpFilesHoldNinetyNineRecipientsUnlessTold) {
    const std::vector<SubmittedRecipient> recipients(250, to("tcp_x", "a@h", "h"));
    const auto by_default = split_of(recipients, "smtp multiple");
    ASSERT_EQ(by_default.size(), 3U);
    EXPECT_EQ(by_default[0].size(), 99U);
    EXPECT_EQ(by_default[2].size(), 52U);
    EXPECT_EQ(split_of(recipients, "smtp multiple addrsperfile 125").size(), 2U);
}

TEST(Split, HeldRecipientsAreKeptApart) {
    std::vector<SubmittedRecipient> recipients{to("l", "a"), to("l", "b")};
    recipients[1].destination.hold_reason = "mapping";
    EXPECT_EQ(split_of(recipients, "smtp"), (Indexes{{0}, {1}}));
}

// A queue file of a conversion channel goes to one channel afterwards.
TEST(Split, RecipientsForDifferentChannelsBehindAConversionAreKeptApart) {
    std::vector<SubmittedRecipient> recipients(3, to("tcp_x", "a@h"));
    recipients[0].destination.onward = channel::Onward{"l", "a", ""};
    recipients[1].destination.onward = channel::Onward{"tcp_y", "a@h", "h"};
    recipients[2].destination.onward = channel::Onward{"l", "b", ""};
    EXPECT_EQ(split_of(recipients, "smtp"), (Indexes{{0, 2}, {1}}));
}

TEST(Split, RecipientsWithTheirOwnShapeGetTheirOwnCopy) {
    std::vector<SubmittedRecipient> recipients(5, to("tcp_x", "a@h", "h"));
    recipients[1].destination.envelope_from = "list-owner@example.com";
    recipients[2].destination.envelope_from = "list-owner@example.com";
    recipients[3].destination.header_edits = {
        {message::HeaderEdit::Kind::add, "Precedence", "list"}};
    recipients[4].destination.conversion_tags = {"outside"};
    EXPECT_EQ(split_of(recipients, "smtp multiple"), (Indexes{{0}, {1, 2}, {3}, {4}}));
}

}  // namespace
}  // namespace sluice::enqueue
