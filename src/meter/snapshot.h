#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "meter/record.h"

namespace sluice::meter {

/// An entry of some table, as it is written down to outlive the start of the machine.
struct SavedEntry {
    std::string table;
    std::string key;
    Record record;

    friend bool operator==(const SavedEntry&, const SavedEntry&) = default;
};

/// docs/formats/meter-tables.md.
std::string encode_snapshot(const std::vector<SavedEntry>& entries);
/// A file ends in such a line about what stands before.
std::string with_hash(std::string text);
/// All of it or an Error: it ends in a hash of what stands before.
Result<std::vector<SavedEntry>> decode_snapshot(std::string_view octets);

}  // namespace sluice::meter
