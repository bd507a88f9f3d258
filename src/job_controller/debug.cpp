#include "job_controller/debug.h"

#include "base/log.h"

namespace sluice::job_controller {

void Debug::write(const std::string& text) {
    diag::info("debug: " + text);
}

std::string word_of(jobs::Verb verb) {
    static constexpr const char* words[] = {
        "?",    "hello", "enqueue", "ask",    "done",   "run",    "list", "sync",
        "stop", "start", "status",  "forget", "reload", "change", "walk", "stress"};
    const auto number = static_cast<std::size_t>(verb);
    return number < std::size(words) ? words[number] : "verb " + std::to_string(number);
}

std::string word_of(jobs::Outcome outcome) {
    static constexpr const char* words[] = {"ok",   "temp",   "renamed", "held",
                                            "gone", "locked", "untried", "postponed"};
    const auto number = static_cast<std::size_t>(outcome);
    return number < std::size(words) ? words[number] : "outcome " + std::to_string(number);
}

std::string describe(const jobs::DoneItem& done) {
    std::string text = "message " + std::to_string(done.handle) + ' ' + word_of(done.outcome);
    if (!done.new_file.empty()) text += ", now " + done.new_file;
    if (!done.reason.empty()) text += ": " + done.reason;
    return text;
}

std::string describe(const std::vector<jobs::ChannelRow>& channels) {
    std::string text = "queues:";
    for (const jobs::ChannelRow& row : channels) {
        if (row.ready + row.in_progress + row.delayed + row.jobs == 0) continue;
        text += ' ' + row.channel + " ready " + std::to_string(row.ready) + ", in progress " +
                std::to_string(row.in_progress) + ", delayed " + std::to_string(row.delayed) +
                ", jobs " + std::to_string(row.jobs) + ", threads " + std::to_string(row.threads) +
                ';';
    }
    return text;
}

}  // namespace sluice::job_controller
