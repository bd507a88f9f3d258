#include "mapping/recorded_answers.h"

#include "base/bytes.h"
#include "mapping/limits.h"

namespace sluice::mapping {

std::string_view to_string(Answer::Kind kind) {
    switch (kind) {
        case Answer::Kind::found:
            return "found";
        case Answer::Kind::not_found:
            return "nothing found";
        case Answer::Kind::temporary_failure:
            return "not to be had now";
        case Answer::Kind::pending:
            break;
    }
    return "not known yet";
}

std::string RecordedAnswer::to_string() const {
    std::string text = question.to_debug_string() + ": ";
    text += mapping::to_string(answer.kind);
    if (answer.kind == Answer::Kind::found) text += " \"" + answer.text + '"';
    return printable(text);
}

Answer RecordingAnswers::ask(const Question& question) {
    Answer answer = source_.ask(question);
    octets_ += question.subject.size() + question.routine.size() + question.argument.size();
    octets_ += answer.text.size() + sizeof(RecordedAnswer);
    if (octets_ > limits::recorded_octets) truncated_ = true;
    if (!truncated_) recorded_.push_back({question, answer});
    return answer;
}

Answer ReplayedAnswers::ask(const Question& question) {
    if (next_ < recorded_.size() && recorded_[next_].question == question) {
        return recorded_[next_++].answer;
    }
    strayed_ = true;
    return Answer::none();
}

}  // namespace sluice::mapping
