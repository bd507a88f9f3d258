#include "dequeue/work_debug.h"

#include <string>

#include "base/log.h"

namespace sluice::dequeue {

namespace {

std::string_view word_of(jobs::Outcome outcome) {
    using jobs::Outcome;
    switch (outcome) {
        case Outcome::ok:
            return "finished";
        case Outcome::temp:
            return "to be tried again";
        case Outcome::renamed:
            return "replaced by a file for the recipients left";
        case Outcome::held:
            return "held";
        case Outcome::gone:
            return "gone";
        case Outcome::locked:
            return "in use elsewhere";
        case Outcome::untried:
            return "given back untried";
        case Outcome::postponed:
            return "postponed";
    }
    return "done";
}

std::string_view word_of(jobs::HostReport report) {
    using jobs::HostReport;
    if (report == HostReport::reached) return ", host reached";
    return report == HostReport::failed ? ", host not reached" : "";
}

}  // namespace

void WorkDebug::answered(const jobs::WorkerClient::Answer& answer, unsigned thread) const {
    if (!on_) return;
    using Kind = jobs::WorkerClient::Answer::Kind;
    const std::string who = "post: thread " + std::to_string(thread) + ": ";
    if (answer.kind == Kind::exit) return diag::info(who + "no more work, ends");
    if (answer.kind == Kind::wait)
        return diag::info(who + "nothing now, waits " + std::to_string(answer.wait.count()) + " s");
    diag::info(who + std::to_string(answer.work.items.size()) + " messages");
    for (const jobs::WorkItem& item : answer.work.items) {
        diag::info(
            who + item.file + ", attempt " + std::to_string(item.attempts + 1) +
            (item.host.empty() ? "" : ", for host " + item.host)
        );
    }
}

void WorkDebug::done(const jobs::WorkItem& item, const jobs::DoneItem& done) const {
    if (!on_) return;
    std::string text = "post: " + item.file + ' ';
    text += word_of(done.outcome);
    text += word_of(done.host_report);
    if (!done.new_file.empty()) text += ", now " + done.new_file;
    if (!done.reason.empty()) text += ": " + done.reason;
    diag::info(text);
}

}  // namespace sluice::dequeue
