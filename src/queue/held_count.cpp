#include "queue/held_count.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "queue/failure.h"
#include "queue/scan.h"
#include "queue/storage.h"
#include "queue/store.h"

namespace sluice::queue {

namespace {

bool is_set_aside(std::string_view name) {
    if (!name.ends_with(".HELD") && !name.ends_with(".BAD")) return false;
    const auto parsed = parse_message_name(name);
    return parsed && parsed->state() != MessageState::eligible;
}

class HeldCount {
public:
    explicit HeldCount(const Store& store) : store_(store) {}

    Result<std::map<std::string, std::uint64_t>> run() {
        auto channels = list_channels(store_);
        if (!channels) return std::move(channels).error();
        for (const std::string& channel : *channels) {
            if (auto listed = list_channel(channel); !listed) return std::move(listed).error();
        }
        std::vector<std::thread> others(
            std::min<std::size_t>(std::max(std::thread::hardware_concurrency(), 1U), 8) - 1
        );
        for (std::thread& other : others) other = std::thread([this] { work(); });
        work();
        for (std::thread& other : others) other.join();
        if (failure_) return *failure_;
        return std::move(held_);
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
            } else if (kind == FileKind::regular && is_set_aside(name)) {
                ++held_[channel];
            }
        });
    }

    void work() {
        for (std::size_t i = next_++; i < directories_.size(); i = next_++) {
            const Directory& directory = directories_[i];
            std::uint64_t held = 0;
            const auto listed = list(
                directory.channel + '/' + directory.sub,
                [&](std::string_view name, FileKind kind) {
                    if (kind == FileKind::regular && is_set_aside(name)) ++held;
                }
            );
            const std::lock_guard lock(mutex_);
            if (!listed) failure_ = listed.error();
            if (held > 0) held_[directory.channel] += held;
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
    std::map<std::string, std::uint64_t> held_;
    std::optional<Error> failure_;
};

}  // namespace

Result<std::map<std::string, std::uint64_t>> count_held(const Store& store) {
    return HeldCount(store).run();
}

}  // namespace sluice::queue
