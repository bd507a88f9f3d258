#include "base/diagnostic.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "base/bytes.h"

namespace sluice {

std::string SourceLocation::to_string() const {
    std::string text(file_name());
    if (line > 0) text += ':' + std::to_string(line);
    if (line > 0 && column > 0) text += ':' + std::to_string(column);
    return text;
}

namespace {

// The caret must stand under the right character, so tabs before it are kept as tabs.
std::string caret_under(std::string_view line, std::size_t column) {
    std::string caret;
    for (std::size_t i = 0; i + 1 < column && i < line.size(); ++i) {
        caret += line[i] == '\t' ? '\t' : ' ';
    }
    return caret + '^';
}

}  // namespace

std::string Diagnostic::to_string() const {
    std::string out = where.to_string();
    if (!out.empty()) out += ": ";
    out += severity == Severity::error ? "error: " : "warning: ";
    out += text;
    if (!code.empty()) out += " [" + code + "]";
    if (!line.empty()) {
        out += "\n  " + printable(line);
        if (where.column > 0) out += "\n  " + caret_under(line, where.column);
    }
    if (!hint.empty()) out += "\n  hint: " + hint;
    return out;
}

void Diagnostics::error(
    SourceLocation where, std::string code, std::string text, std::string line, std::string hint
) {
    add(
        {std::move(where), Severity::error, std::move(code), std::move(text), std::move(line),
         std::move(hint)}
    );
}

void Diagnostics::warning(
    SourceLocation where, std::string code, std::string text, std::string line, std::string hint
) {
    add(
        {std::move(where), Severity::warning, std::move(code), std::move(text), std::move(line),
         std::move(hint)}
    );
}

std::size_t Diagnostics::error_count() const {
    return static_cast<std::size_t>(std::count_if(items_.begin(), items_.end(), [](const auto& d) {
        return d.severity == Severity::error;
    }));
}

void Diagnostics::append(Diagnostics other) {
    std::move(other.items_.begin(), other.items_.end(), std::back_inserter(items_));
}

void Diagnostics::sort_by_place() {
    std::map<std::string, std::size_t, std::less<>> first_seen;
    for (const auto& d : items_) first_seen.emplace(d.where.file_name(), first_seen.size());
    std::stable_sort(items_.begin(), items_.end(), [&](const Diagnostic& a, const Diagnostic& b) {
        const auto key = [&](const Diagnostic& d) {
            return std::tuple(
                first_seen.find(d.where.file_name())->second, d.where.line, d.where.column
            );
        };
        return key(a) < key(b);
    });
}

}  // namespace sluice
