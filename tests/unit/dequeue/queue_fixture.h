#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "enqueue/message_builder.h"
#include "enqueue/runtime.h"
#include "jobs/protocol.h"
#include "queue/message_file.h"
#include "queue/scan.h"
#include "support/site.h"

namespace sluice::dequeue {

/// The shipped configuration with a queue of its own on the disk.
class QueueFixture : public testing::Test {
protected:
    /// `changes`: files of the configuration in place of the shipped ones.
    explicit QueueFixture(std::map<std::string, std::string> changes = {}) {
        char name[] = "/tmp/sluice-dequeue-XXXXXX";
        directory_ = ::mkdtemp(name);
        for (const char* part : {"/queue", "/log", "/run"})
            std::filesystem::create_directory(directory_ + part);
        std::filesystem::permissions(directory_ + "/queue", std::filesystem::perms::owner_all);
        std::string tailor = "IMTA_ROOT=/site/\n";
        for (const std::string part : {"queue", "log", "run"})
            tailor += "IMTA_" + to_upper(part) + '=' + directory_ + '/' + part + "/\n";
        changes["imta_tailor"] = tailor;
        site_ = test::make_site(changes);
        runtime_ = std::move(enqueue::Runtime::open(site_, std::chrono::milliseconds(0)).value());
    }
    ~QueueFixture() override { std::filesystem::remove_all(directory_); }

    /// A message that is still to be given its recipients.
    static enqueue::Submission submission(std::string sender) {
        enqueue::Submission submission;
        submission.source_channel = "tcp_local";
        submission.source_host = "tcp_local-daemon";
        submission.sender = std::move(sender);
        submission.owner = "mail";
        return submission;
    }
    static enqueue::SubmittedRecipient recipient(std::string channel, std::string address) {
        enqueue::SubmittedRecipient recipient;
        recipient.destination.channel = std::move(channel);
        recipient.destination.address = std::move(address);
        return recipient;
    }
    void put(enqueue::Submission submission) {
        enqueue::MessageBuilder builder(
            runtime_->site(), site_->imta.channels, runtime_->limits(), std::move(submission), {}
        );
        EXPECT_TRUE(builder.append("Subject: x\r\n\r\nHello\r\n"));
        auto prepared = builder.finish();
        EXPECT_TRUE(std::move(*prepared).commit(runtime_->site()));
    }
    static jobs::WorkItem item_of(const queue::MessageLocation& location) {
        jobs::WorkItem item;
        item.file = location.sub_directory + '/' + location.name.to_string();
        return item;
    }
    /// What is in the queue, on all channels or one.
    std::vector<queue::MessageLocation> queued(const std::string& channel = {}) {
        std::vector<queue::MessageLocation> found;
        queue::ScanVisitor visitor;
        visitor.message = [&](const queue::ScannedMessage& message) {
            if (channel.empty() || message.location().channel == channel)
                found.push_back(message.location());
        };
        EXPECT_TRUE(queue::scan_queue(runtime_->store(), visitor));
        return found;
    }
    queue::MessageFile opened(const queue::MessageLocation& location) {
        return std::move(
            queue::MessageFile::open(runtime_->store(), location, queue::Access::read).value()
        );
    }
    std::string content_of(const queue::MessageLocation& location) {
        queue::MessageFile file = opened(location);
        std::string content(file.content_size(), '\0');
        EXPECT_TRUE(file.read_content(0, content.data(), content.size()));
        return content;
    }

    std::string directory_;
    config::ConfigurationPtr site_;
    std::unique_ptr<enqueue::Runtime> runtime_;
};

}  // namespace sluice::dequeue
