#pragma once

#include <optional>
#include <vector>

#include "lookup/sources.h"

namespace sluice::lookup {

/// The outside answers of one decision, for shells that must not wait. What can be answered at once
/// is; the first question that cannot makes the decision `pending`:
///
///     Gathering answers(sources);
///     do {
///         answers.begin();
///         decision = decide(..., answers);      // a pure function: made again, nothing happens
///     } while (answers.is_pending() && (answers.settle(), true));   // settle() on another thread
///
/// Every answer is kept and given again in the next round, so that a counter counts once and chance
/// is drawn once. While is_pending() nothing of the decision counts. One thread at a time.
class Gathering final : public mapping::Answers {
public:
    explicit Gathering(Sources& sources) : sources_(sources) {}

    /// The decision is about to be made, from its first question on.
    void begin();
    /// Another decision is about to be made: nothing of the ones before is kept, and nothing
    /// blocks.
    void begin_anew();
    mapping::Answer ask(const mapping::Question& question) override;
    [[nodiscard]] bool is_pending() const { return awaited_.has_value(); }
    /// Gets the answer that is awaited. Blocks, for seconds at most.
    void settle();
    /// Instead of settle(), for decisions with many questions: the next round may block and is the
    /// last. What has been answered stays; every other question is answered as it comes.
    void wait_from_now_on();
    /// What routines had to say for the logs in the decision that was made, in the order of its
    /// questions.
    [[nodiscard]] std::vector<std::string> remarks() const;

private:
    /// A decision that asks more is not worth waiting for; its further questions fail.
    static constexpr std::size_t most_waits = 50;

    struct Note {
        mapping::Question question;
        mapping::Answer answer;
    };
    Sources& sources_;
    std::vector<Note> notes_;
    std::size_t next_ = 0;
    std::size_t waits_ = 0;
    std::optional<mapping::Question> awaited_;
    bool waits_itself_ = false;
};

}  // namespace sluice::lookup
