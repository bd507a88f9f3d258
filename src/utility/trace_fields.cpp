#include "utility/trace_fields.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/bytes.h"
#include "message/header_field.h"

namespace sluice::utility {

namespace {

constexpr std::array<std::string_view, 3> trace_names = {
    "Received", "MR-Received", "X400-Received"};

/// Which of the names; their number where it is none of them.
std::size_t kind_of(std::string_view name) {
    const auto found = std::find_if(trace_names.begin(), trace_names.end(), [&](auto known) {
        return equals_ignoring_case(known, name);
    });
    return static_cast<std::size_t>(found - trace_names.begin());
}

}  // namespace

StrippedHeader strip_trace_fields(std::string_view header, std::size_t kept) {
    const std::vector<message::HeaderField> fields = message::split_header(header);
    std::array<std::size_t, trace_names.size()> left{};
    for (const message::HeaderField& field : fields) {
        const std::size_t kind = kind_of(field.name);
        if (kind < left.size()) ++left[kind];
    }
    StrippedHeader stripped;
    std::size_t copied = 0;  // of the header
    for (const message::HeaderField& field : fields) {
        const std::size_t kind = kind_of(field.name);
        if (kind == left.size() || left[kind]-- <= kept) continue;
        const auto begin = static_cast<std::size_t>(field.raw.data() - header.data());
        stripped.header.append(header.substr(copied, begin - copied));
        copied = begin + field.raw.size();
        ++stripped.removed;
    }
    stripped.header.append(header.substr(copied));
    return stripped;
}

}  // namespace sluice::utility
