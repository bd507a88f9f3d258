#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "mapping/answers.h"

namespace sluice::test {

/// An outside world that knows something about nearly everything: which kind of answer a question
/// gets depends on the question and a seed alone, so that the same question always gets the same.
class AnyAnswers final : public mapping::Answers {
public:
    explicit AnyAnswers(std::size_t seed = 0) : seed_(seed) {}

    mapping::Answer ask(const mapping::Question& question) override {
        using mapping::Answer;
        const std::string text = question.to_debug_string();
        switch ((std::hash<std::string>()(text) + seed_) % 6) {
            case 0:
                return Answer::none();
            case 1:
                return Answer::temporary();
            case 2:
                return Answer::template_text(question.subject);
            case 3:
                return Answer::literal("42");
            case 4:
                return Answer::template_text("$Y$C" + question.argument);
            default:
                return Answer::literal(question.subject);
        }
    }

private:
    std::size_t seed_;
};

}  // namespace sluice::test
