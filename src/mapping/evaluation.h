#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mapping/engine.h"
#include "mapping/limits.h"
#include "mapping/template_run.h"
#include "mapping/walk.h"

// Inside of the engine: one call of `probe`.
namespace sluice::mapping {

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
        if (table == nullptr && depth_ <= limits::nesting) trace_missing(name, input);
        Outcome outcome;
        if (table != nullptr && depth_ <= limits::nesting) outcome = run_table(*table, input);
        --depth_;
        if (pending_) return Answer::wait();
        if (!outcome.matched || !outcome.flags.has('Y')) return Answer::none();
        return Answer::literal(std::move(outcome.output));
    }

private:
    Outcome run_table(const Table& table, std::string_view input);
    void walk_through(Walk& walk, Outcome& outcome);
    const Entry* next_match(Walk& walk);
    Control apply(const Entry& entry, Walk& walk, Outcome& outcome);
    bool may_run_template(const Table& table);

    // The trace; all do nothing without one.
    [[nodiscard]] TraceStep step_of(TraceStep::Event event, const Walk& walk, const Entry* entry)
        const;
    void trace_missing(std::string_view name, std::string_view input);
    void trace_passed_over(const Walk& walk);
    void trace_mismatch(
        const Walk& walk, const Entry& entry, const Matcher& matcher, bool abandoned
    );
    void trace_match(Walk& walk, const Entry& entry);
    void trace_event(TraceStep::Event event, const Walk& walk, const Entry* entry);
    void trace_result(const Walk& walk, const Outcome& outcome);

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

}  // namespace sluice::mapping
