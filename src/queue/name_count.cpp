#include "queue/name_count.h"

#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

#include "base/parallel.h"
#include "queue/failure.h"
#include "queue/scan.h"
#include "queue/storage.h"
#include "queue/store.h"

namespace sluice::queue {

namespace {

constexpr std::size_t most_threads = 8;

void count(NameCount& counts, std::string_view name, FileKind kind) {
    if (kind != FileKind::regular) return;
    const auto parsed = parse_message_name(name);
    if (!parsed) return;
    ++(parsed->state() == MessageState::eligible ? counts.eligible : counts.held);
}

class NameCounter {
public:
    explicit NameCounter(const Store& store) : store_(store) {}

    Result<std::map<std::string, NameCount>> run() {
        auto channels = list_channels(store_);
        if (!channels) return std::move(channels).error();
        for (const std::string& channel : *channels) {
            if (auto listed = list_channel(channel); !listed) return std::move(listed).error();
        }
        run_in_parallel(most_threads, [this] { work(); });
        if (failure_) return *failure_;
        return std::move(counts_);
    }

private:
    struct Directory {
        std::string channel;
        std::string sub;
    };

    /// The messages in the channel's own directory, and which others there are.
    Result<void> list_channel(const std::string& channel) {
        return list(channel, [&](std::string_view name, FileKind kind) {
            if (kind == FileKind::directory && is_sub_directory_name(name)) {
                directories_.push_back({channel, std::string(name)});
            } else {
                count(counts_[channel], name, kind);
            }
        });
    }

    void work() {
        for (std::size_t i = next_++; i < directories_.size(); i = next_++) {
            const Directory& directory = directories_[i];
            NameCount found;
            const auto listed = list(
                directory.channel + '/' + directory.sub,
                [&](std::string_view name, FileKind kind) { count(found, name, kind); }
            );
            const std::lock_guard lock(mutex_);
            if (!listed) failure_ = listed.error();
            NameCount& counts = counts_[directory.channel];
            counts.eligible += found.eligible;
            counts.held += found.held;
        }
    }

    /// A directory that vanished has nothing in it.
    Result<void> list(const std::string& path, const Storage::Visit& visit) {
        auto listed = store_.storage().list(store_.root() + '/' + path, visit);
        if (!listed && failure_kind(listed.error()) != Failure::gone) return listed;
        return {};
    }

    const Store& store_;
    std::vector<Directory> directories_;
    std::atomic<std::size_t> next_{0};
    std::mutex mutex_;
    std::map<std::string, NameCount> counts_;
    std::optional<Error> failure_;
};

}  // namespace

Result<std::map<std::string, NameCount>> count_names(const Store& store) {
    return NameCounter(store).run();
}

}  // namespace sluice::queue
