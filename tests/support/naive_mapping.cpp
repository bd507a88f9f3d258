#include "support/naive_mapping.h"

#include "mapping/limits.h"
#include "mapping/matcher.h"
#include "mapping/template_run.h"

namespace sluice::test {

namespace {

using mapping::Control;

class NaiveEngine final : public mapping::Surroundings {
public:
    NaiveEngine(
        const mapping::TableSet& tables, const mapping::InputFlags& flags, mapping::Answers& answers
    )
        : tables_(tables), flags_(flags), answers_(answers) {}

    mapping::Outcome run(std::string_view name, std::string_view input) {
        mapping::Outcome outcome;
        outcome.output = input;
        if (const mapping::Table* table = tables_.find(name)) walk(*table, outcome);
        outcome.pending = pending_;
        return outcome;
    }

    [[nodiscard]] bool has_input_flag(char flag) const override { return flags_.has(flag); }
    [[nodiscard]] bool is_traced() const override { return false; }
    mapping::Answer ask(const mapping::Question& question) override {
        mapping::Answer answer = answers_.ask(question);
        if (answer.kind == mapping::Answer::Kind::pending) pending_ = true;
        return answer;
    }
    mapping::Answer call_table(std::string_view name, std::string_view input) override {
        if (depth_ == mapping::limits::nesting) return mapping::Answer::none();
        ++depth_;
        mapping::Outcome outcome = run(name, input);
        --depth_;
        if (pending_) return mapping::Answer::wait();
        if (!outcome.matched || !outcome.flags.has('Y')) return mapping::Answer::none();
        return mapping::Answer::literal(outcome.output);
    }

private:
    void walk(const mapping::Table& table, mapping::Outcome& outcome) {
        outcome.table_exists = true;
        std::size_t pass_length = outcome.output.size();
        unsigned counter = 0;
        const auto may_restart = [&] {
            counter = outcome.output.size() < pass_length ? 0 : counter + 1;
            pass_length = outcome.output.size();
            return counter <= mapping::limits::restarts;
        };
        bool pass_again = false;
        std::size_t i = 0;
        while (true) {
            if (i == table.entries().size()) {
                if (!pass_again || !may_restart()) return;
                pass_again = false;
                i = 0;
                continue;
            }
            const mapping::Entry& entry = table.entries()[i];
            mapping::Matcher matcher(outcome.output);
            const auto matched = matcher.match(entry.pattern, mapping::limits::comparison_steps);
            if (matched != mapping::MatchResult::matched) {
                ++i;
                continue;
            }
            mapping::TemplateRun run(matcher, *this, outcome.flags);
            const auto result = run.run(entry.result);
            if (result == mapping::TemplateRun::Result::pending) return;
            outcome.decided_by = entry.where;
            if (result == mapping::TemplateRun::Result::done) {
                outcome.output = run.output();
                outcome.matched = true;
            }
            if (run.control() == Control::none || run.control() == Control::end) return;
            pass_again = run.control() == Control::loop;
            if (run.control() != Control::restart) {
                ++i;
            } else if (may_restart()) {
                i = 0;
            } else {
                return;
            }
        }
    }

    const mapping::TableSet& tables_;
    const mapping::InputFlags& flags_;
    mapping::Answers& answers_;
    unsigned depth_ = 0;
    bool pending_ = false;
};

}  // namespace

mapping::Outcome naive_probe(
    const mapping::TableSet& tables,
    std::string_view table,
    std::string_view input,
    const mapping::InputFlags& flags,
    mapping::Answers& answers
) {
    return NaiveEngine(tables, flags, answers).run(table, input);
}

}  // namespace sluice::test
