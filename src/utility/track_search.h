#pragma once

#include <functional>
#include <set>
#include <string>
#include <unordered_set>

#include "log_index/finder.h"
#include "tracking/grouper.h"
#include "tracking/line_reader.h"
#include "tracking/selection.h"

namespace sluice::utility {

/// Finds messages in logs: the lines that fit a selection, then all lines that are tied to them,
/// looked up one tie after the other. Each message is given out once, as soon as it is complete.
/// Not thread-safe.
class MessageSearch {
public:
    using Sink = std::function<void(tracking::Group&&)>;

    MessageSearch(
        log_index::Finder& finder, const tracking::LineReader& reader, tracking::TextMatch match
    )
        : finder_(finder), reader_(reader), match_(match) {}

    void run(const tracking::Selection& selection, const Sink& sink);
    /// Ties of everything that was given out, for those who follow the log.
    [[nodiscard]] const std::unordered_set<std::string>& known_keys() const { return told_; }

private:
    using Place = std::pair<std::size_t, std::uint64_t>;
    struct Lines;

    void tell(const tracking::Selection& selection, Lines& lines, const Sink& sink);
    void gather(std::vector<tracking::Key> keys, Lines& lines);
    [[nodiscard]] bool has_match(const tracking::Group& group, const tracking::Selection& selection)
        const;

    log_index::Finder& finder_;
    const tracking::LineReader& reader_;
    tracking::TextMatch match_;
    std::unordered_set<std::string> told_;
    std::set<Place> told_lines_;
};

/// Whether one of the group's lines fits.
[[nodiscard]] bool group_matches(
    const tracking::Group& group,
    const tracking::Selection& selection,
    const tracking::LineReader& reader,
    tracking::TextMatch match
);

/// What the index is asked for a selection.
[[nodiscard]] log_index::Question question_of(const tracking::Selection& selection);

}  // namespace sluice::utility
