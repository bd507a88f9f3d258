#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "job_controller/scheduler.h"

namespace sluice::job_controller {

using namespace std::chrono_literals;

/// A scheduler on a hand-moved clock. Decisions are sorted into the fields below by settle().
class SchedulerTest : public testing::Test {
protected:
    static ChannelSettings channel(const std::string& name, bool anon_host) {
        ChannelSettings settings;
        settings.name = name;
        settings.anon_host = anon_host;
        settings.master_command = "/bin/" + name;
        return settings;
    }

    void SetUp() override {
        settings.channels = {channel("l", true), channel("tcp_local", false)};
        settings.identify_scanned = false;
    }

    Scheduler& scheduler() {
        if (!scheduler_) scheduler_.emplace(settings, now);
        return *scheduler_;
    }

    jobs::NewMessage message(const std::string& channel, const std::string& host) {
        jobs::NewMessage message;
        message.channel = channel;
        message.host = host;
        message.file = "000/ZZ" + std::to_string(1000000 + ++files) + ".00";
        message.enqueued = wall;
        message.size = 2048;
        wall += 1ms;
        return message;
    }
    jobs::NewMessage add(
        const std::string& channel,
        const std::string& host = {},
        jobs::Priority priority = jobs::Priority::normal
    ) {
        auto news = message(channel, host);
        news.priority = priority;
        EXPECT_EQ(scheduler().enqueue(news, now), EnqueueResult::tracked);
        return news;
    }

    void settle() {
        for (Decision& decision : scheduler().settle(now)) {
            if (auto* start = std::get_if<StartJob>(&decision)) {
                started.push_back(*start);
            } else if (auto* give = std::get_if<GiveWork>(&decision)) {
                given[give->worker].push_back(give->work);
            } else if (auto* wait = std::get_if<TellWait>(&decision)) {
                waits[wait->worker] = wait->pause;
            } else if (auto* exit = std::get_if<TellExit>(&decision)) {
                exits.push_back(exit->worker);
            } else if (auto* scan = std::get_if<ScanChannel>(&decision)) {
                scans.push_back(*scan);
            } else if (auto* identify = std::get_if<Identify>(&decision)) {
                identifications.push_back(*identify);
            } else if (auto* note = std::get_if<Note>(&decision)) {
                notes.push_back(note->text);
            }
        }
    }
    void pass(std::chrono::milliseconds time) {
        now += time;
        wall += time;
        settle();
    }

    void ask(
        WorkerId worker,
        const std::string& channel,
        unsigned most = 1,
        JobId job = 0,
        unsigned thread_limit = 1,
        unsigned patience = 300
    ) {
        jobs::Ask ask;
        ask.channel = channel;
        ask.pid = process.value_or(4710 + static_cast<std::uint32_t>(job == 0 ? worker : job));
        ask.job = job;
        ask.thread_limit = static_cast<std::uint16_t>(thread_limit);
        ask.max_messages = static_cast<std::uint16_t>(most);
        ask.patience = static_cast<std::uint16_t>(patience);
        EXPECT_TRUE(scheduler().ask(worker, ask, now));
        settle();
    }
    /// The work last given to the worker; empty when there is none.
    std::vector<jobs::WorkItem> take(WorkerId worker) {
        if (given[worker].empty()) return {};
        auto items = given[worker].back().items;
        given[worker].pop_back();
        return items;
    }
    std::vector<jobs::WorkItem> ask_and_take(
        WorkerId worker, const std::string& channel, unsigned most = 1
    ) {
        ask(worker, channel, most);
        return take(worker);
    }

    void report(
        WorkerId worker,
        const jobs::WorkItem& item,
        jobs::Outcome outcome,
        jobs::HostReport host = jobs::HostReport::none,
        const std::string& new_file = {}
    ) {
        jobs::DoneItem done;
        done.handle = item.handle;
        done.outcome = outcome;
        done.host_report = host;
        done.new_file = new_file;
        if (host == jobs::HostReport::failed) done.reason = "connection refused";
        scheduler().done(worker, done, now);
    }

    jobs::ChannelRow row(const std::string& channel) {
        const auto rows = scheduler().channel_rows(channel, now, wall);
        return rows.empty() ? jobs::ChannelRow() : rows.front();
    }
    jobs::HostRow host_row(const std::string& channel, const std::string& host) {
        Scheduler::HostCursor cursor;
        for (const auto& each : scheduler().host_rows(channel, cursor, 1000, now, wall)) {
            if (each.host == host) return each;
        }
        return {};
    }
    std::uint64_t status(const std::string& name) {
        for (const auto& each : scheduler().status_rows()) {
            if (each.name == name) return each.value;
        }
        ADD_FAILURE() << "no status " << name;
        return 0;
    }

    JobControllerSettings settings;
    MonoTime now{std::chrono::hours(1000)};
    WallTime wall{std::chrono::sys_days(std::chrono::year(2026) / 3 / 2)};
    int files = 0;
    std::vector<StartJob> started;
    std::optional<std::uint32_t> process;  ///< of workers that ask; else each has its own
    std::map<WorkerId, std::vector<jobs::Work>> given;
    std::map<WorkerId, std::chrono::seconds> waits;
    std::vector<WorkerId> exits;
    std::deque<ScanChannel> scans;
    std::vector<Identify> identifications;
    std::vector<std::string> notes;

private:
    std::optional<Scheduler> scheduler_;
};

}  // namespace sluice::job_controller
