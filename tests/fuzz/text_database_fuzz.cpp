// Texts of lookup databases: every parse ends, and what is written back reads back the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "store/entry_line.h"
#include "store/text_database.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sluice;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    Diagnostics findings;
    const auto database = store::parse_text_database(text, "fuzz", findings);
    for (const Diagnostic& finding : findings.items()) (void)finding.to_string();
    (void)database.find(text.substr(0, 100));

    const std::string_view line = text.substr(0, text.find('\n'));
    for (unsigned bits = 0; bits < 16; ++bits) {
        store::LineSyntax syntax;
        syntax.value_is_one_word = (bits & 1U) != 0;
        syntax.quoted_keys = (bits & 2U) != 0;
        syntax.remove_quotes = (bits & 4U) != 0;
        syntax.strip_colons = (bits & 8U) != 0;
        const auto parsed = store::parse_entry_line(line, syntax);
        const auto* entry = std::get_if<store::Entry>(&parsed);
        if (entry == nullptr) continue;
        const auto again = store::parse_entry_line(store::entry_line(entry->key, entry->value), {});
        const auto* back = std::get_if<store::Entry>(&again);
        if (back == nullptr || back->key != entry->key || back->value != entry->value) std::abort();
    }
    return 0;
}
