// Stored records and saved tables of call-outs: what is read is what would be written, and rules go
// on from any of it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "meter/key.h"
#include "meter/rules.h"
#include "meter/snapshot.h"

namespace {

using namespace sluice;

void demand(bool condition) {
    if (!condition) std::abort();
}

void go_on_from(const meter::Record& record) {
    meter::TableSettings table;
    table.name = "t";
    const WallTime now{std::chrono::hours(500000)};
    for (const bool penalizes : {false, true}) {
        table.penalizes = penalizes;
        const auto counted = meter::count_event(table, record, now);
        demand(counted.record.kind == meter::Record::Kind::window);
        demand(counted.record.count > 0);
        demand(meter::decode(meter::encode(counted.record)) == counted.record);
    }
    const auto greeted = meter::greet(table, record, now);
    demand(meter::decode(meter::encode(greeted.record)) == greeted.record);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    if (const auto record = meter::decode(octets)) {
        demand(meter::encode(*record) == octets);
        go_on_from(*record);
    }
    if (const auto entries = meter::decode_snapshot(octets)) {
        const auto again = meter::decode_snapshot(meter::encode_snapshot(*entries));
        demand(again && *again == *entries);
    }
    // As if the hash were right: nobody who writes the file needs to guess it.
    const auto title = meter::encode_snapshot({});
    const auto end = title.rfind("end ");
    (void)meter::decode_snapshot(meter::with_hash(title.substr(0, end) + std::string(octets)));
    meter::TableSettings table;
    for (const bool addresses : {false, true}) {
        table.keys_are_addresses = addresses;
        const auto key = meter::key_of(table, octets);
        demand(!key || (!key->empty() && key->size() <= meter::longest_key));
        if (key) demand(meter::key_of(table, *key) == key);
    }
    return 0;
}
