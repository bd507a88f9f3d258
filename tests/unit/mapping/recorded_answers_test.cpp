#include "mapping/recorded_answers.h"

#include <gtest/gtest.h>

namespace sluice::mapping {
namespace {

/// Counts up, so that no two answers are the same.
class Counter final : public Answers {
public:
    Answer ask(const Question&) override { return Answer::literal(std::to_string(++count_)); }

private:
    int count_ = 0;
};

const Question red{Question::Kind::general_value, "red", {}, {}};
const Question blue{Question::Kind::sequence_number, "blue", {}, {}};

TEST(RecordedAnswers, AreGivenAgainInTheirOrder) {
    Counter counter;
    RecordingAnswers recording(counter);
    EXPECT_EQ(recording.ask(red).text, "1");
    EXPECT_EQ(recording.ask(blue).text, "2");
    EXPECT_EQ(recording.ask(red).text, "3");
    EXPECT_FALSE(recording.truncated());
    ReplayedAnswers replayed(recording.recorded());
    EXPECT_EQ(replayed.ask(red).text, "1");
    EXPECT_EQ(replayed.ask(blue).text, "2");
    EXPECT_FALSE(replayed.exhausted());
    EXPECT_EQ(replayed.ask(red).text, "3");
    EXPECT_TRUE(replayed.exhausted());
}

TEST(RecordedAnswers, NoticeAQuestionThatWasNotAsked) {
    Counter counter;
    RecordingAnswers recording(counter);
    recording.ask(red);
    ReplayedAnswers replayed(recording.recorded());
    EXPECT_EQ(replayed.ask(blue).kind, Answer::Kind::not_found);
    EXPECT_FALSE(replayed.exhausted());
}

TEST(RecordedAnswers, AreWrittenForPeople) {
    EXPECT_EQ(
        (RecordedAnswer{red, Answer::literal("x\n")}).to_string(),
        "general_value(red): found \"x\\x0a\""
    );
    EXPECT_EQ(
        (RecordedAnswer{blue, Answer::temporary()}).to_string(),
        "sequence_number(blue): not to be had now"
    );
}

}  // namespace
}  // namespace sluice::mapping
