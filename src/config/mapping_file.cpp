#include "config/mapping_file.h"

#include <cerrno>
#include <functional>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "config/mapping_file_lines.h"
#include "mapping/known_tables.h"
#include "mapping/limits.h"

namespace sluice::config {

namespace {

using Kind = MappingLine::Kind;

struct OpenTable {
    std::string name;
    SourceLocation where;
    std::vector<mapping::Entry> entries;
    bool blank_seen = false;  ///< behind the name
    bool has_entries = false;
    bool dropped = false;  ///< its name is not valid, or taken
};
/// The file and line being read.
struct Source {
    std::shared_ptr<const std::string> file;
    std::string path;
    const MappingLine* line = nullptr;
};

/// Builds tables from logical lines. `open_` is the table whose entries are being read.
class Reader {
public:
    Reader(
        FileSource& files,
        Diagnostics& diagnostics,
        std::string table_directory,
        const TableNames& called_elsewhere
    )
        : files_(files),
          diagnostics_(diagnostics),
          table_directory_(std::move(table_directory)),
          called_tables_(called_elsewhere) {}

    mapping::TableSet read(const std::string& path) {
        const auto text = files_.read(path);
        if (text) {
            read_text(path, *text);
        } else if (text.error().error_number() != ENOENT) {
            const SourceLocation where{std::make_shared<const std::string>(path)};
            diagnostics_.error(
                where, "E_INCLUDE", "cannot read the file: " + text.error().detail()
            );
        }
        close_table();
        warn_about_unknown_tables();
        return std::move(tables_);
    }

private:
    void read_text(const std::string& path, const std::string& text) {
        Source source{std::make_shared<const std::string>(path), path};
        std::swap(source, source_);
        parse_mapping_lines(text, [this](const MappingLine& line) {
            source_.line = &line;
            read_line(line);
        });
        std::swap(source, source_);
    }

    void read_line(const MappingLine& line) {
        switch (line.kind) {
            case Kind::comment:
                return;
            case Kind::blank:
                blank();
                break;
            case Kind::name:
                name(line);
                break;
            case Kind::entry:
                entry(line);
                break;
            case Kind::include:
                include(line);
                break;
            case Kind::bad:
                error(
                    "E_COLUMN1",
                    "the line is neither a table name, an entry, a comment nor an inclusion", 1,
                    "entries are indented; a table name begins with a letter"
                );
                break;
        }
        if (line.continued_to_end) {
            error(
                "E_CONT_EOF", "the file ends inside a continued line", line.physical.size(),
                "remove the `\\` at the end of the line"
            );
        }
    }

    void blank() {
        if (!open_) return;
        if (open_->has_entries) return close_table();
        open_->blank_seen = true;
    }

    void name(const MappingLine& line) {
        if (open_ && (open_->has_entries || !open_->blank_seen)) {
            error("E_NO_BLANK", "a blank line is missing before this table name", 1, {});
        }
        close_table();
        const std::string_view text = trim(line.first.text);
        open_.emplace();
        open_->name = text;
        open_->where = here(1);
        const auto blank = text.find_first_of(" \t");
        if (blank != std::string_view::npos) {
            open_->dropped = true;
            return error(
                "E_NAME", "a table name holds no blanks", blank + 1,
                "if this is an entry, indent it"
            );
        }
        if (const auto* first = tables_.find(text)) {
            open_->dropped = true;
            error(
                "E_DUPLICATE", "table " + std::string(text) + " exists already", 1,
                "it was first defined at " + first->where().to_string()
            );
        }
    }

    void entry(const MappingLine& line) {
        const auto start = line.first.place_of(0);
        if (!open_) {
            return error(
                "E_ORPHAN", "this entry belongs to no table", start.column,
                "a blank line ended the table above, or the table name is missing"
            );
        }
        if (!open_->has_entries && !open_->blank_seen) {
            error("E_NO_BLANK", "a blank line is missing behind the table name", start.column, {});
        }
        open_->has_entries = true;
        auto compiled = compile(line);
        if (compiled && !open_->dropped) open_->entries.push_back(std::move(*compiled));
    }

    std::optional<mapping::Entry> compile(const MappingLine& line) {
        auto pattern = compile_column<mapping::Pattern>(line.first, "pattern");
        if (!line.trailing.empty()) {
            error_in(
                line.trailing, 0, Severity::error, "E_TRAILING", "text behind the template",
                "a blank inside a template is written `$ `"
            );
            return std::nullopt;
        }
        auto result = compile_column<mapping::Template>(line.second, "template");
        if (!pattern || !result) return std::nullopt;
        for (auto& called : result->called_tables()) called_tables_.insert(std::move(called));
        return mapping::Entry{
            std::move(*pattern), std::move(*result), here(line.first.place_of(0).column)};
    }

    template <class Compiled>
    std::optional<Compiled> compile_column(const MappingColumn& column, const std::string& what) {
        if (column.text.size() > mapping::limits::column) {
            error_in(
                column, 0, Severity::error, "E_TOO_LONG",
                "the " + what + " is longer than " + std::to_string(mapping::limits::column) +
                    " octets",
                {}
            );
            return std::nullopt;
        }
        mapping::SyntaxFindings findings;
        auto compiled = Compiled::parse(column.text, findings);
        for (auto& finding : findings) {
            error_in(
                column, finding.offset, finding.severity, std::move(finding.code),
                std::move(finding.text), std::move(finding.hint)
            );
        }
        return compiled;
    }

    void include(const MappingLine& line) {
        const std::string_view spec = trim(line.first.text);
        if (depth_ == mapping_include_nesting) {
            return error(
                "E_NEST", "inclusions are nested too deeply", 1, "at most three below the main file"
            );
        }
        if (++included_ > mapping_include_count) {
            return error("E_NEST", "too many inclusions", 1, {});
        }
        const std::string path = resolve(spec);
        const auto text = files_.read(path);
        if (!text) {
            return error("E_INCLUDE", "cannot read the file: " + text.error().detail(), 2, {});
        }
        ++depth_;
        read_text(path, *text);
        --depth_;
    }

    [[nodiscard]] std::string resolve(std::string_view spec) const {
        constexpr std::string_view table_prefix = "IMTA_TABLE:";
        if (starts_with_ignoring_case(spec, table_prefix)) {
            return table_directory_ + '/' + std::string(spec.substr(table_prefix.size()));
        }
        if (spec.starts_with('/')) return std::string(spec);
        return directory_of(source_.path) + '/' + std::string(spec);
    }

    void close_table() {
        if (open_ && !open_->dropped) {
            tables_.add({std::move(open_->name), std::move(open_->where), std::move(open_->entries)}
            );
        }
        open_.reset();
    }

    void warn_about_unknown_tables() {
        for (const auto& [name, table] : tables_.tables()) {
            if (mapping::is_known_table(name) || called_tables_.contains(name)) continue;
            diagnostics_.warning(
                table.where(), "W_UNKNOWN_TABLE", "nothing asks a table named " + name, name,
                "names of your own tables begin with X-"
            );
        }
    }

    [[nodiscard]] SourceLocation here(std::size_t column) const {
        return {source_.file, source_.line->number, column};
    }

    void error(std::string code, std::string text, std::size_t column, std::string hint) {
        diagnostics_.error(
            here(column), std::move(code), std::move(text), std::string(source_.line->physical),
            std::move(hint)
        );
    }

    /// A diagnostic names the first physical line; the text says so if the place is on another.
    void error_in(
        const MappingColumn& column,
        std::size_t offset,
        Severity severity,
        std::string code,
        std::string text,
        std::string hint
    ) {
        const auto place = column.place_of(offset);
        std::size_t caret = place.column;
        if (place.line != source_.line->number) {
            text += " (in the continuation on line " + std::to_string(place.line) + ", column " +
                    std::to_string(place.column) + ')';
            caret = source_.line->physical.size();
        }
        diagnostics_.add(
            {here(caret), severity, std::move(code), std::move(text),
             std::string(source_.line->physical), std::move(hint)}
        );
    }

    FileSource& files_;
    Diagnostics& diagnostics_;
    std::string table_directory_;
    mapping::TableSet tables_;
    std::optional<OpenTable> open_;
    Source source_;
    unsigned depth_ = 0;
    unsigned included_ = 0;
    TableNames called_tables_;
};

}  // namespace

mapping::TableSet read_mapping_file(
    const std::string& path,
    FileSource& files,
    Diagnostics& diagnostics,
    const std::string& table_directory,
    const TableNames& called_elsewhere
) {
    const std::string tables = table_directory.empty() ? directory_of(path) : table_directory;
    return Reader(files, diagnostics, tables, called_elsewhere).read(path);
}

}  // namespace sluice::config
