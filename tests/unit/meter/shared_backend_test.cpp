#include "meter/shared_backend.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "meter/rules.h"
#include "support/manual_clock.h"
#include "support/scratch_directory.h"

namespace sluice::meter {
namespace {

using std::chrono::seconds;

TableSettings table_of(std::string name, TableType type) {
    TableSettings table;
    table.name = std::move(name);
    table.type = type;
    return table;
}

class SharedBackendTest : public testing::Test {
protected:
    std::unique_ptr<SharedBackend> open() {
        return std::make_unique<SharedBackend>(
            SharedBackend::Settings{path_, {throttle_, grey_, notes_}, seconds(300)}, clock_
        );
    }
    bool comes(Backend& backend, const std::string& key = "k") {
        bool known = false;
        EXPECT_TRUE(backend
                        .update(grey_, key, [&](const std::optional<Record>& before, WallTime now) {
                            const Greeted result = greet(grey_, before, now);
                            known = result.greeting == Greeting::known;
                            return std::optional(result.record);
                        }));
        return known;
    }
    bool counts(Backend& backend, const std::string& key) {
        bool exceeded = false;
        EXPECT_TRUE(backend.update(
            throttle_, key,
            [&](const std::optional<Record>& before, WallTime now) {
                const Throttled result = count_event(throttle_, before, now);
                exceeded = result.exceeded;
                return std::optional(result.record);
            }
        ));
        return exceeded;
    }
    void remove_live_files() {
        std::filesystem::remove(path_);
        std::filesystem::remove(path_ + "-gate");
    }

    test::ScratchDirectory directory_;
    const std::string path_ = directory_.path("meter.mdb");
    const TableSettings throttle_ = table_of("conns", TableType::throttle);
    const TableSettings grey_ = table_of("grey", TableType::greylisting);
    const TableSettings notes_ = table_of("notes", TableType::simple);
    test::ManualClock clock_;
};

TEST_F(SharedBackendTest, SeveralSeeTheSame) {
    const auto one = open();
    const auto other = open();
    EXPECT_FALSE(comes(*one));
    clock_.advance(seconds(600));
    EXPECT_TRUE(comes(*other));
    EXPECT_TRUE(comes(*one));
    std::string keys;
    EXPECT_TRUE(other->for_each(grey_, [&](std::string_view key, const Record& record) {
        keys += key;
        EXPECT_EQ(record.kind, Record::Kind::known);
    }));
    EXPECT_EQ(keys, "k");
}

TEST_F(SharedBackendTest, ThreadsOfSeveralCountEachEventOnce) {
    const auto one = open();
    const auto other = open();
    std::atomic<int> refused = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&, i] {
            for (int n = 0; n < 50; ++n)
                refused += counts(i % 2 == 0 ? *one : *other, "key") ? 1 : 0;
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(refused, 4 * 50 - 100);
}

TEST_F(SharedBackendTest, WhatIsKnownOutlivesItsFile) {
    {
        const auto backend = open();
        comes(*backend);
        clock_.advance(seconds(400));
        EXPECT_TRUE(comes(*backend));
        counts(*backend, "counted");
    }
    remove_live_files();
    const auto backend = open();
    EXPECT_TRUE(comes(*backend));
    const auto counted = backend->find(throttle_, "counted");
    ASSERT_TRUE(counted.has_value());
    EXPECT_EQ(*counted, std::nullopt) << "counters are not worth a file";
}

TEST_F(SharedBackendTest, IsWrittenDownWhileItIsUsed) {
    const auto backend = open();
    comes(*backend);
    EXPECT_FALSE(std::filesystem::exists(path_ + "-saved"));
    clock_.advance(seconds(301));
    EXPECT_TRUE(comes(*backend));
    EXPECT_TRUE(std::filesystem::exists(path_ + "-saved"));
    remove_live_files();
    EXPECT_TRUE(comes(*backend));
}

TEST_F(SharedBackendTest, CountersAreNeverWrittenDown) {
    {
        const auto backend = open();
        counts(*backend, "x");
        clock_.advance(seconds(3000));
        counts(*backend, "x");
    }
    EXPECT_FALSE(std::filesystem::exists(path_ + "-saved"));
}

TEST_F(SharedBackendTest, DamagedSavedFileCostsItsContentOnly) {
    std::ofstream(path_ + "-saved") << "meter tables 1\nnonsense";
    const auto backend = open();
    EXPECT_FALSE(comes(*backend));
    clock_.advance(seconds(300));
    EXPECT_TRUE(comes(*backend));
}

TEST_F(SharedBackendTest, EntriesGo) {
    const auto backend = open();
    comes(*backend);
    ASSERT_TRUE(backend->update(grey_, "k", [](const auto&, WallTime) { return std::nullopt; }));
    const auto found = backend->find(grey_, "k");
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(*found, std::nullopt);
}

TEST_F(SharedBackendTest, SaysWhenItCannotBeAsked) {
    SharedBackend backend({directory_.path("none/meter.mdb"), {}, seconds(300)}, clock_);
    EXPECT_FALSE(backend.find(grey_, "k").has_value());
}

}  // namespace
}  // namespace sluice::meter
