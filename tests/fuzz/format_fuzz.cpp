// The formatter on any text: what it writes means the same, and it settles at once. The first octet
// chooses the language. What loads is also examined: the checker must stand every configuration.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "config/imta_cnf.h"
#include "config/mapping_file.h"
#include "lint/format.h"
#include "lint/lint.h"
#include "lint/silence.h"

using namespace sluice;

namespace {

void check_format(lint::Language language, std::string_view text) {
    const auto once = lint::format(language, text);
    if (!once) std::abort();
    const auto twice = lint::format(language, *once);
    if (!twice || *twice != *once) std::abort();
}

void examine(lint::Language language, const std::string& text) {
    // Large patterns are compared with each other: that takes time, and finds nothing here.
    if (text.size() > 4000) return;
    config::MemoryFiles files(std::map<std::string, std::string>{{"file", text}});
    Diagnostics diagnostics;
    config::Configuration configuration{config::Tailor(".")};
    if (language == lint::Language::imta_cnf) {
        configuration.imta = config::read_imta_cnf("file", files, diagnostics);
    } else {
        configuration.mappings = config::read_mapping_file("file", files, diagnostics);
    }
    if (diagnostics.has_errors()) return;
    const auto result = lint::silence(lint::examine(configuration), {{"file", text}}, {});
    for (const lint::Finding& finding : result.findings.items()) {
        if (finding.to_string().empty()) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto language = data[0] % 2 == 0 ? lint::Language::imta_cnf : lint::Language::mappings;
    check_format(language, text);
    examine(language, std::string(text));
    return 0;
}
