// What an evaluation writes down for people. Nothing here changes what it decides.
#include <utility>

#include "mapping/evaluation.h"

namespace sluice::mapping {

using Event = TraceStep::Event;

TraceStep Evaluation::step_of(TraceStep::Event event, const Walk& walk, const Entry* entry) const {
    TraceStep step;
    step.event = event;
    step.depth = depth_;
    step.table = walk.table().name();
    step.input = walk.text();
    if (entry == nullptr) return step;
    step.where = entry->where;
    step.pattern = entry->pattern.text();
    return step;
}

void Evaluation::trace_missing(std::string_view name, std::string_view input) {
    if (trace_ == nullptr) return;
    TraceStep step;
    step.event = Event::no_table;
    step.depth = depth_;
    step.table = name;
    step.input = input;
    trace_->add(std::move(step));
}

void Evaluation::trace_passed_over(const Walk& walk) {
    const auto entries = walk.passed_over();
    if (trace_ == nullptr || entries.empty()) return;
    if (trace_->detail() == Trace::Detail::every_entry) {
        // Compared aside, so that the limits of the probe are those it has without a trace.
        Matcher aside(walk.text());
        aside.keep_explanation();
        for (const Entry& entry : entries) {
            aside.match(entry.pattern, limits::comparison_steps);
            trace_mismatch(walk, entry, aside, false);
            if (trace_->truncated()) break;
        }
        return;
    }
    TraceStep step = step_of(Event::passed_over, walk, nullptr);
    step.where = entries.front().where;
    step.count = entries.size();
    step.detail = std::to_string(step.count) + (step.count == 1 ? " entry" : " entries") +
                  " passed over: what its pattern demands is not in the text";
    if (step.count > 1) {
        step.detail.replace(step.detail.find("its pattern demands"), 19, "their patterns demand");
    }
    trace_->add(std::move(step));
}

void Evaluation::trace_mismatch(
    const Walk& walk, const Entry& entry, const Matcher& matcher, bool abandoned
) {
    if (trace_ == nullptr) return;
    TraceStep step = step_of(abandoned ? Event::abandoned : Event::not_matched, walk, &entry);
    step.elements = matcher.elements();
    if (!abandoned) step.detail = matcher.why_not();
    trace_->add(std::move(step));
}

void Evaluation::trace_match(Walk& walk, const Entry& entry) {
    if (trace_ == nullptr) return;
    TraceStep step = step_of(Event::matched, walk, &entry);
    step.elements = walk.matcher().elements();
    step.fields = walk.matcher().fields();
    trace_->add(std::move(step));
}

void Evaluation::trace_event(TraceStep::Event event, const Walk& walk, const Entry* entry) {
    if (trace_ == nullptr) return;
    TraceStep step = step_of(event, walk, entry);
    if (event == Event::probe) step.where = walk.table().where();
    if (event == Event::ended) step.detail = "too many templates in one probe";
    trace_->add(std::move(step));
}

void Evaluation::trace_result(const Walk& walk, const Outcome& outcome) {
    if (trace_ == nullptr) return;
    TraceStep step = step_of(Event::result, walk, nullptr);
    step.where = outcome.decided_by;
    step.detail = pending_ ? "pending" : outcome.matched ? "matched" : "not matched";
    step.output = outcome.output;
    step.flags = outcome.flags.to_string();
    trace_->add(std::move(step));
}

}  // namespace sluice::mapping
