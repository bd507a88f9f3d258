#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "mapping/pattern.h"
#include "mapping/trace.h"

namespace sluice::mapping {

enum class MatchResult : std::uint8_t { matched, mismatched, abandoned };

/// Compares one text with many patterns: the folded copy of the text, the scratch memory and the
/// last address parsed are kept between comparisons.
///
/// Elements are tried from left to right with backtracking; a run takes as much as it can (as
/// little, if lazy) and the first overall success decides the fields. What has failed once behind a
/// run is not tried again, which keeps patterns with many stars from exploding; a comparison that
/// still needs more than its steps is abandoned. Not thread-safe.
class Matcher {
public:
    /// Keeps a copy of `text`.
    explicit Matcher(std::string_view text) { set_text(text); }
    void set_text(std::string_view text);
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const std::string& folded() const { return folded_; }

    /// Spends at most `step_limit` element steps; `steps()` tells how many it took.
    MatchResult match(const Pattern& pattern, std::size_t step_limit);
    [[nodiscard]] std::size_t steps() const { return steps_; }

    /// Text of a field of the last successful comparison, empty if there is no such field. Views
    /// the text kept here.
    [[nodiscard]] std::string_view field(std::size_t number) const;
    [[nodiscard]] std::vector<std::string> fields() const;
    /// After a mismatch: the furthest place reached, in words.
    [[nodiscard]] std::string why_not() const;

    /// Has the comparisons that follow keep what elements() tells. Changes no result.
    void keep_explanation() { explained_ = true; }
    /// The elements of the pattern with the text each took; after a mismatch, those in front of the
    /// furthest place, with what they had taken when it was reached. Empty unless kept.
    [[nodiscard]] std::vector<TracePart> elements() const;

private:
    struct Span {
        std::size_t begin = 0;
        std::size_t end = 0;
    };
    /// What is known of one element of the pattern.
    struct State {
        Span span;
        /// `*` only: from here on every end of the run is known to fail.
        std::size_t failed_from = std::string::npos;
    };
    struct Choice {
        std::size_t element;
        std::size_t begin;
        std::size_t taken;
        std::size_t longest;
    };

    void begin_match(const Pattern& pattern, std::size_t step_limit);
    [[nodiscard]] bool can_match_at_all() const;
    void note_furthest(std::size_t element, std::size_t position, std::size_t placed);
    bool take(std::size_t index, std::size_t& position);
    bool take_run(std::size_t index, std::size_t& position);
    bool take_network(const Pattern::Element& element, std::size_t& position, Span& span);
    bool settle(Choice& choice);
    bool next_choice(Choice& choice);
    bool back_up(std::size_t& index, std::size_t& position);
    [[nodiscard]] bool known_to_fail(std::size_t element, std::size_t position) const;
    void remember_failure(std::size_t element, std::size_t position);

    std::string text_;
    std::string folded_;

    const Pattern* pattern_ = nullptr;
    std::vector<State> states_;  ///< by element
    std::vector<Choice> choices_;
    std::vector<bool> failures_;  ///< runs of a set: element * (length + 1) + position
    std::size_t steps_ = 0;
    std::size_t step_limit_ = 0;
    std::size_t furthest_element_ = 0;
    std::size_t furthest_position_ = 0;
    bool explained_ = false;
    std::vector<Span> furthest_spans_;  ///< of the elements placed when it was reached

    // The address elements of a long list of networks all look at the same place.
    struct AddressRun {
        std::size_t begin = 0;
        bool v6 = false;
        Span span;
        std::optional<IpAddress> address;
    };
    const AddressRun& address_run(std::size_t position, bool v6);
    std::optional<AddressRun> last_run_;
};

}  // namespace sluice::mapping
