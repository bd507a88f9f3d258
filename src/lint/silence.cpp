#include "lint/silence.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace sluice::lint {

namespace {

using Codes = std::set<std::string, std::less<>>;

std::vector<std::string_view> lines_of(std::string_view text) {
    auto lines = split(text, '\n');
    for (auto& line : lines) {
        if (line.ends_with('\r')) line.remove_suffix(1);
    }
    return lines;
}

bool is_code(std::string_view word) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    // Every code has a number or an underscore, so that no word of prose is taken for one.
    return word.find_first_of(letters.substr(26)) != std::string_view::npos &&
           word.find_first_not_of(letters) == std::string_view::npos;
}

/// One code of one comment.
struct Comment {
    std::size_t line = 0;    ///< of the comment
    std::size_t target = 0;  ///< the line it speaks of
    std::string code;
    bool used = false;
};

class File {
public:
    explicit File(std::string_view text) : lines_(lines_of(text)) {
        std::vector<Comment> waiting;
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            if (lines_[i].starts_with('!')) {
                for (const std::string& code : silencing_codes(lines_[i]))
                    waiting.push_back({i + 1, 0, code});
                continue;
            }
            for (Comment& comment : waiting) {
                comment.target = i + 1;
                comments_.push_back(std::move(comment));
            }
            waiting.clear();
        }
        std::move(waiting.begin(), waiting.end(), std::back_inserter(comments_));
    }

    bool silences(const Diagnostic& diagnostic) {
        bool any = false;
        for (Comment& comment : comments_) {
            if (comment.target != diagnostic.where.line || comment.code != diagnostic.code)
                continue;
            comment.used = true;
            any = true;
        }
        return any;
    }
    [[nodiscard]] std::string_view line(std::size_t number) const {
        return number >= 1 && number <= lines_.size() ? lines_[number - 1] : std::string_view();
    }
    [[nodiscard]] const std::vector<Comment>& comments() const { return comments_; }

private:
    std::vector<std::string_view> lines_;
    std::vector<Comment> comments_;
};

bool may_be_silenced(const Diagnostic& diagnostic) {
    return diagnostic.severity == Severity::warning || diagnostic.code.starts_with('L');
}

void report_idle(const std::string& name, const File& file, Findings& findings) {
    const auto shared = std::make_shared<const std::string>(name);
    for (const Comment& comment : file.comments()) {
        if (comment.used) continue;
        findings.add(
            Code::idle_silence, {shared, comment.line, 1},
            "there is no finding " + comment.code + " on the line below to be silenced"
        );
    }
}

/// By file, line, column; the files in the order in which they were first named.
void sort_by_place(std::vector<Finding>& findings) {
    std::map<std::string, std::size_t, std::less<>> order;
    for (const Finding& one : findings)
        order.emplace(one.diagnostic.where.file_name(), order.size());
    std::stable_sort(findings.begin(), findings.end(), [&](const Finding& a, const Finding& b) {
        const auto key = [&](const SourceLocation& where) {
            return std::tuple(order.find(where.file_name())->second, where.line, where.column);
        };
        return key(a.diagnostic.where) < key(b.diagnostic.where);
    });
}

}  // namespace

Codes code_list(std::string_view list) {
    Codes codes;
    std::string text = to_upper(list);
    std::replace(text.begin(), text.end(), ',', ' ');
    for (const std::string_view word : split_words(text)) codes.emplace(word);
    return codes;
}

Codes silencing_codes(std::string_view line) {
    constexpr std::string_view mark = "lint:";
    if (!line.starts_with('!')) return {};
    line = trim(line.substr(1));
    if (!starts_with_ignoring_case(line, mark)) return {};
    std::string text = to_upper(line.substr(mark.size()));
    std::replace(text.begin(), text.end(), ',', ' ');
    Codes codes;
    for (const std::string_view word : split_words(text)) {
        const bool is_end = word == "OK" || word == "OK:" || word == "OK.";
        if (is_end) return codes;
        if (!is_code(word)) return {};
        codes.emplace(word);
    }
    return {};
}

Silenced silence(Findings findings, const Texts& texts, const Codes& everywhere) {
    std::map<std::string, File, std::less<>> files;
    for (const auto& [name, text] : texts) files.try_emplace(name, text);
    Silenced result;
    for (Finding& finding : findings.items()) {
        Diagnostic& diagnostic = finding.diagnostic;
        const auto file = files.find(diagnostic.where.file_name());
        if (file != files.end() && diagnostic.line.empty()) {
            diagnostic.line = file->second.line(diagnostic.where.line);
        }
        if (may_be_silenced(diagnostic)) {
            const bool by_comment = file != files.end() && file->second.silences(diagnostic);
            if (by_comment || everywhere.contains(diagnostic.code)) {
                ++result.count;
                continue;
            }
        }
        result.findings.items().push_back(std::move(finding));
    }
    if (!everywhere.contains(row_of(Code::idle_silence).code)) {
        for (const auto& [name, file] : files) report_idle(name, file, result.findings);
    }
    sort_by_place(result.findings.items());
    for (Finding& finding : result.findings.items()) {
        if (finding.diagnostic.code != row_of(Code::idle_silence).code) continue;
        const auto file = files.find(finding.diagnostic.where.file_name());
        finding.diagnostic.line = file->second.line(finding.diagnostic.where.line);
    }
    return result;
}

}  // namespace sluice::lint
