#include "queue/scan.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <utility>

#include "queue/checksum.h"
#include "queue/failure.h"
#include "queue/hash_set.h"
#include "queue/promotion.h"
#include "queue/segments.h"
#include "queue/storage.h"
#include "queue/store.h"

namespace sluice::queue {

namespace {

std::string_view what_is(FileKind kind) {
    switch (kind) {
        case FileKind::regular:
            return "file";
        case FileKind::directory:
            return "directory";
        case FileKind::symlink:
            return "symbolic link";
        case FileKind::other:
            return "special file";
    }
    return "special file";
}

void report(const ScanVisitor& visitor, const std::string& path, std::string_view reason) {
    if (visitor.alien) visitor.alien(path, reason);
}

/// Scans one channel. Unique parts are remembered by their hash; on the rare hit the names are
/// compared in a second pass, so that a million names cost eight megabytes and not a hundred.
class ChannelScan {
public:
    ChannelScan(const Store& store, const std::string& channel, const ScanVisitor& visitor)
        : store_(store), channel_(channel), visitor_(visitor) {}

    Result<void> run() {
        // Before the files: a young message that becomes one meanwhile is found there.
        auto young = young_messages();
        if (!young) return std::move(young).error();
        auto listed = list("", [this](std::string_view name, FileKind kind) {
            if (kind == FileKind::directory) {
                channel_entry(name);
            } else {
                file("", name, kind);
            }
        });
        if (!listed) return listed;
        std::sort(sub_directories_.begin(), sub_directories_.end());
        for (const std::string& sub : sub_directories_) {
            auto inner =
                list(sub, [&](std::string_view name, FileKind kind) { file(sub, name, kind); });
            if (!inner) return inner;
        }
        if (auto settled = settle_repeated(); !settled) return settled;
        for (const SegmentEntry& entry : *young) young_message(entry);
        return {};
    }

private:
    /// A directory that vanished has nothing in it.
    Result<void> list(const std::string& sub, const Storage::Visit& visit) {
        std::string path = store_.root() + '/' + channel_;
        if (!sub.empty()) path += '/' + sub;
        auto listed = store_.storage().list_by_place(path, visit);
        if (!listed && failure_kind(listed.error()) != Failure::gone) return listed;
        return {};
    }

    void channel_entry(std::string_view name) {
        if (is_sub_directory_name(name)) {
            sub_directories_.emplace_back(name);
        } else if (name != "tmp" && name != "spool") {
            report(visitor_, path_of("", name), "directory in a channel directory");
        }
    }

    void file(const std::string& sub, std::string_view name, FileKind kind) {
        const auto parsed = parse_message_name(name);
        if (kind != FileKind::regular) {
            report(visitor_, path_of(sub, name), std::string(what_is(kind)) + ", not a file");
        } else if (!parsed) {
            report(visitor_, path_of(sub, name), "not a message file's name");
        } else if (!seen_.insert(hash_of(parsed->unique))) {
            repeated_[std::string(parsed->unique)].push_back({sub, std::string(name)});
        } else {
            emit(sub, *parsed);
        }
    }

    /// Live entries of the channel.
    Result<std::vector<SegmentEntry>> young_messages() {
        std::vector<SegmentEntry> found;
        const Segments& segments = store_.segments();
        auto ids = segments.list();
        if (!ids) return std::move(ids).error();
        for (const std::string& id : *ids) {
            auto file = store_.storage().open(segments.path(id), Storage::Open::read);
            if (!file && failure_kind(file.error()) == Failure::gone) continue;
            if (!file) return std::move(file).error();
            auto table = Segments::read_table(**file, id);
            if (!table) {
                report(visitor_, segment_name(id), table.error().detail());
                continue;
            }
            if (table->damaged > 0) report(visitor_, segment_name(id), "damaged slots");
            for (SegmentTable::Row& row : table->rows) {
                if (row.mark != segment::Mark::live || row.slot.channel != channel_) continue;
                found.push_back({id, row.number, std::move(row.slot)});
            }
        }
        return found;
    }

    /// A file of the same message is what a promotion leaves that was killed before its end: the
    /// file counts.
    void young_message(const SegmentEntry& entry) {
        if (!seen_.insert(hash_of(entry.slot.unique)) && is_promoted(entry)) return;
        const std::string sub = sub_directory_name(entry.slot.sub_directory);
        emit(sub, {0, entry.slot.unique, "00"});
    }

    bool is_promoted(const SegmentEntry& entry) {
        const auto promoted = finish_promotion(store_, entry);
        if (!promoted) report(visitor_, segment_name(entry.segment), promoted.error().detail());
        return !promoted || *promoted;
    }

    static std::string segment_name(std::string_view id) {
        return std::string(segment::directory_name).append("/").append(id);
    }

    void emit(std::string_view sub, const MessageNameView& name) {
        if (visitor_.message) visitor_.message({channel_, sub, name});
    }

    Result<void> settle_repeated() {
        if (repeated_.empty()) return {};
        std::map<std::string, std::size_t, std::less<>> count;
        const auto look_at = [&](std::string_view name, FileKind kind) {
            const auto parsed = parse_message_name(name);
            if (kind != FileKind::regular || !parsed) return;
            if (repeated_.find(parsed->unique) != repeated_.end()) {
                ++count[std::string(parsed->unique)];
            }
        };
        if (auto listed = list("", look_at); !listed) return listed;
        for (const std::string& sub : sub_directories_) {
            if (auto listed = list(sub, look_at); !listed) return listed;
        }
        for (const auto& [unique, places] : repeated_) {
            const auto found = count.find(unique);
            const bool shared = found != count.end() && found->second > 1;
            for (const Place& place : places) {
                if (shared) {
                    report(visitor_, path_of(place.sub, place.name), "second file of one message");
                } else {
                    emit(place.sub, *parse_message_name(place.name));
                }
            }
        }
        return {};
    }

    [[nodiscard]] std::string path_of(std::string_view sub, std::string_view name) const {
        std::string path = channel_ + '/';
        if (!sub.empty()) path.append(sub).append("/");
        return path.append(name);
    }

    struct Place {
        std::string sub;
        std::string name;
    };
    const Store& store_;
    const std::string& channel_;
    const ScanVisitor& visitor_;
    std::vector<std::string> sub_directories_;
    HashSet seen_;
    std::map<std::string, std::vector<Place>, std::less<>> repeated_;
};

}  // namespace

MessageLocation ScannedMessage::location() const {
    return {
        std::string(channel),
        std::string(sub_directory),
        {name.attempts, std::string(name.unique), std::string(name.suffix)}};
}

Result<std::vector<std::string>> list_channels(const Store& store, const ScanVisitor& visitor) {
    std::vector<std::string> channels;
    auto listed = store.storage().list(store.root(), [&](std::string_view name, FileKind kind) {
        if (kind == FileKind::directory && is_channel_directory_name(name)) {
            channels.emplace_back(name);
        } else if (!(name.starts_with('.') && kind != FileKind::symlink)) {
            report(visitor, std::string(name), std::string(what_is(kind)) + " in the queue root");
        }
    });
    if (!listed) return std::move(listed).error();
    std::sort(channels.begin(), channels.end());
    return channels;
}

Result<void> scan_channel(
    const Store& store, const std::string& channel, const ScanVisitor& visitor
) {
    return ChannelScan(store, channel, visitor).run();
}

Result<void> scan_queue(const Store& store, const ScanVisitor& visitor) {
    auto channels = list_channels(store, visitor);
    if (!channels) return std::move(channels).error();
    for (const std::string& channel : *channels) {
        if (auto scanned = scan_channel(store, channel, visitor); !scanned) return scanned;
    }
    return {};
}

Result<WallTime> last_attempt_time(const Store& store, const MessageLocation& location) {
    auto status = store.storage().status(location.path(store.root()));
    if (status) return status->modified;
    const auto arrival = arrival_time(location.name.unique);
    if (failure_kind(status.error()) != Failure::gone || !arrival) {
        return std::move(status).error();
    }
    // A young message was never tried.
    auto entry = store.segments().find(location.name.unique);
    if (!entry) return std::move(entry).error();
    if (!*entry) return std::move(status).error();
    auto mark = store.segments().mark_of(**entry);
    if (!mark) return std::move(mark).error();
    if (*mark != segment::Mark::live) return std::move(status).error();
    return *arrival;
}

}  // namespace sluice::queue
