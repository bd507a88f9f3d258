#include "lint/finding.h"

#include <algorithm>
#include <utility>

namespace sluice::lint {

std::string Finding::to_string() const {
    std::string text = diagnostic.to_string();
    std::string line;
    for (const char c : example) {
        if (c != '\n') {
            line += c;
            continue;
        }
        text += "\n    " + line;
        line.clear();
    }
    if (!line.empty()) text += "\n    " + line;
    return text;
}

void Findings::add(Code code, SourceLocation where, std::string text, std::string example) {
    const CodeRow& row = row_of(code);
    Diagnostic diagnostic;
    diagnostic.where = std::move(where);
    diagnostic.severity = row.severity;
    diagnostic.code = row.code;
    diagnostic.text = std::move(text);
    diagnostic.hint = row.remedy;
    items_.push_back({std::move(diagnostic), std::move(example)});
}

std::size_t Findings::error_count() const {
    return static_cast<std::size_t>(std::count_if(items_.begin(), items_.end(), [](const auto& f) {
        return f.diagnostic.severity == Severity::error;
    }));
}

}  // namespace sluice::lint
