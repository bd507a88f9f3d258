#pragma once

#include <bitset>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::log {

/// Which kinds of entry a log of another dialect has: "all", or names between commas; a name with
/// "-" in front takes its entries away again, and a list that begins with one starts from all.
/// Names have no case. A name may stand for several entries ("SMTP-Accept" and
/// "SMTP-Accept:Connect"). A plain value.
class EventSwitches {
public:
    static constexpr std::size_t capacity = 64;

    /// A name and the entry, as a number below `capacity`, that it switches.
    struct Name {
        std::string_view text;
        std::size_t entry = 0;
    };

    /// Everything is on.
    EventSwitches() { entries_.set(); }
    /// `unknown` gets the words that are not among `names`.
    static EventSwitches parse(
        std::string_view text,
        std::span<const Name> names,
        std::vector<std::string>* unknown = nullptr
    );

    [[nodiscard]] bool has(std::size_t entry) const { return entries_.test(entry); }
    friend bool operator==(const EventSwitches&, const EventSwitches&) = default;

private:
    std::bitset<capacity> entries_;
};

}  // namespace sluice::log
