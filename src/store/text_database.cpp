#include "store/text_database.h"

#include <memory>

#include "store/entry_line.h"

namespace sluice::store {

namespace {

/// Enough of a line to recognise it by.
constexpr std::size_t quoted_octets = 500;

}  // namespace

const std::string* TextDatabase::find(std::string_view key) const {
    const auto found = entries_.find(key);
    return found != entries_.end() ? &found->second : nullptr;
}

TextDatabase parse_text_database(
    std::string_view text, const std::string& file_name, Diagnostics& diagnostics
) {
    TextDatabase database;
    const auto file = std::make_shared<const std::string>(file_name);
    LineSyntax syntax;
    syntax.value_is_one_word = true;
    std::size_t number = 0;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        ++number;
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        auto parsed = parse_entry_line(line, syntax);
        if (const auto* problem = std::get_if<LineProblem>(&parsed)) {
            diagnostics.error(
                {file, number, problem->at + 1}, std::string(problem->code), problem->text,
                std::string(line.substr(0, quoted_octets)), problem->hint
            );
            continue;
        }
        auto* entry = std::get_if<Entry>(&parsed);
        if (entry == nullptr) continue;
        const auto [at, added] =
            database.entries_.emplace(std::move(entry->key), std::move(entry->value));
        if (!added)
            diagnostics.error(
                {file, number, 1}, "E_DUPLICATE", "the key stands above already",
                std::string(line.substr(0, quoted_octets))
            );
    }
    return database;
}

}  // namespace sluice::store
