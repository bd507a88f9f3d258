#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tracking/record.h"
#include "tracking/stamp.h"

// mail.log for programs: LOG_FORMAT 4, one XML element a line, and 5 or 6, one JSON object a line
// (logging.md section 5.1). Pure.
namespace sluice::tracking {

/// Attributes or members in their order, unescaped.
struct Element {
    std::string name;  ///< "en", "co", "he"
    std::vector<std::pair<std::string, std::string>> attributes;
};

/// One self-closing element. False for anything else: other names, content, entities that XML does
/// not have.
[[nodiscard]] bool parse_xml_line(std::string_view text, Element& element);
/// One object; its member "el" is the element's name, whatever that is. Members that are no text,
/// number or boolean are left out. False for anything else.
[[nodiscard]] bool parse_json_line(std::string_view text, Element& element);

/// Reads `body` into one event, record.entry, record.stamp and record.shows; false for a line that
/// is no entry. `block_size`: octets of a block, in which XML counts.
[[nodiscard]] bool read_structured(
    std::string_view body, const StampSettings& settings, std::uint64_t block_size, Record& record
);

}  // namespace sluice::tracking
