#include "mapping/engine.h"

#include <algorithm>
#include <utility>

#include "mapping/evaluation.h"

namespace sluice::mapping {

using Event = TraceStep::Event;

namespace {

/// Refuses the eleventh restart in a row that does not make the string shorter.
class RestartLimit {
public:
    explicit RestartLimit(std::size_t length) : length_(length) {}

    bool allow(std::size_t length) {
        count_ = length < length_ ? 0 : count_ + 1;
        if (count_ > limits::restarts) return false;
        length_ = length;
        return true;
    }

private:
    std::size_t length_;
    unsigned count_ = 0;
};

}  // namespace

Outcome Evaluation::run_table(const Table& table, std::string_view input) {
    Outcome outcome;
    outcome.table_exists = true;
    Walk walk(table, input);
    if (trace_ != nullptr) walk.matcher().keep_explanation();
    trace_event(Event::probe, walk, nullptr);
    walk_through(walk, outcome);
    outcome.output = walk.text();
    trace_result(walk, outcome);
    return outcome;
}

void Evaluation::walk_through(Walk& walk, Outcome& outcome) {
    RestartLimit restarts(walk.text().size());
    bool pass_again = false;
    while (true) {
        const Entry* entry = next_match(walk);
        if (entry == nullptr) {
            if (!std::exchange(pass_again, false)) break;
            if (!restarts.allow(walk.text().size())) {
                trace_event(Event::restart_refused, walk, nullptr);
                break;
            }
            trace_event(Event::next_pass, walk, nullptr);
            walk.rewind();
            continue;
        }
        if (!may_run_template(walk.table())) {
            trace_event(Event::ended, walk, nullptr);
            break;
        }
        const Control control = apply(*entry, walk, outcome);
        if (control == Control::none || control == Control::end) break;
        pass_again = control == Control::loop;
        if (control != Control::restart) continue;
        if (!restarts.allow(walk.text().size())) {
            trace_event(Event::restart_refused, walk, entry);
            break;
        }
        walk.rewind();
    }
}

/// Runs the template of an entry that matched; if it runs to its end its output is the new text.
Control Evaluation::apply(const Entry& entry, Walk& walk, Outcome& outcome) {
    TemplateRun run(walk.matcher(), *this, outcome.flags);
    const auto result = run.run(entry.result);
    Event event = Event::failed;
    if (result == TemplateRun::Result::done) event = Event::succeeded;
    if (result == TemplateRun::Result::pending) event = Event::pending;
    if (trace_ != nullptr) {
        TraceStep step = step_of(event, walk, &entry);
        step.template_text = entry.result.text();
        step.parts = run.take_parts();
        step.output = run.output();
        step.flags = outcome.flags.to_string();
        step.detail = run.why();
        trace_->add(std::move(step));
    }
    if (event == Event::pending) return Control::none;
    outcome.decided_by = entry.where;
    if (event == Event::succeeded) {
        outcome.matched = true;
        walk.set_text(run.output());
    }
    return run.control();
}

const Entry* Evaluation::next_match(Walk& walk) {
    while (const Entry* entry = walk.next()) {
        trace_passed_over(walk);
        auto& matcher = walk.matcher();
        const auto result =
            matcher.match(entry->pattern, std::min(limits::comparison_steps, steps_left_));
        steps_left_ -= std::min(steps_left_, matcher.steps());
        if (result == MatchResult::matched) {
            trace_match(walk, *entry);
            return entry;
        }
        const bool abandoned = result == MatchResult::abandoned;
        if (abandoned) {
            warnings_.push_back(
                "W_MATCH_LIMIT: comparison abandoned, table " + walk.table().name() + ", entry " +
                entry->where.to_string()
            );
        }
        trace_mismatch(walk, *entry, matcher, abandoned);
    }
    trace_passed_over(walk);
    return nullptr;
}

/// A pair of entries that shrink and grow the string in turn passes the restart limit for ever.
bool Evaluation::may_run_template(const Table& table) {
    if (runs_left_ > 0) {
        --runs_left_;
        return true;
    }
    if (warnings_.empty()) {
        warnings_.push_back("mapping ended, table " + table.name() + " runs in a circle");
    }
    return false;
}

std::string Outcome::to_debug_string() const {
    if (pending) return "pending";
    std::string text = "match=";
    text += !table_exists ? "none" : matched ? "yes" : "no";
    text += " flags=" + (flags.empty() ? "-" : flags.to_string());
    return text + " output=" + output;
}

Outcome probe(
    const TableSet& tables,
    std::string_view table,
    std::string_view input,
    const InputFlags& input_flags,
    Answers& answers,
    Trace* trace
) {
    return Evaluation(tables, input_flags, answers, trace).run(table, input);
}

}  // namespace sluice::mapping
