#include "config/tailor.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <filesystem>
#include <optional>

#include "config/option_file.h"
#include "config/option_value.h"

namespace sluice::config {

namespace {

enum class Kind : std::uint8_t { directory, file, text, number };

struct Row {
    TailorEntry entry;
    std::string_view name;
    Kind kind;
    TailorEntry base;
    std::string_view fallback;
};

constexpr std::array<Row, tailor_entry_count> table = {{
#define SLUICE_TAILOR(id, name, kind, base, fallback) \
    {TailorEntry::id, name, Kind::kind, TailorEntry::base, fallback},
#include "config/tailor_table.inc"
#undef SLUICE_TAILOR
}};

const Row* find_row(std::string_view name) {
    for (const auto& row : table) {
        if (equals_ignoring_case(row.name, name)) return &row;
    }
    return nullptr;
}

// "IMTA_TABLE" of "IMTA_TABLE:general.txt"; empty where there is no such prefix.
std::string_view prefix_of(std::string_view value) {
    const std::size_t colon = value.find(':');
    if (colon == std::string_view::npos || !starts_with_ignoring_case(value, "IMTA_")) return {};
    const std::string_view name = value.substr(0, colon);
    for (const char c : name) {
        if (!is_alnum(c) && c != '_') return {};
    }
    return name;
}

std::string with_slash(std::string path) {
    if (path.empty() || path.back() != '/') path += '/';
    return path;
}

// "a/./b/../c" -> "a/c". A final slash stays.
std::string tidy(const std::string& path) {
    return std::filesystem::path(path).lexically_normal().string();
}

Error bad_prefix(std::string detail) {
    return Error::permanent({5, 3, 5}, "configuration error", std::move(detail));
}

}  // namespace

std::string_view Tailor::name_of(TailorEntry entry) {
    return table[static_cast<std::size_t>(entry)].name;
}

/// Resolves all entries; the only writer of a Tailor.
class TailorReader {
public:
    TailorReader(std::string root, const OptionFile* file, const TailorOverrides& overrides)
        : root_(with_slash(std::move(root))), file_(file), overrides_(overrides) {}

    /// `path` is what the result calls its file.
    Tailor read(const std::string& path, Diagnostics& diagnostics);

private:
    struct Raw {
        std::string value;
        std::string source = "default";
        const Setting* setting = nullptr;
    };
    [[nodiscard]] std::optional<Raw> raw(std::string_view name) const;
    [[nodiscard]] Result<std::string> value_of(const Row& row, const Raw& raw, int level) const;
    [[nodiscard]] Result<std::string> expand(std::string_view value, int level) const;
    void set(Tailor& tailor, const Row& row, Diagnostics& diagnostics) const;
    void check(const Row& row, const Raw& raw, Diagnostics& diagnostics) const;
    void add_others(Tailor& tailor, Diagnostics& diagnostics) const;

    std::string root_;
    const OptionFile* file_;
    const TailorOverrides& overrides_;
};

std::optional<TailorReader::Raw> TailorReader::raw(std::string_view name) const {
    const Setting* setting = file_ != nullptr ? file_->globals().find(name) : nullptr;
    if (const auto found = overrides_.find(name); found != overrides_.end()) {
        return Raw{found->second, "environment", nullptr};
    }
    if (setting != nullptr) {
        const SourceLocation where{setting->where.file, setting->where.line, 0};
        return Raw{setting->value, where.to_string(), setting};
    }
    if (const Row* row = find_row(name)) return Raw{std::string(row->fallback), "default", nullptr};
    return std::nullopt;
}

Result<std::string> TailorReader::expand(std::string_view value, int level) const {
    const std::string_view name = prefix_of(value);
    if (name.empty()) return std::string(value);
    if (level >= max_prefix_levels) {
        return bad_prefix("more than 8 prefixes deep at " + std::string(name) + ":");
    }
    const auto source = raw(name);
    if (!source) return bad_prefix("unknown prefix " + std::string(name) + ":");
    const Row* row = find_row(name);
    auto prefix =
        row != nullptr ? value_of(*row, *source, level + 1) : expand(source->value, level + 1);
    if (!prefix) return prefix;
    return *prefix + std::string(value.substr(name.size() + 1));
}

Result<std::string> TailorReader::value_of(const Row& row, const Raw& source, int level) const {
    auto value = expand(source.value, level);
    if (!value || row.kind == Kind::text || row.kind == Kind::number) return value;
    std::string path = std::move(value).value();
    if (row.entry == TailorEntry::root) {
        if (source.source == "default") return tidy(root_);
        // Relative to the directory of the tailor file, which is below the default root.
        return tidy(with_slash(path));
    }
    if (path.empty() || path.front() != '/') {
        const Row& base = table[static_cast<std::size_t>(row.base)];
        auto above = value_of(base, *raw(base.name), level + 1);
        if (!above) return above;
        path = *above + path;
    }
    return tidy(row.kind == Kind::directory ? with_slash(path) : path);
}

void TailorReader::check(const Row& row, const Raw& source, Diagnostics& diagnostics) const {
    if (source.setting == nullptr) return;
    if (row.kind == Kind::number) integer_of(*source.setting, at_least_one, diagnostics);
    if (row.kind == Kind::directory && !source.value.ends_with('/')) {
        diagnostics.warning(
            source.setting->value_where, "W410",
            std::string(row.name) + " is a prefix and must end in \"/\"; one is added",
            source.setting->line
        );
    }
}

void TailorReader::set(Tailor& tailor, const Row& row, Diagnostics& diagnostics) const {
    Tailor::Value& target = tailor.values_[static_cast<std::size_t>(row.entry)];
    const Raw source = *raw(row.name);
    auto value = value_of(row, source, 0);
    if (!value) {
        const Setting* setting = source.setting;
        diagnostics.error(
            setting != nullptr ? setting->value_where : SourceLocation{}, "E410",
            std::string(row.name) + ": " + value.error().detail(),
            setting != nullptr ? setting->line : std::string()
        );
        target.text = row.fallback;
        return;
    }
    check(row, source, diagnostics);
    target.text = std::move(value).value();
    target.source = source.source;
}

void TailorReader::add_others(Tailor& tailor, Diagnostics& diagnostics) const {
    if (file_ == nullptr) return;
    for (const auto& setting : file_->globals().settings) {
        if (find_row(setting.name) != nullptr) continue;
        if (!starts_with_ignoring_case(setting.name, "IMTA_")) {
            diagnostics.warning(
                setting.where, "W411", setting.name + " does not begin with IMTA_", setting.line
            );
        }
        if (auto value = expand(setting.value, 0)) {
            tailor.others_.insert_or_assign(setting.name, std::move(value).value());
        } else {
            diagnostics.error(
                setting.value_where, "E410", setting.name + ": " + value.error().detail(),
                setting.line
            );
        }
    }
}

Tailor TailorReader::read(const std::string& path, Diagnostics& diagnostics) {
    Tailor tailor;
    tailor.file_ = path;
    for (const auto& row : table) set(tailor, row, diagnostics);
    add_others(tailor, diagnostics);
    return tailor;
}

Tailor::Tailor() : values_(tailor_entry_count) {}

Tailor::Tailor(std::string root, const TailorOverrides& overrides) : Tailor() {
    Diagnostics ignored;
    *this = TailorReader(std::move(root), nullptr, overrides).read({}, ignored);
}

const std::string& Tailor::text(TailorEntry entry) const {
    return values_[static_cast<std::size_t>(entry)].text;
}

std::int64_t Tailor::number(TailorEntry entry) const {
    const Row& row = table[static_cast<std::size_t>(entry)];
    assert(row.kind == Kind::number);
    const auto value = parse_option_integer(text(entry));
    return value && *value >= 1 ? *value : *parse_option_integer(row.fallback);
}

bool Tailor::is_set(TailorEntry entry) const {
    return source(entry) != "default";
}

std::string Tailor::source(TailorEntry entry) const {
    return values_[static_cast<std::size_t>(entry)].source;
}

Result<std::string> Tailor::resolve(std::string_view value) const {
    const std::string_view name = prefix_of(value);
    if (name.empty()) return std::string(value);
    const std::string rest(value.substr(name.size() + 1));
    if (const Row* row = find_row(name)) return text(row->entry) + rest;
    if (const auto other = others_.find(name); other != others_.end()) return other->second + rest;
    return bad_prefix("unknown prefix " + std::string(name) + ":");
}

Result<std::string> Tailor::resolve_path(std::string_view value, TailorEntry base) const {
    auto resolved = resolve(value);
    if (!resolved || resolved->starts_with('/')) return resolved;
    return path(base) + *resolved;
}

Tailor parse_tailor(
    std::string_view text,
    const std::string& path,
    const TailorOverrides& overrides,
    Diagnostics& diagnostics
) {
    const OptionDialect dialect{.only_exclamation_comments = true};
    OptionFile file = parse_option_file(text, path, dialect, diagnostics);
    const std::filesystem::path here = std::filesystem::path(path).lexically_normal().parent_path();
    std::string root = (here / "..").string();
    const Setting* set = file.globals().find("IMTA_ROOT");
    // A relative root is made to start at the tailor file before anything uses it.
    for (auto& section : file.sections) {
        for (auto& setting : section.settings) {
            if (&setting != set || setting.value.starts_with('/')) continue;
            if (!prefix_of(setting.value).empty()) continue;
            setting.value = with_slash((here / setting.value).string());
        }
    }
    return TailorReader(std::move(root), &file, overrides).read(path, diagnostics);
}

Result<Tailor> load_tailor(
    FileSource& files,
    const std::string& path,
    const TailorOverrides& overrides,
    Diagnostics& diagnostics
) {
    const auto text = files.read(path);
    if (!text) return text.error();
    return parse_tailor(*text, path, overrides, diagnostics);
}

std::size_t log_versions_kept(const Tailor& tailor) {
    return static_cast<std::size_t>(
        std::max<std::int64_t>(tailor.number(TailorEntry::version_limit), 0)
    );
}

}  // namespace sluice::config
