// imsimta test -cases: files of examples and their expected results.
#include "base/bytes.h"
#include "cases/cases.h"
#include "cases/table.h"
#include "utility/json_line.h"
#include "utility/test_faces.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "TEST";

/// Counts what comes of the examples and shows what failed.
class CaseReporter {
public:
    CaseReporter(Console& console, const CommandLine& line)
        : console_(console), json_(line.has("json")), explains_(!line.is_negated("explain")) {}

    void run(const std::string& table) {
        const auto ran = cases::run_table(table, [this](const cases::Outcome& one) { take(one); });
        if (ran) return;
        ++failed_;
        console_.error(facility, "NOTRUN", ran.error().detail());
    }
    ExitCode finish() {
        console_.line(std::to_string(passed_) + " passed, " + std::to_string(failed_) + " failed");
        return failed_ == 0 ? ExitCode::done : ExitCode::failed;
    }

private:
    void take(const cases::Outcome& outcome) {
        ++(outcome.passed() ? passed_ : failed_);
        if (json_) {
            json(outcome);
        } else if (!outcome.passed()) {
            console_.line("FAILED " + printable(outcome.file) + ' ' + printable(outcome.id));
            text("expected", outcome.expected);
            text("actual", outcome.actual);
            if (explains_ && !outcome.trace.empty()) {
                console_.line("  because:");
                print_lines(console_, outcome.trace);
            }
        }
    }
    void text(std::string_view label, std::string_view value) {
        if (value.find('\n') == std::string_view::npos) {
            console_.line("  " + std::string(label) + ": " + printable(value));
            return;
        }
        console_.line("  " + std::string(label) + ':');
        while (value.ends_with('\n')) value.remove_suffix(1);
        for (const std::string_view line : split(value, '\n')) {
            std::string shown = "    ";
            for (const char c : line)
                shown += c == '\t' ? "  " : printable(std::string_view(&c, 1));
            console_.line(shown);
        }
    }
    void json(const cases::Outcome& outcome) {
        JsonLine out;
        out.add("file", outcome.file).add("id", outcome.id).add("passed", outcome.passed());
        if (!outcome.passed()) {
            out.add("expected", outcome.expected).add("actual", outcome.actual);
            if (explains_ && !outcome.trace.empty()) {
                const auto lines = cases::lines_of(outcome.trace);
                const std::vector<std::string> texts(lines.begin(), lines.end());
                out.add("explanation", texts);
            }
        }
        console_.line(out.to_string());
    }

    Console& console_;
    bool json_;
    bool explains_;
    std::size_t passed_ = 0;
    std::size_t failed_ = 0;
};

}  // namespace

ExitCode test_cases(Invocation& invocation) {
    Console& console = invocation.console();
    if (invocation.line().parameters().empty()) {
        console.error(facility, "MISSING", "-cases needs files of examples, or directories");
        return ExitCode::usage;
    }
    CaseReporter reporter(console, invocation.line());
    for (const std::string& path : invocation.line().parameters()) {
        const auto tables = cases::find_tables(path);
        if (!tables) {
            console.error(facility, "NOFILE", tables.error().detail());
            return ExitCode::not_found;
        }
        if (tables->empty()) console.warning(facility, "NOCASES", path + " has no file *.tsv");
        for (const std::string& table : *tables) reporter.run(table);
    }
    return reporter.finish();
}

}  // namespace sluice::utility
