#include "config/imta_cnf_lines.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/file.h"
#include "config/imta_cnf_parser.h"

namespace sluice::config {

namespace {

// Cuts a text into physical lines. A line feed at the end of the file does not begin another line.
class PhysicalLines {
public:
    explicit PhysicalLines(std::string_view text) : rest_(text) {}

    std::optional<std::string_view> next() {
        if (rest_.empty()) return std::nullopt;
        const std::size_t end = rest_.find('\n');
        std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        ++number_;
        return line;
    }
    [[nodiscard]] std::size_t number() const { return number_; }

private:
    std::string_view rest_;
    std::size_t number_ = 0;
};

class Reader {
public:
    Reader(FileSource& files, Diagnostics& diagnostics, const LogicalNames& logical_names)
        : files_(files), diagnostics_(diagnostics), logical_names_(logical_names) {}

    LogicalText read(const std::string& path) {
        const auto text = files_.read(path);
        if (!text) {
            diagnostics_.error(
                {std::make_shared<const std::string>(path), 0, 0}, "E101",
                "cannot open configuration file: " + text.error().detail()
            );
            return {};
        }
        main_directory_ = directory_of(path);
        const std::size_t line_count = read_text(*text, path, 0);
        out_.last_line = {
            std::make_shared<const std::string>(path), std::max<std::size_t>(line_count, 1), 1};
        return std::move(out_);
    }

private:
    std::size_t read_text(std::string_view text, const std::string& path, unsigned depth);
    void join_continuation(LogicalLine& line, PhysicalLines& lines);
    void include(
        const PhysicalLine& line, std::string_view quoted, SourceLocation where, unsigned depth
    );
    [[nodiscard]] std::string resolve(std::string_view name, const std::string& including) const;

    FileSource& files_;
    Diagnostics& diagnostics_;
    const LogicalNames& logical_names_;
    std::string main_directory_;
    unsigned include_lines_ = 0;
    std::size_t octets_ = 0;
    bool full_ = false;
    LogicalText out_;
};

// Returns the number of lines. Include files are read where they stand, so the recursion is as deep
// as files may nest.
std::size_t Reader::read_text(std::string_view text, const std::string& path, unsigned depth) {
    const auto file = std::make_shared<const std::string>(path);
    octets_ += text.size();
    PhysicalLines lines(text);
    while (const auto physical = lines.next()) {
        const PhysicalLine parsed = parse_physical_line(*physical);
        const SourceLocation where{file, lines.number(), 1};
        switch (parsed.kind) {
            case LineKind::comment:
                break;
            case LineKind::blank:
                out_.lines.push_back({{}, where, true});
                break;
            case LineKind::include:
                include(parsed, *physical, where, depth);
                break;
            case LineKind::text:
                out_.lines.push_back({std::string(parsed.text), where, false});
                break;
            case LineKind::continued: {
                LogicalLine line{std::string(parsed.text), where, false};
                join_continuation(line, lines);
                // "\" and nothing more leaves an empty line, which no one can tell from a blank
                // one.
                line.blank = trim(line.text).empty();
                out_.lines.push_back(std::move(line));
                break;
            }
        }
    }
    return lines.number();
}

void Reader::join_continuation(LogicalLine& line, PhysicalLines& lines) {
    while (const auto physical = lines.next()) {
        const PhysicalLine next = parse_continuing_line(*physical);
        if (next.kind == LineKind::comment) continue;
        line.text += next.text;
        if (next.kind != LineKind::continued) return;
    }
    diagnostics_.error(
        at_column(line.where, line.text.size() + 1), "E103",
        "continuation on the last line of the file", line.text + '\\',
        "a line cannot go on in another file: remove the backslash"
    );
}

void Reader::include(
    const PhysicalLine& line, std::string_view quoted, SourceLocation where, unsigned depth
) {
    if (full_) return;
    where.column = line.column;
    if (++include_lines_ > max_include_lines || octets_ > max_octets) {
        full_ = true;
        diagnostics_.error(
            std::move(where), "E104", "configuration too large", std::string(quoted)
        );
        return;
    }
    if (depth == max_include_depth) {
        diagnostics_.error(
            std::move(where), "E102", "include files nested too deeply: " + printable(line.text),
            std::string(quoted), "files nest three levels below the main file"
        );
        return;
    }
    const std::string path = resolve(line.text, *where.file);
    const auto text = files_.read(path);
    if (!text) {
        diagnostics_.error(
            std::move(where), "E101", "cannot open included file: " + text.error().detail(),
            std::string(quoted)
        );
        return;
    }
    read_text(*text, path, depth + 1);
}

std::string Reader::resolve(std::string_view name, const std::string& including) const {
    if (name.starts_with('/')) return std::string(name);
    const std::size_t colon = name.find(':');
    if (colon != std::string_view::npos) {
        const std::string_view prefix = name.substr(0, colon);
        const auto directory = logical_names_.find(prefix);
        if (directory != logical_names_.end()) {
            return directory->second + '/' + std::string(name.substr(colon + 1));
        }
        if (equals_ignoring_case(prefix, "IMTA_TABLE")) {
            return main_directory_ + '/' + std::string(name.substr(colon + 1));
        }
    }
    const std::size_t slash = including.rfind('/');
    return slash == std::string::npos ? std::string(name)
                                      : including.substr(0, slash + 1) + std::string(name);
}

}  // namespace

LogicalText read_logical_lines(
    const std::string& path,
    FileSource& files,
    Diagnostics& diagnostics,
    const LogicalNames& logical_names
) {
    return Reader(files, diagnostics, logical_names).read(path);
}

SourceLocation at_column(const SourceLocation& where, std::size_t column) {
    SourceLocation place = where;
    place.column = column;
    return place;
}

}  // namespace sluice::config
