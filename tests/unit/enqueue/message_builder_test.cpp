#include "enqueue/message_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/file.h"
#include "converter/reformatter.h"
#include "message/header_field.h"
#include "message/partial.h"
#include "queue/message_file.h"
#include "queue/scan.h"
#include "support/site.h"

namespace sluice::enqueue {
namespace {

class MessageBuilderTest : public testing::Test {
protected:
    MessageBuilderTest() : site_(test::make_site()) {
        char name[] = "/tmp/sluice-enqueue-XXXXXX";
        directory_ = ::mkdtemp(name);
        std::filesystem::create_directory(directory_ + "/queue");
        std::filesystem::permissions(directory_ + "/queue", std::filesystem::perms::owner_all);
        store_ = std::move(queue::Store::open(directory_ + "/queue").value());
        log::LogSettings settings;
        settings.message_log = directory_ + "/mail.log_current";
        settings.connection_log = directory_ + "/connection.log_current";
        settings.lock_file = directory_ + "/lock";
        settings.options.filename = true;
        settings.options.message_id = true;
        log_ = std::make_unique<log::TransactionLog>(settings);
        options_ = settings.options;
        jobs::EnqueueNotifier::Options nobody;
        nobody.socket_path = directory_ + "/no-such-socket";
        nobody.flush_at_end = std::chrono::milliseconds(0);
        notifier_ = std::make_unique<jobs::EnqueueNotifier>(nobody);
        shared_ = std::make_unique<Site>(Site{*store_, *log_, *notifier_, TimeZone()});
        limits_.local_host = "mail.example.com";
        limits_.local_names = {"mail.example.com"};
    }
    ~MessageBuilderTest() override { std::filesystem::remove_all(directory_); }

    static SubmittedRecipient to(const char* channel, const char* address, const char* host = "") {
        SubmittedRecipient recipient;
        recipient.destination.channel = channel;
        recipient.destination.address = address;
        recipient.destination.host = host;
        recipient.original = std::string(address) + "@presented";
        return recipient;
    }
    Submission submission(std::vector<SubmittedRecipient> recipients) const {
        Submission s;
        s.source_channel = "tcp_local";
        s.source_host = "tcp_local-daemon";
        s.sender = "amy@siroe.edu";
        s.owner = "mail";
        s.recipients = std::move(recipients);
        return s;
    }
    MessageBuilder builder(Submission s) {
        return MessageBuilder(*shared_, site_->imta.channels, limits_, std::move(s), options_);
    }
    static std::string looping_header() {
        std::string header;
        for (int i = 0; i < 51; ++i) header += "Received: from a by b; date\r\n";
        return header;
    }
    /// Where the one file is that is made of it.
    queue::MessageLocation queued_loop(Submission s) {
        const auto before = queued();
        auto b = builder(std::move(s));
        EXPECT_TRUE(b.append(looping_header() + "\r\nbody\r\n"));
        auto prepared = b.finish();
        EXPECT_TRUE(prepared);
        EXPECT_TRUE(std::move(*prepared).commit(*shared_));
        std::vector<queue::MessageLocation> made;
        for (const auto& location : queued()) {
            const bool old = std::any_of(before.begin(), before.end(), [&](const auto& one) {
                return one.name.unique == location.name.unique;
            });
            if (!old) made.push_back(location);
        }
        EXPECT_EQ(made.size(), 1U);
        return made.at(0);
    }
    std::vector<queue::MessageLocation> queued() {
        std::vector<queue::MessageLocation> found;
        queue::ScanVisitor visitor;
        visitor.message = [&](const queue::ScannedMessage& message) {
            found.push_back(message.location());
        };
        EXPECT_TRUE(queue::scan_queue(*store_, visitor));
        return found;
    }
    std::string content_of(const queue::MessageLocation& location) {
        auto file = queue::MessageFile::open(*store_, location, queue::Access::own);
        EXPECT_TRUE(file);
        queue::WireReader reader(*file);
        std::string all;
        while (true) {
            const auto octets = reader.next();
            EXPECT_TRUE(octets);
            if (!octets || octets->empty()) return all;
            all += *octets;
        }
    }

    config::ConfigurationPtr site_;
    std::string directory_;
    std::unique_ptr<queue::Store> store_;
    std::unique_ptr<log::TransactionLog> log_;
    std::unique_ptr<jobs::EnqueueNotifier> notifier_;
    std::unique_ptr<Site> shared_;
    MessageLimits limits_;
    log::LogOptions options_;
};

constexpr std::string_view message =
    "Message-ID: <1@siroe.edu>\r\nPriority: urgent\r\n\r\nHello\r\n.dot\r\n";

TEST_F(MessageBuilderTest, NothingIsVisibleBeforeTheCommit) {
    auto b = builder(submission({to("l", "bert")}));
    ASSERT_TRUE(b.append(message));
    auto prepared = b.finish();
    ASSERT_TRUE(prepared);
    EXPECT_TRUE(queued().empty());
    ASSERT_TRUE(std::move(*prepared).commit(*shared_));
    EXPECT_EQ(queued().size(), 1U);
}

TEST_F(MessageBuilderTest, RecipientForAChannelThatDoesNotExistIsNotTakenSilently) {
    auto b = builder(submission({to("l", "bert"), to("no_such_channel", "ernie")}));
    const auto appended = b.append(message);
    ASSERT_FALSE(appended);
    EXPECT_FALSE(appended.error().is_permanent());
    EXPECT_FALSE(b.append("more"));
    EXPECT_FALSE(b.finish());
    EXPECT_TRUE(queued().empty());
}

TEST_F(MessageBuilderTest, MessageWithoutRecipientsIsNotTaken) {
    auto b = builder(submission({}));
    EXPECT_FALSE(b.finish());
}

TEST_F(MessageBuilderTest, ContentIsTheSameOctetsWhateverTheChunks) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, message.size()}) {
        auto b = builder(submission({to("l", "bert")}));
        for (std::size_t at = 0; at < message.size(); at += step)
            ASSERT_TRUE(b.append(message.substr(at, step)));
        auto prepared = b.finish();
        ASSERT_TRUE(prepared);
        EXPECT_EQ(prepared->facts().message_id, "<1@siroe.edu>");
        ASSERT_TRUE(std::move(*prepared).commit(*shared_));
    }
    const auto all = queued();
    ASSERT_EQ(all.size(), 3U);
    for (const auto& location : all) EXPECT_EQ(content_of(location), message);
}

TEST_F(MessageBuilderTest, EachChannelGetsItsCopyAndEachRecipientItsEntry) {
    auto b =
        builder(submission({to("l", "bert"), to("tcp_local", "carol@far.example", "far.example")}));
    ASSERT_TRUE(b.append(message));
    auto prepared = b.finish();
    ASSERT_TRUE(prepared);
    ASSERT_TRUE(std::move(*prepared).commit(*shared_));
    const auto all = queued();
    ASSERT_EQ(all.size(), 2U);
    auto file = queue::MessageFile::open(*store_, all[0], queue::Access::read);
    ASSERT_TRUE(file);
    EXPECT_EQ(file->envelope().priority, "urgent");
    EXPECT_EQ(file->envelope().message_id, "<1@siroe.edu>");
    EXPECT_NE(file->envelope().envelope_id.find("@mail.example.com"), std::string::npos);
    const std::string log = read_file(directory_ + "/mail.log_current").value();
    EXPECT_NE(
        log.find("tcp_local    l            E 1 amy@siroe.edu rfc822;bert@presented bert "),
        std::string::npos
    ) << log;
    EXPECT_NE(log.find("tcp_local    tcp_local    E 1 amy@siroe.edu"), std::string::npos) << log;
}

TEST_F(MessageBuilderTest, TraceLineCarriesTheIdAndTheOnlyRecipient) {
    auto s = submission({to("l", "bert")});
    message::ReceivedLine received;
    received.helo = "client.example";
    received.by = "mail.example.com";
    s.received = received;
    auto b = builder(std::move(s));
    ASSERT_TRUE(b.append(message));
    auto prepared = b.finish();
    ASSERT_TRUE(prepared);
    ASSERT_TRUE(std::move(*prepared).commit(*shared_));
    const std::string content = content_of(queued().at(0));
    EXPECT_TRUE(content.starts_with("Received: from client.example")) << content;
    EXPECT_NE(content.find("for <bert@presented>"), std::string::npos) << content;
    EXPECT_TRUE(content.ends_with(message));
}

TEST_F(MessageBuilderTest, TooManyTraceLinesMakeAHeldMessage) {
    for (const unsigned lines : {50U, 51U}) {
        auto b = builder(submission({to("l", "bert")}));
        for (unsigned i = 0; i < lines; ++i)
            ASSERT_TRUE(b.append("Received: from a by b; date\r\n"));
        ASSERT_TRUE(b.append("\r\nbody\r\n"));
        auto prepared = b.finish();
        ASSERT_TRUE(prepared);
        ASSERT_TRUE(std::move(*prepared).commit(*shared_));
    }
    unsigned held = 0;
    for (const auto& location : queued())
        held += location.name.state() == queue::MessageState::held ? 1 : 0;
    EXPECT_EQ(held, 1U);
}

TEST_F(MessageBuilderTest, LoopIsRefusedWhereAClientWaits) {
    limits_.loop_action = LoopAction::reject;
    auto s = submission({to("l", "bert")});
    s.from_client = true;
    auto b = builder(std::move(s));
    ASSERT_TRUE(b.append(looping_header()));
    const auto refused = b.append("\r\n");
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is_permanent());
    EXPECT_EQ(refused.error().status(), (StatusCode{5, 4, 6}));
    EXPECT_EQ(refused.error().text(), "loop: 51 Received lines, limit 50");
}

TEST_F(MessageBuilderTest, LoopIsHeldWhereNobodyCanBeRefused) {
    limits_.loop_action = LoopAction::reject;
    EXPECT_EQ(queued_loop(submission({to("l", "bert")})).channel, "l");
    auto bounce = submission({to("l", "bert")});
    bounce.from_client = true;
    bounce.sender.clear();
    EXPECT_EQ(queued_loop(std::move(bounce)).name.state(), queue::MessageState::held);
}

TEST_F(MessageBuilderTest, LoopIsReturnedAsSettledRecipients) {
    limits_.loop_action = LoopAction::return_to_sender;
    auto described =
        submission({to("l", "bert"), to("tcp_local", "bob@far.example", "far.example")});
    described.recipients[0].destination.hold_reason = "holdlimit: 3 recipients, limit 2";
    const auto location = queued_loop(std::move(described));
    EXPECT_EQ(location.channel, "reprocess");
    EXPECT_EQ(location.name.state(), queue::MessageState::eligible);
    auto file = queue::MessageFile::open(*store_, location, queue::Access::own);
    ASSERT_TRUE(file);
    ASSERT_EQ(file->envelope().recipients.size(), 2U);
    for (const auto& recipient : file->envelope().recipients) {
        ASSERT_TRUE(recipient.settled);
        EXPECT_EQ(recipient.settled->status, (StatusCode{5, 4, 6}));
        EXPECT_EQ(recipient.settled->text, "loop: 51 Received lines, limit 50");
    }
}

TEST_F(MessageBuilderTest, LoopOfABounceIsHeldAndNotReturned) {
    limits_.loop_action = LoopAction::return_to_sender;
    auto bounce = submission({to("l", "bert")});
    bounce.sender.clear();
    const auto location = queued_loop(std::move(bounce));
    EXPECT_EQ(location.channel, "l");
    EXPECT_EQ(location.name.state(), queue::MessageState::held);
}

TEST_F(MessageBuilderTest, AbandonedMessageLeavesNothing) {
    {
        auto b = builder(submission({to("l", "bert")}));
        ASSERT_TRUE(b.append(message));
    }
    EXPECT_TRUE(queued().empty());
    EXPECT_TRUE(std::filesystem::is_empty(directory_ + "/queue/l/tmp"));
}

TEST_F(MessageBuilderTest, EachCopyHasItsOwnSenderHeaderAndTags) {
    auto listed = to("tcp_local", "member@far.example", "far.example");
    listed.destination.envelope_from = "team-owner@example.com";
    listed.destination.header_edits = {{message::HeaderEdit::Kind::tag_subject, "", "[team]"}};
    listed.destination.conversion_tags = {"list"};
    auto described = submission({to("l", "bob"), listed});
    described.header_edits = {{message::HeaderEdit::Kind::add, "X-Seen", "yes"}};
    described.conversion_tags = {"outside"};
    auto making = builder(std::move(described));
    ASSERT_TRUE(making.append("Subject: plan\r\n\r\nSubject: body\r\n"));
    auto prepared = making.finish();
    ASSERT_TRUE(prepared) << prepared.error().detail();
    ASSERT_TRUE(std::move(*prepared).commit(*shared_));

    std::map<std::string, std::string> seen;
    for (const auto& location : queued()) {
        const std::string content = content_of(location);
        auto file = queue::MessageFile::open(*store_, location, queue::Access::own);
        ASSERT_TRUE(file);
        const queue::Envelope& envelope = file->envelope();
        std::string text = envelope.sender + " " + content;
        for (const std::string& tag : envelope.conversion_tags) text += "|" + tag;
        seen[location.channel] = text;
    }
    EXPECT_THAT(seen["l"], testing::HasSubstr("amy@siroe.edu "));
    EXPECT_THAT(
        seen["l"], testing::HasSubstr("Subject: plan\r\nX-Seen: yes\r\n\r\nSubject: body\r\n")
    );
    EXPECT_THAT(seen["l"], testing::EndsWith("|outside"));
    EXPECT_THAT(seen["tcp_local"], testing::StartsWith("team-owner@example.com "));
    EXPECT_THAT(
        seen["tcp_local"],
        testing::HasSubstr("Subject: [team] plan\r\nX-Seen: yes\r\n\r\nSubject: body\r\n")
    );
    EXPECT_THAT(seen["tcp_local"], testing::EndsWith("|outside|list"));
}

// RFC 3461 section 5.2.7: what the poster asked for ends at the list.
TEST_F(MessageBuilderTest, CopyOfAListIsATransmissionOfItsOwn) {
    auto member = to("l", "bert");
    member.notify = queue::notify_explicit | queue::notify_success;
    member.destination.intermediate = "bert@example.com";
    member.destination.is_list_copy = true;
    member.destination.list_reports_delay = false;
    member.destination.envelope_from = "owner@example.com";
    auto failed = member;
    failed.destination.channel = "reprocess";
    failed.destination.settled = StatusText{{5, 1, 1}, "unknown user"};
    Submission s = submission({member, failed, to("l", "ernie")});
    s.envelope_id = "of-the-poster";
    auto b = builder(std::move(s));
    ASSERT_TRUE(b.append(message));
    auto prepared = b.finish();
    ASSERT_TRUE(prepared);
    ASSERT_TRUE(std::move(*prepared).commit(*shared_));
    std::size_t list_copies = 0;
    for (const auto& location : queued()) {
        auto file = queue::MessageFile::open(*store_, location, queue::Access::own);
        ASSERT_TRUE(file);
        const queue::Envelope& envelope = file->envelope();
        ASSERT_EQ(envelope.recipients.size(), 1U);
        const queue::Recipient& recipient = envelope.recipients[0];
        if (envelope.sender == "amy@siroe.edu") {
            EXPECT_EQ(envelope.envelope_id, "of-the-poster");
            EXPECT_EQ(recipient.orcpt, "ernie@presented");
            continue;
        }
        ++list_copies;
        EXPECT_EQ(envelope.sender, "owner@example.com");
        EXPECT_NE(envelope.envelope_id, "of-the-poster");
        EXPECT_EQ(recipient.orcpt, "bert@example.com");
        EXPECT_EQ(recipient.notify_flags(), queue::notify_explicit | queue::notify_failure);
        EXPECT_EQ(recipient.settled.has_value(), location.channel == "reprocess");
    }
    EXPECT_EQ(list_copies, 2U);
}

TEST_F(MessageBuilderTest, LargeMessageIsQueuedToTheAlternateChannel) {
    site_ = test::make_site(
        {{"imta.cnf",
          ". $U%$H@tcp_x-daemon\n\nl\nmail.example.com\n\n"
          "tcp_x smtp logging alternatechannel tcp_big alternatelinelimit 4\ntcp_x-daemon\n\n"
          "tcp_big smtp logging\ntcp_big-daemon\n"}}
    );
    const auto queue_with = [&](std::string_view body) {
        auto making = builder(submission({to("tcp_x", "carol@far.example", "far.example")}));
        EXPECT_TRUE(making.append("Subject: one\r\n"));
        EXPECT_TRUE(making.append(body));
        auto prepared = making.finish();
        ASSERT_TRUE(prepared);
        ASSERT_TRUE(std::move(*prepared).commit(*shared_));
    };
    queue_with("\r\nthree\r\nfour\r\n");
    queue_with("\r\nthree\r\nfour\r\nfive\r\n");
    std::map<std::string, std::string> content;
    for (const auto& location : queued()) content[location.channel] = content_of(location);
    EXPECT_EQ(content["tcp_x"], "Subject: one\r\n\r\nthree\r\nfour\r\n");
    EXPECT_EQ(content["tcp_big"], "Subject: one\r\n\r\nthree\r\nfour\r\nfive\r\n");
    const std::string entries = read_file(directory_ + "/mail.log_current").value();
    EXPECT_THAT(entries, testing::HasSubstr("tcp_big"));
}

class FragmentingTest : public MessageBuilderTest {
protected:
    FragmentingTest() {
        site_ = test::make_site(
            {{"imta.cnf",
              ". $U%$H@tcp_x-daemon\n\nl\nmail.example.com\n\n"
              "tcp_x smtp logging maxblocks 1\ntcp_x-daemon\n\n"
              "tcp_y smtp logging maxlines 12\ntcp_y-daemon\n"}}
        );
    }
    void enqueue(const char* channel, std::string_view content) {
        auto making = builder(submission({to(channel, "carol@far.example", "far.example")}));
        for (std::size_t at = 0; at < content.size(); at += 1000)
            ASSERT_TRUE(making.append(content.substr(at, 1000)));
        auto prepared = making.finish();
        ASSERT_TRUE(prepared);
        ASSERT_TRUE(std::move(*prepared).commit(*shared_));
    }
    /// Everything in the queue, by the number of the piece.
    std::map<unsigned, std::string> pieces() {
        std::map<unsigned, std::string> found;
        for (const auto& location : queued()) {
            std::string content = content_of(location);
            const auto type = message::find_header(content, "Content-Type").value_or("");
            const auto labels = message::partial_labels(type);
            found[labels ? labels->number : 0] = std::move(content);
        }
        return found;
    }
    static std::string joined(const std::map<unsigned, std::string>& pieces) {
        std::string header;
        std::string body;
        for (const auto& [number, piece] : pieces) {
            const std::size_t end = piece.find("\r\n\r\n") + 4;
            std::size_t begin = end;
            if (number == 1) {
                begin = piece.find("\r\n\r\n", end) + 4;
                header = message::whole_header(
                    std::string_view(piece).substr(0, end),
                    std::string_view(piece).substr(end, begin - end)
                );
            }
            body += piece.substr(begin);
        }
        return header + body;
    }
    static std::string letter(std::string_view line, int count) {
        std::string content =
            "From: amy@siroe.edu\r\nSubject: one\r\nMessage-ID: <1@x>\r\n"
            "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n";
        for (int i = 0; i < count; ++i) content.append(line).append("\r\n");
        return content;
    }
};

TEST_F(FragmentingTest, MessageOverMaxblocksGoesInPiecesThatGiveItBack) {
    const std::string content =
        letter("sixty-four octets and what comes with them, again and again", 90);
    enqueue("tcp_x", content);
    const auto found = pieces();
    EXPECT_EQ(found.begin()->first, 1U);
    EXPECT_EQ(found.rbegin()->first, found.size());
    EXPECT_GT(found.size(), 5U);
    for (const auto& [number, piece] : found) EXPECT_LE(piece.size(), 1300U) << number;
    EXPECT_EQ(joined(found), content);
    const std::string entries = read_file(directory_ + "/mail.log_current").value();
    EXPECT_EQ(
        static_cast<std::size_t>(std::count(entries.begin(), entries.end(), '\n')), found.size()
    );
}

TEST_F(FragmentingTest, MessageOverMaxlinesGoesInPieces) {
    const std::string content = letter("x", 30);
    enqueue("tcp_y", content);
    const auto found = pieces();
    EXPECT_GT(found.size(), 2U);
    EXPECT_EQ(joined(found), content);
}

TEST_F(FragmentingTest, WhatFitsOrCannotBeCutStaysWhole) {
    const std::string small = letter("x", 3);
    enqueue("tcp_x", small);
    EXPECT_EQ(pieces(), (std::map<unsigned, std::string>{{0, small}}));
    const std::string eight_bit = letter("\xe4\xe4\xe4", 500);
    enqueue("tcp_x", eight_bit);
    enqueue("tcp_x", "Subject: s\r\n\r\n" + std::string(5000, 'x') + "\r\n");
    EXPECT_EQ(queued().size(), 3U);
}

TEST_F(MessageBuilderTest, EachCopyIsReformattedAsItsChannelAsks) {
    site_ = test::make_site(
        {{"mappings", read_file(SLUICE_SOURCE_DIR "/config/mappings").value() +
                          "\nCHARSET-CONVERSION\n\n  *;OUT-CHAN=l;CONVERT  Yes\n"
                          "  *;IN-CHARSET=iso-8859-1  OUT-CHARSET=utf-8\n"}}
    );
    limits_.reformatter = converter::reformatter_of(site_);
    ASSERT_TRUE(limits_.reformatter);
    const std::string text =
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\n\xE4\r\n";
    SubmittedRecipient reported = to("process", "eve");
    reported.destination.settled = StatusText{{5, 1, 1}, "no such mailbox"};
    auto b = builder(submission({to("l", "bert"), to("tcp_local", "x@y.example"), reported}));
    ASSERT_TRUE(b.append(text));
    b.end();
    EXPECT_TRUE(b.waits_to_finish());
    auto prepared = b.finish();
    ASSERT_TRUE(prepared) << prepared.error().detail();
    ASSERT_TRUE(std::move(*prepared).commit(*shared_));
    std::map<std::string, bool> is_utf8_now;
    for (const auto& location : queued())
        is_utf8_now[location.channel] =
            content_of(location).find("\r\n\r\n\xC3\xA4\r\n") != std::string::npos;
    EXPECT_EQ(
        is_utf8_now,
        (std::map<std::string, bool>{{"l", true}, {"process", false}, {"tcp_local", false}})
    );
}

TEST_F(MessageBuilderTest, NobodyWaitsWhereNothingIsReformatted) {
    site_ = test::make_site(
        {{"mappings", read_file(SLUICE_SOURCE_DIR "/config/mappings").value() +
                          "\nCHARSET-CONVERSION\n\n  *;OUT-CHAN=l;CONVERT  No\n"}}
    );
    limits_.reformatter = converter::reformatter_of(site_);
    auto b = builder(submission({to("l", "bert")}));
    ASSERT_TRUE(b.append(message));
    b.end();
    EXPECT_FALSE(b.waits_to_finish());
    EXPECT_TRUE(b.finish());
    EXPECT_EQ(converter::reformatter_of(test::make_site()), nullptr);
}

}  // namespace
}  // namespace sluice::enqueue
