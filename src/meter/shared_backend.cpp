#include "meter/shared_backend.h"

#include <cerrno>
#include <mutex>

#include "base/bytes.h"
#include "base/file.h"
#include "base/log.h"
#include "meter/snapshot.h"
#include "meter/table_view.h"
#include "store/shared_table.h"

namespace sluice::meter {

namespace {

using View = store::SharedTable::View;

/// Sparse: as long as what is in it. Small tables of the most entries fit many times.
constexpr std::size_t room = 1UL << 30U;
/// Entries written down: those of one table at its most.
constexpr std::size_t most_saved = static_cast<std::size_t>(most_entries);

/// Present in a table that has been filled with what was saved.
constexpr std::string_view begun_key = "begun";
/// Wall clock of the last saving, microseconds; and present while there is something to save.
constexpr std::string_view saved_key = "saved";
constexpr std::string_view unsaved_key = "unsaved";

bool outlives_the_machine(const TableSettings& table) {
    return table.type != TableType::throttle;
}

bool is_of(const TableSettings& table, const Record& record) {
    switch (table.type) {
        case TableType::throttle:
            return record.kind == Record::Kind::window;
        case TableType::greylisting:
            return record.kind == Record::Kind::waiting || record.kind == Record::Kind::known;
        case TableType::simple:
            return record.kind == Record::Kind::value;
    }
    return false;
}

}  // namespace

struct SharedBackend::Impl {
    Impl(Settings its_settings, const Clock& its_clock)
        : settings(std::move(its_settings)), clock(its_clock) {}

    Result<void> change(const std::function<void(View&)>& make) {
        store::SharedTable* const shared = opened();
        if (shared == nullptr)
            return Error::temporary({4, 3, 0}, "table not usable", settings.path + " not opened");
        auto done = shared->change([&](View& view) {
            if (!view.get(begun_key)) begin(view);
            make(view);
        });
        if (!done) complain(done.error().detail());
        return done;
    }

    /// Writes down what is to be kept, if that is not done yet and `is_time`.
    void save(bool is_time) {
        std::vector<SavedEntry> entries;
        bool is_mine = false;
        const auto done = change([&](View& view) {
            entries.clear();
            is_mine = view.get(unsaved_key) && (is_time || is_time_to_save(view));
            if (!is_mine) return;
            view.erase(unsaved_key);
            view.put(saved_key, std::to_string(now_count()));
            for (const TableSettings& table : settings.tables) {
                if (outlives_the_machine(table)) collect(view, table, entries);
            }
        });
        if (!done || !is_mine) return;
        if (const auto saved = replace_file(saved_path(), encode_snapshot(entries), 0600); !saved)
            complain(saved.error().detail());
    }

    [[nodiscard]] bool is_time_to_save(View& view) const {
        const auto text = view.get(saved_key);
        const auto last = text ? parse_signed(*text).value_or(0) : 0;
        const std::chrono::microseconds passed(now_count() - last);
        return passed < passed.zero() || passed >= settings.save_interval;
    }

    [[nodiscard]] bool is_open() {
        const std::lock_guard lock(mutex);
        return shared_ != nullptr;
    }
    [[nodiscard]] std::string saved_path() const { return settings.path + "-saved"; }
    [[nodiscard]] std::int64_t now_count() const {
        return clock.wall_now().time_since_epoch().count();
    }

    const Settings settings;
    const Clock& clock;

private:
    store::SharedTable* opened() {
        const std::lock_guard lock(mutex);
        if (!shared_) {
            auto opened = store::SharedTable::open(settings.path, room);
            if (!opened) {
                complain(opened.error().detail());
                return nullptr;
            }
            shared_ = std::move(*opened);
        }
        return shared_.get();
    }

    /// An empty table: what was saved comes back.
    void begin(View& view) {
        view.put(begun_key, "1");
        view.put(saved_key, std::to_string(now_count()));
        const auto octets = read_file(saved_path());
        if (!octets) {
            if (octets.error().error_number() != ENOENT) complain(octets.error().detail());
            return;
        }
        const auto entries = decode_snapshot(*octets);
        if (!entries) return complain(saved_path() + ": " + entries.error().detail());
        for (const TableSettings& table : settings.tables) {
            if (!outlives_the_machine(table)) continue;
            TableView into(view, table);
            for (const SavedEntry& entry : *entries) {
                if (entry.table == table.name && is_of(table, entry.record))
                    into.put(entry.key, entry.record, clock.wall_now());
            }
        }
    }

    static void collect(View& view, const TableSettings& table, std::vector<SavedEntry>& entries) {
        TableView(view, table).for_each([&](std::string_view key, const Record& record) {
            if (entries.size() < most_saved)
                entries.push_back({table.name, std::string(key), record});
        });
    }

    /// Once a minute: an outage refuses nobody and must not fill the log.
    void complain(const std::string& text) {
        constexpr std::chrono::minutes quiet{1};
        const std::lock_guard lock(complaint_mutex);
        const MonoTime now = clock.mono_now();
        if (complained && now - *complained < quiet) return;
        complained = now;
        diag::warning("tables of call-outs: " + text);
    }

    std::mutex mutex;
    std::unique_ptr<store::SharedTable> shared_;
    std::mutex complaint_mutex;
    std::optional<MonoTime> complained;
};

SharedBackend::SharedBackend(Settings settings, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(settings), clock)) {}

SharedBackend::~SharedBackend() {
    if (impl_->is_open()) impl_->save(true);
}

Result<void> SharedBackend::update(
    const TableSettings& table, std::string_view key, const Step& step
) {
    bool is_time = false;
    auto done = impl_->change([&](View& view) {
        TableView entries(view, table);
        const WallTime now = impl_->clock.wall_now();
        const auto before = entries.find(key);
        const auto after = step(before, now);
        if (after == before) return;
        if (after) {
            entries.put(key, *after, now);
        } else {
            entries.erase(key);
        }
        if (!outlives_the_machine(table)) return;
        view.put(unsaved_key, "1");
        is_time = impl_->is_time_to_save(view);
    });
    if (done && is_time) impl_->save(false);
    return done;
}

Result<std::optional<Record>> SharedBackend::find(
    const TableSettings& table, std::string_view key
) {
    std::optional<Record> found;
    auto done = impl_->change([&](View& view) { found = TableView(view, table).find(key); });
    if (!done) return std::move(done).error();
    return found;
}

Result<void> SharedBackend::for_each(
    const TableSettings& table,
    const std::function<void(std::string_view key, const Record& record)>& found
) {
    std::vector<std::pair<std::string, Record>> entries;
    auto done = impl_->change([&](View& view) {
        TableView(view, table).for_each([&](std::string_view key, const Record& record) {
            entries.emplace_back(key, record);
        });
    });
    if (!done) return done;
    for (const auto& [key, record] : entries) found(key, record);
    return {};
}

}  // namespace sluice::meter
