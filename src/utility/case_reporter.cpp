#include "utility/case_reporter.h"

#include <vector>

#include "base/bytes.h"
#include "cases/table.h"
#include "utility/json_line.h"
#include "utility/test_faces.h"

namespace sluice::utility {

void CaseReporter::run(const std::string& table) {
    const auto ran = cases::run_table(
        table, [this](const cases::Outcome& one) { take(one); }, site_
    );
    if (ran) return;
    ++failed_;
    console_.error(form_.facility, "NOTRUN", ran.error().detail());
}

void CaseReporter::take(const cases::Outcome& outcome) {
    ++(outcome.passed() ? passed_ : failed_);
    if (form_.json) {
        json(outcome);
    } else if (!outcome.passed()) {
        console_.line("FAILED " + printable(outcome.file) + ' ' + printable(outcome.id));
        text("expected", outcome.expected);
        text("actual", outcome.actual);
        if (!form_.trace || outcome.trace.empty()) return;
        console_.line("  because:");
        print_lines(console_, outcome.trace);
    }
}

void CaseReporter::text(std::string_view label, std::string_view value) {
    if (value.find('\n') == std::string_view::npos) {
        console_.line("  " + std::string(label) + ": " + printable(value));
        return;
    }
    console_.line("  " + std::string(label) + ':');
    while (value.ends_with('\n')) value.remove_suffix(1);
    for (const std::string_view line : split(value, '\n')) {
        std::string shown = "    ";
        for (const char c : line) shown += c == '\t' ? "  " : printable(std::string_view(&c, 1));
        console_.line(shown);
    }
}

void CaseReporter::json(const cases::Outcome& outcome) {
    JsonLine out;
    out.add("file", outcome.file).add("id", outcome.id).add("passed", outcome.passed());
    if (!outcome.passed()) {
        out.add("expected", outcome.expected).add("actual", outcome.actual);
        if (form_.trace && !outcome.trace.empty()) {
            const auto lines = cases::lines_of(outcome.trace);
            const std::vector<std::string> texts(lines.begin(), lines.end());
            out.add("explanation", texts);
        }
    }
    console_.line(out.to_string());
}

}  // namespace sluice::utility
