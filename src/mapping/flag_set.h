#pragma once

#include <bitset>
#include <string>
#include <string_view>

namespace sluice::mapping {

/// A set of flag characters. Letters are case-blind and kept in upper case; punctuation is itself.
/// Used both for what a caller says about the situation (input flags, tested by `$:x`) and for
/// what templates set (output flags); the same letter means different things in the two. A value.
class FlagSet {
public:
    FlagSet() = default;
    explicit FlagSet(std::string_view letters);

    void set(char flag) { bits_.set(slot(flag)); }
    [[nodiscard]] bool has(char flag) const { return bits_.test(slot(flag)); }
    [[nodiscard]] bool empty() const { return bits_.none(); }
    void add(const FlagSet& other) { bits_ |= other.bits_; }
    /// All flags in ASCII order, for example "<NX".
    [[nodiscard]] std::string to_string() const;

    friend bool operator==(const FlagSet&, const FlagSet&) = default;

private:
    static std::size_t slot(char flag);
    std::bitset<256> bits_;
};

using InputFlags = FlagSet;
using OutputFlags = FlagSet;

}  // namespace sluice::mapping
