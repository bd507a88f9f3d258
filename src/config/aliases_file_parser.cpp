#include <algorithm>
#include <memory>
#include <tao/pegtl.hpp>
#include <utility>
#include <vector>

#include "alias/address_key.h"
#include "base/bytes.h"
#include "base/file.h"
#include "config/alias_value.h"
#include "config/aliases_file.h"
#include "config/tailor.h"
#include "grammar/alias_file.h"

namespace sluice::config {
namespace {

namespace rules = grammar::alias_file;

std::string_view trim_line_end(std::string_view text) {
    while (!text.empty() && (is_blank(text.back()) || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

// What one load shares: the table, and the ceilings over all its files.
struct Load {
    FileSource& files;
    const AliasFileSettings& settings;
    Diagnostics& diagnostics;
    alias::AliasTable table;
    int included_files = 0;
};

void read_text(std::string_view text, const std::string& file_name, int depth, Load& load);
Result<std::string> complete_path(
    std::string_view written, const std::string& file, const AliasFileSettings& settings
);

// The reader of one file; the grammar's actions call it.
class FileReader {
public:
    FileReader(std::string_view text, const std::string& file_name, int depth, Load& load)
        : load_(load),
          file_(std::make_shared<const std::string>(file_name)),
          lines_(split(text, '\n')),
          depth_(depth) {}

    void include(std::string_view written, std::size_t line);
    void begin(std::string_view name, std::size_t line);
    void add_piece(std::string_view text, std::size_t line, std::size_t column);
    void continuation(std::size_t line);
    void dangling(std::size_t line);
    void end();
    void junk(std::size_t line);

private:
    struct Piece {
        std::size_t offset;  // in value_
        std::size_t line;
        std::size_t column;
    };
    [[nodiscard]] SourceLocation at(std::size_t line, std::size_t column) const {
        return {file_, line, column};
    }
    [[nodiscard]] SourceLocation place_of(std::size_t offset) const;
    [[nodiscard]] std::string quoted(std::size_t line) const {
        if (line == 0 || line > lines_.size()) return {};
        return std::string(trim_line_end(lines_[line - 1]).substr(0, 1024));
    }
    void error(SourceLocation where, const char* code, std::string text, std::string hint = {});
    void report(AliasFinding finding);
    void warn_of_backslash(std::size_t line, const char* text);
    [[nodiscard]] bool name_is_usable();
    void add();

    Load& load_;
    std::shared_ptr<const std::string> file_;
    std::vector<std::string_view> lines_;
    int depth_;
    // the definition being read
    alias::Alias alias_;
    std::string value_;
    std::vector<Piece> pieces_;
    std::vector<std::size_t> continued_lines_;
};

void FileReader::error(SourceLocation where, const char* code, std::string text, std::string hint) {
    std::string line = quoted(where.line);
    load_.diagnostics.error(
        std::move(where), code, std::move(text), std::move(line), std::move(hint)
    );
}

void FileReader::report(AliasFinding finding) {
    SourceLocation where = place_of(finding.offset);
    if (finding.is_error)
        return error(where, finding.code, std::move(finding.text), std::move(finding.hint));
    std::string line = quoted(where.line);
    load_.diagnostics.warning(
        std::move(where), finding.code, std::move(finding.text), std::move(line),
        std::move(finding.hint)
    );
}

void FileReader::include(std::string_view written, std::size_t line) {
    written = trim(trim_line_end(written));
    const SourceLocation where = at(line, quoted(line).find_first_not_of("< \t") + 1);
    if (depth_ >= max_alias_include_depth) {
        error(where, "E_INCLUDE_DEPTH", "included files nest at most three deep");
        return;
    }
    if (++load_.included_files > max_alias_included_files) {
        error(where, "E_INCLUDE_DEPTH", "too many included files");
        return;
    }
    const auto path = complete_path(written, *file_, load_.settings);
    if (!path) {
        error(where, "E_INCLUDE", path.error().detail());
        return;
    }
    const auto text = load_.files.read(*path);
    if (!text) {
        error(where, "E_INCLUDE", "cannot read " + *path + ": " + text.error().detail());
        return;
    }
    read_text(*text, *path, depth_ + 1, load_);
}

void FileReader::begin(std::string_view name, std::size_t line) {
    alias_ = {};
    alias_.name = name;
    alias_.where = at(line, 1);
    value_.clear();
    pieces_.clear();
    continued_lines_.clear();
}

void FileReader::add_piece(std::string_view text, std::size_t line, std::size_t column) {
    pieces_.push_back({value_.size(), line, column});
    value_ += text;
}

void FileReader::continuation(std::size_t line) {
    const std::string_view before = trim(value_);
    if (!before.empty() && before.back() != ',') continued_lines_.push_back(line);
}

void FileReader::dangling(std::size_t line) {
    warn_of_backslash(line, "the file ends, so the backslash continues nothing");
}

void FileReader::warn_of_backslash(std::size_t line, const char* text) {
    const std::string quotation = quoted(line);
    load_.diagnostics.warning(
        at(line, std::max<std::size_t>(quotation.size(), 1)), "W_CONTINUATION", text, quotation
    );
}

SourceLocation FileReader::place_of(std::size_t offset) const {
    const auto after = std::upper_bound(
        pieces_.begin(), pieces_.end(), offset,
        [](std::size_t wanted, const Piece& piece) { return wanted < piece.offset; }
    );
    if (after == pieces_.begin()) return alias_.where;
    const Piece& piece = *(after - 1);
    return at(piece.line, piece.column + (offset - piece.offset));
}

bool FileReader::name_is_usable() {
    const std::string& name = alias_.name;
    if (name.size() > max_alias_name) {
        error(alias_.where, "E_NAME_LONG", "alias name of more than 128 octets");
        return false;
    }
    const std::size_t at_sign = alias::find_at_sign(name);
    const bool empty_part = at_sign == 0 || at_sign + 1 == name.size();
    if (empty_part || std::any_of(name.begin(), name.end(), is_control)) {
        error(
            alias_.where, "E_BAD_NAME", "bad alias name " + printable(name),
            "a local part, user@domain, or *@domain"
        );
        return false;
    }
    return true;
}

void FileReader::add() {
    const alias::Alias* earlier = load_.table.find(alias_.name);
    if (earlier == nullptr) {
        load_.table.add(std::move(alias_));
        return;
    }
    error(
        alias_.where, "E_DUPLICATE",
        "alias " + printable(alias_.name) + " is already defined at " + earlier->where.to_string() +
            ", which stays"
    );
}

// One action class for lines and one for the joined value: the latter sees offsets only.
template <class Rule>
struct ItemAction {};
template <>
struct ItemAction<rules::item> {
    template <class Input>
    static void apply(const Input& in, AliasValue& value) {
        value.take(in.string_view(), in.position().byte);
    }
};

void read_value(std::string_view text, alias::Alias& alias, const AliasValue::Settings& settings) {
    namespace pegtl = tao::pegtl;
    AliasValue value(alias, settings);
    pegtl::memory_input in(text.data(), text.size(), "value");
    pegtl::parse<rules::address_list, ItemAction>(in, value);
    value.finish();
}

/// A file named in the alias file `file`: prefixes resolved, relative to that file's directory.
Result<std::string> complete_path(
    std::string_view written, const std::string& file, const AliasFileSettings& settings
) {
    std::string path(trim(written));
    if (settings.tailor != nullptr) {
        auto resolved = settings.tailor->resolve(path);
        if (!resolved) return resolved;
        path = std::move(resolved).value();
    }
    if (!path.starts_with('/')) path = directory_of(file) + '/' + path;
    return path;
}

void FileReader::end() {
    for (const std::size_t line : continued_lines_) {
        warn_of_backslash(line, "the backslash should follow a comma");
    }
    if (!name_is_usable()) return;
    const std::size_t errors = load_.diagnostics.error_count();
    AliasValue::Settings settings;
    settings.or_clauses = load_.settings.or_clauses;
    settings.resolve = [this](std::string_view name) {
        return complete_path(name, *file_, load_.settings);
    };
    settings.report = [this](AliasFinding finding) { report(std::move(finding)); };
    read_value(trim_line_end(value_), alias_, settings);
    // An alias of which every address is bad would swallow or refuse mail: it is left out.
    const bool waits = alias_.list && !alias_.list->obstacle.empty();
    if (alias_.members.empty() && alias_.files.empty() && !waits) {
        if (load_.diagnostics.error_count() == errors)
            error(alias_.where, "E_NO_ADDRESS", "alias " + printable(alias_.name) + " is empty");
        return;
    }
    add();
}

void FileReader::junk(std::size_t line) {
    const std::string text = quoted(line);
    const std::size_t colon = text.find(':');
    if (text.starts_with('#')) {
        error(at(line, 1), "E_SYNTAX", "not an alias", "comments begin with \"!\"");
    } else if (is_blank(text.empty() ? 'x' : text.front())) {
        error(
            at(line, 1), "E_SYNTAX", "an alias name begins in column 1",
            "to continue a line, end it with a backslash"
        );
    } else if (colon != std::string::npos && colon > 0 && is_blank(text[colon - 1])) {
        error(at(line, colon), "E_SYNTAX", "blank before the colon", "remove the blank");
    } else {
        error(at(line, 1), "E_SYNTAX", "expected name: address, address");
    }
}

template <class Rule>
struct Action {};
template <>
struct Action<rules::file_name> {
    template <class Input>
    static void apply(const Input& in, FileReader& reader) {
        reader.include(in.string_view(), in.position().line);
    }
};
template <>
struct Action<rules::alias_name> {
    template <class Input>
    static void apply(const Input& in, FileReader& reader) {
        reader.begin(in.string_view(), in.position().line);
    }
};
template <>
struct Action<rules::value_piece> {
    template <class Input>
    static void apply(const Input& in, FileReader& reader) {
        const auto where = in.position();
        reader.add_piece(in.string_view(), where.line, where.column);
    }
};
template <>
struct Action<rules::continuation> {
    template <class Input>
    static void apply(const Input& in, FileReader& reader) {
        reader.continuation(in.position().line);
    }
};
template <>
struct Action<rules::definition_end> {
    template <class Input>
    static void apply(const Input& in, FileReader& reader) {
        if (in.string_view().starts_with('\\')) reader.dangling(in.position().line);
        reader.end();
    }
};
template <>
struct Action<rules::junk_line> {
    template <class Input>
    static void apply(const Input& in, FileReader& reader) {
        reader.junk(in.position().line);
    }
};

void read_text(std::string_view text, const std::string& file_name, int depth, Load& load) {
    namespace pegtl = tao::pegtl;
    FileReader reader(text, file_name, depth, load);
    pegtl::memory_input in(text.data(), text.size(), file_name);
    pegtl::parse<rules::file, Action>(in, reader);
}

void check_postmaster(const std::string& file_name, Load& load) {
    if (load.table.find("postmaster") != nullptr) return;
    const SourceLocation where{std::make_shared<const std::string>(file_name), 1, 1};
    const char* text = "no alias postmaster is defined";
    if (load.settings.postmaster_elsewhere) {
        load.diagnostics.warning(where, "W_NO_POSTMASTER", text);
        return;
    }
    load.diagnostics.error(
        where, "E_NO_POSTMASTER", text, {}, "postmaster: the address of somebody who reads it"
    );
}

}  // namespace

alias::AliasTable parse_aliases(
    std::string_view text,
    const std::string& file_name,
    FileSource& files,
    const AliasFileSettings& settings,
    Diagnostics& diagnostics
) {
    Load load{files, settings, diagnostics, {}, 0};
    read_text(text, file_name, 0, load);
    check_postmaster(file_name, load);
    return std::move(load.table);
}

alias::Alias parse_alias_value(
    std::string_view value,
    const std::string& name,
    const std::string& file_name,
    const AliasFileSettings& settings,
    std::vector<std::string>& problems
) {
    alias::Alias alias;
    alias.name = name;
    alias.where = {std::make_shared<const std::string>(file_name), 0, 0};
    AliasValue::Settings reading;
    reading.or_clauses = settings.or_clauses;
    reading.resolve = [&](std::string_view file) {
        return complete_path(file, file_name, settings);
    };
    reading.report = [&](const AliasFinding& finding) {
        problems.push_back(
            finding.text + " [" + finding.code + "] in the value of " + printable(name)
        );
    };
    read_value(trim_line_end(value), alias, reading);
    return alias;
}

Result<alias::AliasTable> load_aliases(
    FileSource& files,
    const std::string& path,
    const AliasFileSettings& settings,
    Diagnostics& diagnostics
) {
    const auto text = files.read(path);
    if (!text) return text.error();
    return parse_aliases(*text, path, files, settings, diagnostics);
}

}  // namespace sluice::config
