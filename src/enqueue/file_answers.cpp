#include "enqueue/file_answers.h"

#include "base/log.h"

namespace sluice::enqueue {

mapping::Answer FileAnswers::ask(const mapping::Question& question) {
    if (question.kind != mapping::Question::Kind::file_text) return others_.ask(question);
    const auto text = files_.read(question.subject);
    if (text) return mapping::Answer::literal(**text);
    diag::warning("cannot read " + question.subject + ": " + text.error().detail());
    return mapping::Answer::temporary();
}

}  // namespace sluice::enqueue
