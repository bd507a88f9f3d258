#include "mapping/engine.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "mapping/limits.h"
#include "mapping/matcher.h"
#include "mapping/template_run.h"

namespace sluice::mapping {

namespace {

/// The place in a table and the string that goes through it.
class Walk {
public:
    Walk(const Table& table, std::string_view text, bool use_index)
        : table_(table), matcher_(text), indexed_(use_index && table.index().in_use()) {
        find_candidates();
    }

    /// The entry to compare next, and on to the one behind it; null at the end of the table.
    const Entry* next() {
        if (indexed_) {
            const auto found = std::lower_bound(candidates_.begin(), candidates_.end(), at_);
            at_ = found == candidates_.end() ? table_.entries().size() : *found;
        }
        return at_ < table_.entries().size() ? &table_.entries()[at_++] : nullptr;
    }
    void rewind() { at_ = 0; }
    void set_text(std::string_view text) {
        matcher_.set_text(text);
        find_candidates();
    }
    [[nodiscard]] const std::string& text() const { return matcher_.text(); }
    [[nodiscard]] Matcher& matcher() { return matcher_; }

private:
    void find_candidates() {
        if (indexed_) table_.index().candidates(matcher_.folded(), candidates_);
    }

    const Table& table_;
    Matcher matcher_;
    bool indexed_;
    std::vector<std::uint32_t> candidates_;
    std::size_t at_ = 0;
};

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

/// One call of `probe`, with everything its secondary tables share.
class Evaluation final : public Surroundings {
public:
    Evaluation(
        const TableSet& tables, const InputFlags& input_flags, Answers& answers, Trace* trace
    )
        : tables_(tables), input_flags_(input_flags), answers_(answers), trace_(trace) {}

    Outcome run(std::string_view name, std::string_view input) {
        Outcome outcome;
        if (const Table* table = tables_.find(name)) {
            outcome = run_table(*table, input);
        } else {
            trace_missing(name, input);
        }
        outcome.pending = pending_;
        outcome.temporary_failure = temporary_failure_;
        outcome.warnings = std::move(warnings_);
        return outcome;
    }

    [[nodiscard]] bool has_input_flag(char flag) const override { return input_flags_.has(flag); }
    [[nodiscard]] bool is_traced() const override { return trace_ != nullptr; }

    Answer ask(const Question& question) override {
        Answer answer = answers_.ask(question);
        if (answer.kind == Answer::Kind::pending) pending_ = true;
        if (answer.kind == Answer::Kind::temporary_failure) temporary_failure_ = true;
        return answer;
    }

    Answer call_table(std::string_view name, std::string_view input) override {
        const Table* table = tables_.find(name);
        ++depth_;
        if (table == nullptr) trace_missing(name, input);
        Outcome outcome;
        if (table != nullptr && depth_ <= limits::nesting) outcome = run_table(*table, input);
        --depth_;
        if (pending_) return Answer::wait();
        if (!outcome.matched || !outcome.flags.has('Y')) return Answer::none();
        return Answer::literal(std::move(outcome.output));
    }

private:
    Outcome run_table(const Table& table, std::string_view input);
    const Entry* next_match(const Table& table, Walk& walk, const OutputFlags& flags);
    Control apply(const Table& table, const Entry& entry, Walk& walk, Outcome& outcome);
    bool may_run_template(const Table& table);
    void trace_missing(std::string_view name, std::string_view input);
    void trace(
        TraceStep::Event event,
        const Table& table,
        const Entry& entry,
        Walk& walk,
        const OutputFlags& flags,
        std::string_view output,
        std::string detail
    );

    const TableSet& tables_;
    const InputFlags& input_flags_;
    Answers& answers_;
    Trace* trace_;
    unsigned depth_ = 0;
    std::size_t steps_left_ = limits::probe_steps;
    std::size_t runs_left_ = limits::template_runs;
    bool pending_ = false;
    bool temporary_failure_ = false;
    std::vector<std::string> warnings_;
};

Outcome Evaluation::run_table(const Table& table, std::string_view input) {
    Outcome outcome;
    outcome.table_exists = true;
    Walk walk(table, input, trace_ == nullptr);
    RestartLimit restarts(input.size());
    bool pass_again = false;
    while (true) {
        const Entry* entry = next_match(table, walk, outcome.flags);
        if (entry == nullptr) {
            if (!std::exchange(pass_again, false) || !restarts.allow(walk.text().size())) break;
            walk.rewind();
            continue;
        }
        if (!may_run_template(table)) break;
        const Control control = apply(table, *entry, walk, outcome);
        if (control == Control::none || control == Control::end) break;
        pass_again = control == Control::loop;
        if (control != Control::restart) continue;
        if (!restarts.allow(walk.text().size())) {
            using Event = TraceStep::Event;
            trace(Event::restart_refused, table, *entry, walk, outcome.flags, walk.text(), {});
            break;
        }
        walk.rewind();
    }
    outcome.output = walk.text();
    return outcome;
}

/// Runs the template of an entry that matched; if it runs to its end its output is the new text.
Control Evaluation::apply(const Table& table, const Entry& entry, Walk& walk, Outcome& outcome) {
    using Event = TraceStep::Event;
    TemplateRun run(walk.matcher(), *this, outcome.flags);
    const auto result = run.run(entry.result);
    Event event = Event::failed;
    if (result == TemplateRun::Result::done) event = Event::succeeded;
    if (result == TemplateRun::Result::pending) event = Event::pending;
    trace(event, table, entry, walk, outcome.flags, run.output(), run.why());
    if (event == Event::pending) return Control::none;
    outcome.decided_by = entry.where;
    if (event == Event::succeeded) {
        outcome.matched = true;
        walk.set_text(run.output());
    }
    return run.control();
}

const Entry* Evaluation::next_match(const Table& table, Walk& walk, const OutputFlags& flags) {
    while (const Entry* entry = walk.next()) {
        auto& matcher = walk.matcher();
        const auto result =
            matcher.match(entry->pattern, std::min(limits::comparison_steps, steps_left_));
        steps_left_ -= std::min(steps_left_, matcher.steps());
        if (result == MatchResult::matched) return entry;
        using Event = TraceStep::Event;
        const bool abandoned = result == MatchResult::abandoned;
        if (abandoned) {
            warnings_.push_back(
                "W_MATCH_LIMIT: comparison abandoned, table " + table.name() + ", entry " +
                entry->where.to_string()
            );
        }
        if (trace_ != nullptr) {
            const auto event = abandoned ? Event::abandoned : Event::not_matched;
            trace(event, table, *entry, walk, flags, {}, abandoned ? "" : matcher.why_not());
        }
    }
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

void Evaluation::trace_missing(std::string_view name, std::string_view input) {
    if (trace_ == nullptr) return;
    TraceStep step;
    step.event = TraceStep::Event::no_table;
    step.depth = depth_;
    step.table = name;
    step.input = input;
    trace_->add(std::move(step));
}

void Evaluation::trace(
    TraceStep::Event event,
    const Table& table,
    const Entry& entry,
    Walk& walk,
    const OutputFlags& flags,
    std::string_view output,
    std::string detail
) {
    if (trace_ == nullptr) return;
    TraceStep step;
    step.event = event;
    step.depth = depth_;
    step.table = table.name();
    step.where = entry.where;
    step.pattern = entry.pattern.text();
    step.input = walk.text();
    if (event == TraceStep::Event::succeeded || event == TraceStep::Event::failed) {
        step.fields = walk.matcher().fields();
    }
    step.output = output;
    step.flags = flags.to_string();
    step.detail = std::move(detail);
    trace_->add(std::move(step));
}

}  // namespace

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
