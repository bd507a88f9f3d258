#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Changes that policy asks of a message's header: mailing lists, access tables, filters. They touch
// the fields they name and keep every other octet.
namespace sluice::message {

/// One change to one field. A plain value.
struct HeaderEdit {
    enum class Kind : std::uint8_t {
        add,             ///< one more field behind all others
        add_if_missing,  ///< the same, unless a field of that name is there
        replace,         ///< the first field of that name gets the value, others of it go; else add
        remove,          ///< all fields of that name
        tag_subject,     ///< `value` in front of the Subject, once; without a Subject: as its value
        add_or_resent,   ///< `add`, as "Resent-" and the name where a field of that name is there
        extend,          ///< `value` behind a comma at the end of the first field; without one: add
        prefix_subject,  ///< `value` in front of the Subject, always
        suffix_subject,  ///< `value` behind the Subject, always
        strip_subject_numbers,  ///< every "[digits]" of the Subject goes
    };
    Kind kind = Kind::add;
    std::string name;   ///< "Reply-To"; not looked at where the Subject is meant
    std::string value;  ///< unfolded, without line end; not looked at where something goes

    friend bool operator==(const HeaderEdit&, const HeaderEdit&) = default;
    friend auto operator<=>(const HeaderEdit&, const HeaderEdit&) = default;
};
using HeaderEdits = std::vector<HeaderEdit>;

/// The header with the edits made in order. `header` is a header block with its line ends, up to
/// and including the blank line, or without one. New fields are folded and end with CRLF; controls
/// in their values become blanks. An edit whose name is no legal field name does nothing. Pure.
[[nodiscard]] std::string apply_edits(std::string_view header, const HeaderEdits& edits);

}  // namespace sluice::message
