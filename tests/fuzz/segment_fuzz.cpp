// A segment with three young messages in which octets were changed: three octets of input a change.
// Nothing may crash, nothing damaged may be read as a message, and what was not touched must be
// there.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "queue/commit.h"
#include "queue/failure.h"
#include "queue/reclaim.h"
#include "queue/segment_writer.h"
#include "queue/segments.h"
#include "queue/storage.h"
#include "queue/sync_pool.h"
#include "support/disk_model.h"
#include "support/queue_support.h"

using namespace sluice;
using namespace sluice::queue;

namespace {

constexpr std::size_t messages = 3;

std::string content_of(std::size_t number) {
    return "Subject: " + std::to_string(number) + "\r\n\r\n" + std::string(700 * number, 'x');
}

struct Original {
    Original() {
        test::DiskModel disk("/q");
        test::QueueClock clock;
        auto store = *Store::open("/q", test::options_with(test::young_limit), disk, clock);
        SegmentWriter writer(*store);
        SyncPool none(0);
        for (std::size_t i = 0; i < messages; ++i) {
            auto message =
                MessageWriter::create(*store, {"l", 1, 0, {}}, test::sample_envelope({"a@x"}));
            if (!message || !message->append(content_of(i))) std::abort();
            CommitItem item;
            item.copies.push_back(message->finish().value());
            locations.push_back(item.copies.front().location());
            commit_batch(*store, none, {&item, 1}, &writer);
        }
        id = store->segments().list()->front();
        octets = disk.content(store->segments().path(id));
    }
    std::string id;
    std::string octets;
    std::vector<MessageLocation> locations;
};

struct Region {
    std::size_t begin;
    std::size_t size;
    std::size_t owner;  ///< number of the message; `messages`: all
};

std::vector<Region> regions_of(const Original& original) {
    std::vector<Region> regions = {{0, segment::encoded_header_size(), messages}};
    for (std::uint32_t i = 0; i < messages; ++i) {
        regions.push_back({segment::mark_offset(i), segment::mark_size, i});
        regions.push_back({segment::slot_offset(i), segment::slot_size, i});
        const auto slot = segment::decode_slot(
            std::string_view(original.octets).substr(segment::slot_offset(i), segment::slot_size),
            i, original.id
        );
        regions.push_back({slot.slot.offset, slot.slot.size, i});
    }
    return regions;
}

/// Changes the octets; returns whose they were.
std::set<std::size_t> change(
    std::string& octets,
    const std::vector<Region>& regions,
    const std::uint8_t* data,
    std::size_t size
) {
    std::set<std::size_t> touched;
    for (; size >= 3; data += 3, size -= 3) {
        const Region& region = regions[data[0] % regions.size()];
        if (data[2] == 0) continue;
        // Every octet of the small regions, some of the large ones.
        const std::size_t at = region.begin + data[1] * ((region.size + 255) / 256) % region.size;
        octets[at] = static_cast<char>(octets[at] ^ data[2]);
        touched.insert(region.owner);
    }
    return touched;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Original original;
    static const std::vector<Region> regions = regions_of(original);
    std::string octets = original.octets;
    const auto touched = change(octets, regions, data, size);
    const bool is_whole = !touched.contains(messages);

    test::DiskModel disk("/q");
    test::QueueClock clock;
    auto store = *Store::open("/q", {}, disk, clock);
    if (!store->segments().make_directory() || !store->prepare("l", "000")) std::abort();
    disk.plant(store->segments().path(original.id), octets);
    const auto queued = test::queued(*store);
    for (std::size_t i = 0; i < messages; ++i) {
        auto file = MessageFile::open(*store, original.locations[i], Access::own);
        if (file && test::read_all(*file).value() != content_of(i)) std::abort();
        const bool is_listed =
            std::find(queued.begin(), queued.end(), original.locations[i]) != queued.end();
        if (is_whole && !touched.contains(i) && (!file || !is_listed)) std::abort();
        if (!file && failure_kind(file.error()) == Failure::damaged) {
            (void)mark_bad(*store, original.locations[i]);
        }
    }
    if (!reclaim_segments(*store)) std::abort();
    const bool is_needed = is_whole && touched.size() < messages;
    if (is_needed && store->segments().list()->empty()) std::abort();
    return 0;
}
