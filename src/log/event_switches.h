#pragma once

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::log {

/// Which kinds of entry a log of another dialect has: "all", or names between commas; a name with
/// "-" in front takes its entries away again, and a list that begins with one starts from all.
/// Names have no case. A name may stand for several entries ("SMTP-Accept" and
/// "SMTP-Accept:Connect"). Each dialect has an enumeration of its entries. A plain value.
class EventSwitches {
public:
    static constexpr std::size_t capacity = 64;

    /// A name and the entry, as a number below `capacity`, that it switches.
    struct Name {
        std::string_view text;
        std::size_t entry = 0;
    };
    template <class Entry>
    [[nodiscard]] static constexpr Name name(std::string_view text, Entry entry) {
        return {text, static_cast<std::size_t>(entry)};
    }

    /// Everything is on.
    EventSwitches() { entries_.set(); }
    /// `unknown` gets the words that are not among `names`.
    static EventSwitches parse(
        std::string_view text,
        std::span<const Name> names,
        std::vector<std::string>* unknown = nullptr
    );

    template <class Entry>
    [[nodiscard]] bool has(Entry entry) const {
        return entries_.test(static_cast<std::size_t>(entry));
    }
    template <class Entry>
    [[nodiscard]] bool has_any(std::initializer_list<Entry> entries) const {
        return std::any_of(entries.begin(), entries.end(), [this](Entry one) { return has(one); });
    }
    friend bool operator==(const EventSwitches&, const EventSwitches&) = default;

private:
    std::bitset<capacity> entries_;
};

}  // namespace sluice::log
