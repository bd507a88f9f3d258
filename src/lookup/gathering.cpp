#include "lookup/gathering.h"

#include <utility>

namespace sluice::lookup {

using mapping::Answer;
using mapping::Question;

void Gathering::begin() {
    next_ = 0;
}

void Gathering::begin_anew() {
    notes_.clear();
    next_ = 0;
    waits_ = 0;
    awaited_.reset();
    waits_itself_ = false;
}

Answer Gathering::ask(const Question& question) {
    // What is asked behind an answer that is not there yet may never be asked again.
    if (awaited_) return Answer::wait();
    if (next_ < notes_.size() && notes_[next_].question == question) return notes_[next_++].answer;
    notes_.resize(next_);
    Answer answer = Answer::temporary();
    if (waits_itself_ || !sources_.may_block(question)) {
        answer = sources_.answer(question);
    } else if (waits_ < most_waits) {
        ++waits_;
        awaited_ = question;
        return Answer::wait();
    }
    notes_.push_back({question, answer});
    ++next_;
    return answer;
}

void Gathering::settle() {
    if (!awaited_) return;
    Answer answer = sources_.answer(*awaited_);
    notes_.push_back({std::move(*awaited_), std::move(answer)});
    awaited_.reset();
}

std::vector<std::string> Gathering::remarks() const {
    std::vector<std::string> said;
    for (std::size_t i = 0; i < next_; ++i) {
        if (!notes_[i].answer.remark.empty()) said.push_back(notes_[i].answer.remark);
    }
    return said;
}

void Gathering::wait_from_now_on() {
    awaited_.reset();
    waits_itself_ = true;
}

}  // namespace sluice::lookup
