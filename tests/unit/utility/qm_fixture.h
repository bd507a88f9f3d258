#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/bytes.h"
#include "queue/commit_group.h"
#include "queue/message_file.h"
#include "queue/message_writer.h"
#include "queue/scan.h"
#include "queue/store.h"
#include "support/instance_directory.h"
#include "unit/utility/command_run.h"

// Commands against real queue directories. No daemons: views come from the directory tree.
namespace sluice::utility {

struct Letter {
    std::string channel = "tcp_local";
    std::string sender = "adam@sesta.example";
    std::vector<std::string> recipients = {"eve@siroe.example"};
    std::string subject = "hello";
    std::size_t body = 100;
    std::string header = {};  ///< further fields
    std::string text = {};    ///< in front of the body
    std::string hold = {};
    unsigned attempts = 0;
    std::optional<unsigned> notify = {};
};

class Qm : public testing::Test {
protected:
    void SetUp() override {
        auto opened = queue::Store::open(instance_.path("queue"));
        ASSERT_TRUE(opened);
        store_ = std::move(*opened);
    }

    queue::MessageLocation put(const Letter& letter = {}) {
        queue::Envelope envelope;
        envelope.enqueued = store_->clock().wall_now();
        envelope.owner = "mta";
        envelope.source_channel = "tcp_intranet";
        envelope.source_host = "tcp_intranet-daemon";
        envelope.envelope_id = "84PHKX1L3Q@mail.example.com";
        envelope.message_id = "<1@sesta.example>";
        envelope.sender = letter.sender;
        if (!letter.hold.empty()) envelope.hold_reason = letter.hold;
        for (const std::string& address : letter.recipients) {
            queue::Recipient recipient;
            recipient.address = address;
            recipient.host = address.substr(address.find('@') + 1);
            recipient.notify = letter.notify;
            envelope.recipients.push_back(recipient);
        }
        queue::CopyOptions copy;
        copy.channel = letter.channel;
        copy.attempts = letter.attempts;
        auto writer = queue::MessageWriter::create(*store_, copy, envelope);
        EXPECT_TRUE(writer);
        EXPECT_TRUE(writer->append(letter.header + "Subject: " + letter.subject + "\r\n\r\n"));
        EXPECT_TRUE(writer->append(letter.text + std::string(letter.body, 'x') + "\r\n"));
        auto file = writer->finish();
        EXPECT_TRUE(file);
        const auto location = file->location();
        std::vector<queue::FinishedFile> files;
        files.push_back(std::move(*file));
        EXPECT_TRUE(queue::commit_now(*store_, std::move(files)));
        return location;
    }

    CommandRun qm(std::vector<std::string> words, Input* input = nullptr) {
        words.insert(words.begin(), "qm");
        return CommandRun(std::move(words), instance_.tailor(), input);
    }
    /// A session; at a terminal unless told otherwise.
    CommandRun session(std::deque<std::string> lines, bool terminal = true) {
        ScriptedInput input(std::move(lines), terminal);
        return qm({}, &input);
    }

    [[nodiscard]] std::vector<std::string> queued(const std::string& channel) const {
        std::vector<std::string> names;
        queue::ScanVisitor visitor;
        visitor.message = [&](const queue::ScannedMessage& m) {
            names.push_back(m.location().relative_path());
        };
        EXPECT_TRUE(queue::scan_channel(*store_, channel, visitor));
        std::sort(names.begin(), names.end());
        return names;
    }
    [[nodiscard]] bool is_queued(const queue::MessageLocation& location) const {
        return store_->find(location.channel, location.name.unique).has_value();
    }
    /// Log entries with this code, from the channel.
    [[nodiscard]] std::vector<std::string> logged(char code) const {
        std::vector<std::string> lines;
        const std::string log = instance_.read("log/mail.log_current");
        for (const std::string_view line : split(log, '\n')) {
            if (line.find(std::string(" ") + code + ' ') != std::string_view::npos) {
                lines.emplace_back(line);
            }
        }
        return lines;
    }

    test::InstanceDirectory instance_{"qm_test"};
    std::unique_ptr<queue::Store> store_;
};

}  // namespace sluice::utility
