#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mapping/answers.h"

// An evaluation is a function of the configuration, the probe and the answers of the world outside.
// With these three on record it can be repeated, and explained, at any later time.
namespace sluice::mapping {

struct RecordedAnswer {
    Question question;
    Answer answer;

    /// "general_value(key): found text".
    [[nodiscard]] std::string to_string() const;
};
std::string_view to_string(Answer::Kind kind);

/// Passes questions on and keeps them with their answers. Refers to `source`.
class RecordingAnswers final : public Answers {
public:
    explicit RecordingAnswers(Answers& source) : source_(source) {}
    Answer ask(const Question& question) override;
    [[nodiscard]] const std::vector<RecordedAnswer>& recorded() const { return recorded_; }
    /// Whether some were left out (limits::recorded_octets): the record cannot be replayed.
    [[nodiscard]] bool truncated() const { return truncated_; }

private:
    Answers& source_;
    std::vector<RecordedAnswer> recorded_;
    std::size_t octets_ = 0;
    bool truncated_ = false;
};

/// Gives recorded answers again, in their order.
class ReplayedAnswers final : public Answers {
public:
    explicit ReplayedAnswers(std::vector<RecordedAnswer> recorded)
        : recorded_(std::move(recorded)) {}
    /// A question that is not the next one on record is not found.
    Answer ask(const Question& question) override;
    /// Whether exactly the recorded questions were asked.
    [[nodiscard]] bool exhausted() const { return !strayed_ && next_ == recorded_.size(); }

private:
    std::vector<RecordedAnswer> recorded_;
    std::size_t next_ = 0;
    bool strayed_ = false;
};

}  // namespace sluice::mapping
