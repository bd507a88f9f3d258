#include "meter/table_view.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace sluice::meter {
namespace {

using std::chrono::seconds;

constexpr WallTime start{std::chrono::hours(500000)};

/// A shared table in memory.
class MemoryView final : public store::SharedTable::View {
public:
    std::optional<std::string> get(std::string_view key) override {
        const auto found = entries.find(key);
        return found != entries.end() ? std::optional(found->second) : std::nullopt;
    }
    void put(std::string_view key, std::string_view value) override {
        entries.insert_or_assign(std::string(key), std::string(value));
    }
    void erase(std::string_view key) override { entries.erase(std::string(key)); }
    std::optional<std::string> first(std::string_view prefix) override {
        const auto found = entries.lower_bound(prefix);
        if (found == entries.end() || !found->first.starts_with(prefix)) return std::nullopt;
        return found->first;
    }
    void for_each(
        std::string_view prefix,
        const std::function<void(std::string_view, std::string_view)>& found
    ) override {
        for (auto at = entries.lower_bound(prefix);
             at != entries.end() && at->first.starts_with(prefix); ++at)
            found(at->first, at->second);
    }

    std::map<std::string, std::string, std::less<>> entries;
};

Record due_at(WallTime due) {
    return {Record::Kind::waiting, start, due, 0, {}};
}

class MeterTableView : public testing::Test {
protected:
    MeterTableView() {
        table_.name = "grey";
        table_.type = TableType::greylisting;
        table_.max_entries = 3;
    }
    /// What must hold after anything: the three kinds of entries agree.
    void expect_sound() {
        TableView view(all_, table_);
        std::size_t entries = 0;
        view.for_each([&](std::string_view key, const Record&) {
            ++entries;
            EXPECT_TRUE(view.find(key).has_value());
        });
        std::size_t dues = 0;
        all_.for_each("d/grey/", [&](std::string_view, std::string_view) { ++dues; });
        EXPECT_EQ(view.size(), entries);
        EXPECT_EQ(dues, entries);
        EXPECT_LE(entries, static_cast<std::size_t>(table_.max_entries));
    }
    void put(std::string_view key, WallTime due, WallTime now = start) {
        TableView(all_, table_).put(key, due_at(due), now);
    }
    bool has(std::string_view key) { return TableView(all_, table_).find(key).has_value(); }

    MemoryView all_;
    TableSettings table_;
};

TEST_F(MeterTableView, WhatIsDueNextMakesRoom) {
    put("b", start + seconds(20));
    put("a", start + seconds(10));
    put("c", start + seconds(30));
    put("a", start + seconds(40));
    put("d", start + seconds(50));
    EXPECT_TRUE(has("a"));
    EXPECT_FALSE(has("b"));
    EXPECT_TRUE(has("c"));
    EXPECT_TRUE(has("d"));
    expect_sound();
}

TEST_F(MeterTableView, WhatIsDueGoesBeforeTheTableIsFull) {
    table_.max_entries = 100;
    for (int i = 0; i < 10; ++i) put("old" + std::to_string(i), start + seconds(i));
    for (int i = 0; i < 6; ++i)
        put("new" + std::to_string(i), start + seconds(100), start + seconds(60));
    EXPECT_EQ(TableView(all_, table_).size(), 6U);
    expect_sound();
}

TEST_F(MeterTableView, StoredValuesDoNotGoByThemselves) {
    table_.type = TableType::simple;
    put("a", start);
    put("b", start + seconds(1), start + seconds(100));
    EXPECT_TRUE(has("a"));
    put("c", start + seconds(2), start + seconds(100));
    put("d", start + seconds(3), start + seconds(100));
    EXPECT_FALSE(has("a"));
    expect_sound();
}

TEST_F(MeterTableView, TablesDoNotTouchEachOther) {
    TableSettings other = table_;
    other.name = "grey2";
    TableView(all_, other).put("x", due_at(start), start);
    for (int i = 0; i < 10; ++i) put(std::to_string(i), start + seconds(i + 1000));
    EXPECT_TRUE(TableView(all_, other).find("x").has_value());
    EXPECT_EQ(TableView(all_, other).size(), 1U);
    expect_sound();
}

TEST_F(MeterTableView, LimitThatWasLoweredIsReachedByAndBy) {
    table_.max_entries = 300;
    for (int i = 0; i < 300; ++i) put(std::to_string(i), start + seconds(1000 + i));
    table_.max_entries = 3;
    for (int i = 0; i < 6; ++i) put("new" + std::to_string(i), start + seconds(5000));
    expect_sound();
}

TEST_F(MeterTableView, DamagedEntriesCountAsNotThere) {
    put("a", start + seconds(10));
    all_.put("e/grey/a", "nonsense");
    EXPECT_FALSE(has("a"));
    put("a", start + seconds(20));
    EXPECT_TRUE(has("a"));
    all_.put("e/grey/a", "nonsense");
    TableView(all_, table_).erase("a");
    for (int i = 0; i < 10; ++i) put(std::to_string(i), start + seconds(i + 100));
    expect_sound();
}

TEST_F(MeterTableView, StaysSoundWhateverIsDone) {
    std::mt19937 random(29);
    table_.max_entries = 8;
    WallTime now = start;
    for (int i = 0; i < 5000; ++i) {
        now += seconds(random() % 3);
        const std::string key = std::to_string(random() % 12);
        if (random() % 4 == 0) {
            TableView(all_, table_).erase(key);
        } else {
            put(key, now + seconds(random() % 20), now);
            EXPECT_TRUE(has(key));
        }
        if (i % 50 == 0) expect_sound();
    }
    expect_sound();
}

}  // namespace
}  // namespace sluice::meter
