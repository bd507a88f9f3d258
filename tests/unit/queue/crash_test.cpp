// Power cuts in the model of a disk, generated: at every storage call, with every combination of
// what survives where there are few, with random ones where there are many. The judge: what was
// acknowledged is there, once, complete; nothing else is half there.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "queue/commit.h"
#include "queue/failure.h"
#include "queue/segment_writer.h"
#include "queue/sync_pool.h"
#include "support/disk_model.h"
#include "support/queue_support.h"

namespace sluice::queue {
namespace {

using test::AllChoices;
using test::Choices;
using test::DiskModel;
using test::QueueClock;
using test::RandomChoices;

constexpr std::size_t most_combinations = 5000;

/// Start-up after a crash: sweep, then look at every file.
class Restarted {
public:
    explicit Restarted(DiskModel& disk) : disk_(disk) {
        clock_.advance(std::chrono::hours(24));
        store_ = *Store::open("/q", {}, disk, clock_);
        EXPECT_TRUE(sweep_temporary_files(*store_, default_tmp_max_age));
        for (const MessageLocation& location : test::queued(*store_)) look_at(location);
    }

    /// How often a message with this content waits in the channel.
    [[nodiscard]] std::size_t copies(const std::string& channel, const std::string& content) const {
        const auto found = copies_.find({channel, content});
        return found == copies_.end() ? 0 : found->second;
    }
    [[nodiscard]] std::size_t files() const { return files_; }
    /// Recipients that will still be tried.
    [[nodiscard]] const std::multiset<std::string>& waiting() const { return waiting_; }
    [[nodiscard]] bool nothing_temporary() const {
        for (const std::string& path : disk_.files_below("/q")) {
            if (path.find("/tmp/") != std::string::npos) return false;
        }
        return true;
    }

private:
    void look_at(const MessageLocation& location) {
        auto file = MessageFile::open(*store_, location, Access::own);
        // An entry that was in flight, and is not all there.
        if (!file && failure_kind(file.error()) == Failure::gone) return;
        ASSERT_TRUE(file) << location.relative_path() << ' ' << file.error().to_debug_string();
        ASSERT_TRUE(file->verify_content());
        ++files_;
        ++copies_[{location.channel, test::read_all(*file).value()}];
        const auto open = file->unfinished().value();
        for (const std::size_t index : open) {
            waiting_.insert(file->envelope().recipients[index].address);
        }
    }

    DiskModel& disk_;
    QueueClock clock_;
    std::unique_ptr<Store> store_;
    std::map<std::pair<std::string, std::string>, std::size_t> copies_;
    std::multiset<std::string> waiting_;
    std::size_t files_ = 0;
};

/// Calls `judge` with what may be found after the cut: all of it, or a random part of it.
template <class Judge>
std::size_t for_all_outcomes(const DiskModel& disk, Judge judge) {
    AllChoices all;
    std::size_t count = 0;
    do {
        const auto found = disk.after_power_cut(all);
        judge(*found);
        if (++count == most_combinations) break;
    } while (!testing::Test::HasFailure() && all.next());
    if (count == most_combinations) {
        for (std::uint64_t seed = 0; seed < 500 && !testing::Test::HasFailure(); ++seed) {
            RandomChoices random(seed);
            judge(*disk.after_power_cut(random));
        }
    }
    return count;
}

/// A content of two sectors.
std::string content_number(unsigned number) {
    return "Subject: " + std::to_string(number) + "\r\n\r\n" + std::string(300, 'x') + "\r\n";
}

/// Runs `scenario` with a power cut at each of its storage calls in turn.
template <class Scenario, class Judge>
void cut_everywhere(Scenario scenario, Judge judge) {
    std::size_t outcomes = 0;
    for (std::uint64_t cut = 1;; ++cut) {
        DiskModel disk("/q");
        QueueClock clock;
        disk.cut_power_at(cut);
        const auto told = scenario(disk, clock);
        const bool complete = !disk.power_is_off();
        outcomes += for_all_outcomes(disk, [&](DiskModel& found) { judge(found, told); });
        ASSERT_FALSE(testing::Test::HasFailure()) << "power cut at call " << cut;
        if (complete) break;
    }
    testing::Test::RecordProperty("outcomes", static_cast<int>(outcomes));
    EXPECT_GT(outcomes, 100U);
}

/// With message files from the start, and with young messages in segments.
class PowerCut : public testing::TestWithParam<std::size_t> {
protected:
    static StoreOptions options() { return test::options_with(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(
    Ways,
    PowerCut,
    testing::Values(0, test::young_limit),
    [](const auto& one) { return one.param == 0 ? "Files" : "Segments"; }
);

TEST_P(PowerCut, AcknowledgedMessageIsThereWithBothCopies) {
    const std::string content = content_number(1);
    cut_everywhere(
        [&](DiskModel& disk, QueueClock& clock) {
            auto store = Store::open("/q", options(), disk, clock);
            return store && test::enqueue(**store, {"l", "tcp_local"}, {"a@b"}, content);
        },
        [&](DiskModel& found, bool acknowledged) {
            const Restarted after(found);
            for (const char* channel : {"l", "tcp_local"}) {
                if (acknowledged) {
                    EXPECT_EQ(after.copies(channel, content), 1U);
                } else {
                    EXPECT_LE(after.copies(channel, content), 1U);
                }
            }
            EXPECT_EQ(
                after.files(), after.copies("l", content) + after.copies("tcp_local", content)
            );
            EXPECT_TRUE(after.nothing_temporary());
        }
    );
}

// Recipients: a is delivered, b fails for good, c has to wait.
TEST_P(PowerCut, PartialDeliveryLosesNobody) {
    struct Told {
        bool acknowledged = false;
        std::set<std::string> finished;
    };
    const std::string content = content_number(2);
    cut_everywhere(
        [&](DiskModel& disk, QueueClock& clock) {
            Told told;
            auto store = Store::open("/q", options(), disk, clock);
            if (!store) return told;
            const auto locations = test::enqueue(**store, {"l"}, {"a@x", "b@x", "c@x"}, content);
            if (!locations) return told;
            told.acknowledged = true;
            auto file = MessageFile::open(**store, locations->front(), Access::own);
            if (!file) return told;
            for (const char* recipient : {"a@x", "b@x"}) {
                told.finished.insert(recipient);
                (void)file->record_done({"l", 1, 1}, recipient, "delivered");
            }
            (void)file->replace_with_remaining({2}, 1);
            (void)(*store)->directory_syncs().flush();
            return told;
        },
        [&](DiskModel& found, const Told& told) {
            const Restarted after(found);
            if (!told.acknowledged) return;
            EXPECT_GE(after.files(), 1U);
            EXPECT_LE(after.files(), 2U);
            for (const char* recipient : {"a@x", "b@x", "c@x"}) {
                if (!told.finished.contains(recipient)) {
                    EXPECT_GE(after.waiting().count(recipient), 1U) << recipient;
                }
            }
            EXPECT_LE(after.waiting().count("a@x"), 1U);
        }
    );
}

TEST_P(PowerCut, RenamesLoseNothing) {
    const std::string content = content_number(3);
    cut_everywhere(
        [&](DiskModel& disk, QueueClock& clock) {
            auto store = Store::open("/q", options(), disk, clock);
            if (!store) return false;
            const auto locations = test::enqueue(**store, {"l"}, {"a@x"}, content);
            if (!locations) return false;
            auto file = MessageFile::open(**store, locations->front(), Access::own);
            if (!file) return true;
            HistoryRecord record;
            record.channel = "l";
            record.text = "450 later";
            file->append_history(record);
            (void)file->rename_attempt();
            (void)file->hold({"qm", 1, 1}, "operator");
            (void)file->release({"qm", 1, 1}, "operator");
            return true;
        },
        [&](DiskModel& found, bool acknowledged) {
            const Restarted after(found);
            if (acknowledged) {
                EXPECT_EQ(after.copies("l", content), 1U);
            }
            EXPECT_EQ(after.files(), after.copies("l", content));
        }
    );
}

/// Fifty messages for one to three channels, written side by side, committed in random groups,
/// with a disk that also fails now and then, until the power goes.
class Schedule {
public:
    Schedule(std::uint64_t seed, std::uint64_t cut, StoreOptions options)
        : options_(options), random_(seed) {
        disk_.cut_power_at(cut);
        if (random_() % 2 == 0) {
            disk_.set_fault([this](std::string_view, const std::string&, std::uint64_t) {
                return random_() % 60 == 0 ? (random_() % 2 == 0 ? EIO : ENOSPC) : 0;
            });
        }
    }

    void run() {
        auto store = Store::open("/q", options_, disk_, clock_);
        if (!store) return;
        store_ = *std::move(store);
        segment_ = std::make_unique<SegmentWriter>(*store_);
        messages_.resize(50);
        while (!disk_.power_is_off() && unfinished() > 0) step();
    }

    void judge(Choices& choices) {
        const auto found = disk_.after_power_cut(choices);
        const Restarted after(*found);
        std::size_t files = 0;
        for (unsigned number = 0; number < messages_.size(); ++number) {
            for (const std::string& channel : channels_of(number)) {
                const std::size_t copies = after.copies(channel, content_number(number));
                files += copies;
                if (messages_[number].acknowledged) {
                    EXPECT_EQ(copies, 1U) << "message " << number;
                } else {
                    EXPECT_LE(copies, 1U) << "message " << number;
                }
            }
        }
        EXPECT_EQ(after.files(), files);
        EXPECT_TRUE(after.nothing_temporary());
        EXPECT_EQ(disk_.forbidden_syncs(), 0U);
    }

    [[nodiscard]] std::uint64_t calls() const { return disk_.calls(); }
    [[nodiscard]] std::size_t acknowledged() const {
        return static_cast<std::size_t>(std::count_if(
            messages_.begin(), messages_.end(), [](const Message& one) { return one.acknowledged; }
        ));
    }

private:
    struct Message {
        std::vector<MessageWriter> writers;
        std::vector<FinishedFile> copies;
        bool started = false;
        bool ready = false;
        bool over = false;
        bool acknowledged = false;
    };

    static std::vector<std::string> channels_of(unsigned number) {
        std::vector<std::string> channels = {"l", "tcp_local", "process"};
        channels.resize(number % 3 + 1);
        return channels;
    }

    [[nodiscard]] std::size_t unfinished() const {
        return static_cast<std::size_t>(std::count_if(
            messages_.begin(), messages_.end(), [](const Message& one) { return !one.over; }
        ));
    }

    void step() {
        if (random_() % 10 == 0) return commit_some();
        const auto number = static_cast<unsigned>(random_() % messages_.size());
        Message& message = messages_[number];
        if (message.over || message.ready) return commit_some();
        const bool went_on = message.started ? finish(message) : start(message, number);
        if (!went_on) {
            message.writers.clear();
            message.copies.clear();
            message.over = true;
        }
    }

    bool start(Message& message, unsigned number) {
        message.started = true;
        for (const std::string& channel : channels_of(number)) {
            auto writer =
                MessageWriter::create(*store_, {channel, 2, 0, {}}, test::sample_envelope({"a@b"}));
            if (!writer || !writer->append(content_number(number))) return false;
            message.writers.push_back(*std::move(writer));
        }
        return true;
    }

    static bool finish(Message& message) {
        for (MessageWriter& writer : message.writers) {
            auto finished = writer.finish();
            if (!finished) return false;
            message.copies.push_back(*std::move(finished));
        }
        message.writers.clear();
        message.ready = true;
        return true;
    }

    void commit_some() {
        std::vector<CommitItem> items;
        std::vector<Message*> owners;
        for (Message& message : messages_) {
            if (!message.ready || message.over || random_() % 2 == 0) continue;
            items.push_back({std::move(message.copies), {}});
            owners.push_back(&message);
        }
        SyncPool none(0);
        commit_batch(*store_, none, items, options_.young_limit > 0 ? segment_.get() : nullptr);
        for (std::size_t i = 0; i < items.size(); ++i) {
            owners[i]->acknowledged = !items[i].failure;
            owners[i]->over = true;
            owners[i]->copies.clear();
        }
    }

    const StoreOptions options_;
    std::mt19937_64 random_;
    DiskModel disk_{"/q"};
    QueueClock clock_;
    std::unique_ptr<Store> store_;
    std::unique_ptr<SegmentWriter> segment_;
    std::vector<Message> messages_;
};

TEST_P(PowerCut, RandomSchedulesOfFiftyMessages) {
    constexpr std::uint64_t schedules = 200;
    std::size_t acknowledged = 0;
    for (std::uint64_t seed = 1; seed <= schedules; ++seed) {
        std::mt19937_64 random(seed * 7919);
        // Segments need fewer calls for the same.
        Schedule schedule(seed, random() % (GetParam() == 0 ? 1200 : 150) + 1, options());
        schedule.run();
        acknowledged += schedule.acknowledged();
        for (std::uint64_t outcome = 0; outcome < 5; ++outcome) {
            RandomChoices choices(seed * 100 + outcome);
            schedule.judge(choices);
        }
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
    // The cuts must not all come before anything happened.
    EXPECT_GT(acknowledged, 1000U);
}

/// A queue whose commit forgets one kind of sync: the model must find it out.
class ForgetfulDisk final : public DiskModel {
public:
    ForgetfulDisk() : DiskModel("/q") {}
    Result<void> sync_directory(const std::string& path) override {
        if (path.ends_with("/000")) return {};
        return DiskModel::sync_directory(path);
    }
};

TEST(PowerCutModel, ModelFindsAMissingDirectorySync) {
    ForgetfulDisk disk;
    QueueClock clock;
    auto store = *Store::open("/q", {}, disk, clock);
    ASSERT_TRUE(test::enqueue(*store, {"l"}, {"a@b"}, content_number(1)));
    std::size_t lost = 0;
    for_all_outcomes(disk, [&](DiskModel& found) {
        if (Restarted(found).copies("l", content_number(1)) == 0) ++lost;
    });
    EXPECT_GT(lost, 0U);
}

}  // namespace
}  // namespace sluice::queue
