#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/system_log.h"
#include "channels/tcp_smtp/server/dialogue.h"
#include "support/site.h"

namespace sluice::smtp_server {

namespace fs = std::filesystem;
using Step = Dialogue::Step;

/// Keeps what would have gone to syslog.
class NotedSystemLog final : public SystemLog {
public:
    void notice(std::string_view text) override { texts.emplace_back(text); }
    std::vector<std::string> texts;
};

class FakeResolver final : public net::Resolver {
public:
    net::DnsAnswer<net::MxRecord> resolve_mx(std::string_view domain) override {
        if (domain == "good.example") return {net::DnsStatus::found, {{10, "mx.good.example"}}, {}};
        if (domain == "null.example") return {net::DnsStatus::found, {{0, ""}}, {}};
        if (domain == "slow.example") return {net::DnsStatus::not_now, {}, {}};
        if (domain == "host.example") return {net::DnsStatus::no_data, {}, {}};
        return {net::DnsStatus::no_domain, {}, {}};
    }
    net::DnsAnswer<IpAddress> resolve_addresses(std::string_view) override {
        return {net::DnsStatus::found, {*IpAddress::parse("192.0.2.1")}, {}};
    }
    net::DnsAnswer<std::string> resolve_names(const IpAddress&) override {
        return {net::DnsStatus::no_domain, {}, {}};
    }
};

/// A session on a queue of its own. Commits and tasks are done at once, pauses are noted.
class DialogueTest : public testing::Test {
protected:
    DialogueTest() {
        std::string name = fs::temp_directory_path() / "sluice-dialogue-XXXXXX";
        root_ = ::mkdtemp(name.data());
        for (const char* part : {"queue", "log", "run"}) fs::create_directories(root_ / part);
        fs::permissions(root_ / "queue", fs::perms::owner_all);
        changes_["imta_tailor"] = "IMTA_ROOT=/site/\nIMTA_QUEUE=" + (root_ / "queue/").string() +
                                  "\nIMTA_LOG=" + (root_ / "log/").string() +
                                  "\nIMTA_RUN=" + (root_ / "run/").string() + "\n";
    }
    ~DialogueTest() override {
        dialogue_.reset();
        context_.reset();
        runtime_.reset();
        fs::remove_all(root_);
    }

    /// Appends words to the channel block's keywords.
    void add_keywords(const std::string& channel, const std::string& words) {
        std::string text = shipped("imta.cnf");
        const std::size_t at = text.find("\n" + channel + ' ');
        ASSERT_NE(at, std::string::npos);
        text.insert(at + 1 + channel.size(), ' ' + words);
        changes_["imta.cnf"] = text;
    }
    static std::string shipped(const std::string& name) {
        return read_file(std::string(SLUICE_SOURCE_DIR "/config/") + name).value();
    }

    /// Opens the session and returns the greeting.
    std::string connect(const std::string& client = "198.51.100.7", std::string name = {}) {
        auto configuration = test::make_site(changes_);
        auto runtime = enqueue::Runtime::open(configuration, std::chrono::milliseconds(0));
        EXPECT_TRUE(runtime) << runtime.error().detail();
        runtime_ = std::move(*runtime);
        const channel::Channel& outside = *configuration->imta.channels.find("tcp_local");
        context_.emplace(*runtime_, configuration, outside, std::make_unique<FakeResolver>());
        context_->system_log = &system_log_;
        Peer peer{{*IpAddress::parse("192.0.2.9"), 25}, {*IpAddress::parse(client), 1244}, {}};
        dialogue_.emplace(*context_, peer, 1, [] {});
        if (tls_) dialogue_->begin_in_tls(*tls_);
        dialogue_->open(std::move(name), done_before_);
        while (dialogue_->has_task()) {
            run_task();
        }
        paused_ += dialogue_->greeting_delay();
        dialogue_->greet();
        return turn("");
    }

    void run_task() {
        ++tasks_;
        dialogue_->take_task()();
        dialogue_->on_answered();
    }

    /// What the server answers to these octets, lines without their ends, joined by '\n'.
    std::string turn(std::string_view octets) {
        std::string replies;
        while (true) {
            last_step_ = dialogue_->advance(octets);
            replies += dialogue_->take_output();
            if (last_step_ == Step::pause) {
                paused_ += dialogue_->pause();
                dialogue_->resume();
            } else if (last_step_ == Step::commit) {
                auto outcome = dialogue_->take_prepared().commit(runtime_->site());
                dialogue_->on_committed(outcome);
            } else if (last_step_ == Step::task) {
                run_task();
            } else if (last_step_ != Step::flush) {
                break;
            }
        }
        std::erase(replies, '\r');
        if (!replies.empty()) replies.pop_back();
        return replies;
    }
    std::string say(const std::string& line) { return turn(line + "\r\n"); }
    void start(const std::string& sender = "harold@varrius.com") {
        say("EHLO client.test");
        EXPECT_EQ(say("MAIL FROM:<" + sender + ">"), "250 2.5.0 Address OK.");
    }

    /// Log lines without their time, runs of blanks as one.
    std::vector<std::string> log() {
        runtime_->log().flush();
        std::ifstream file(root_ / "log/mail.log_current");
        std::vector<std::string> lines;
        for (std::string line; std::getline(file, line);) {
            std::string squeezed;
            for (const char c : line.substr(24)) {
                if (c != ' ' || squeezed.empty() || squeezed.back() != ' ') squeezed += c;
            }
            lines.push_back(squeezed);
        }
        return lines;
    }
    std::vector<fs::path> queue_files() const {
        std::vector<fs::path> found;
        for (const auto& entry : fs::recursive_directory_iterator(root_ / "queue")) {
            if (entry.is_regular_file() && entry.path().filename().string().starts_with("ZZ"))
                found.push_back(entry.path());
        }
        return found;
    }
    static std::string read(const fs::path& path) { return read_file(path.string()).value(); }

    fs::path root_;
    std::map<std::string, std::string> changes_{{"option.dat", "LOG_CONNECTION=2\n"}};
    NotedSystemLog system_log_;
    std::optional<tls::Facts> tls_;  ///< the connection begins with it
    std::string done_before_;        ///< effects that the dispatcher has carried out
    std::unique_ptr<enqueue::Runtime> runtime_;
    std::optional<ServerContext> context_;
    std::optional<Dialogue> dialogue_;
    Step last_step_ = Step::input;
    int tasks_ = 0;
    std::chrono::milliseconds paused_{0};
};

}  // namespace sluice::smtp_server
