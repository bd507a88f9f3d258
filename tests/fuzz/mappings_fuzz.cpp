// A mapping file, then probes against every table of it: the file's author is trusted to mean well,
// not to be free of mistakes, and the probes are foreign text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "config/mapping_file.h"
#include "mapping/engine.h"
#include "support/any_answers.h"
#include "support/naive_mapping.h"

using namespace sluice;

// The first line is the probe, the rest the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto end = bytes.find('\n');
    const std::string_view input = bytes.substr(0, end);
    const std::string_view text = end == std::string_view::npos ? "" : bytes.substr(end + 1);
    config::MemoryFiles files(std::map<std::string, std::string>{
        {"mappings", std::string(text)}, {"./inc", "  *a*  $0b$C\n"}});
    Diagnostics diagnostics;
    const auto tables = config::read_mapping_file("mappings", files, diagnostics);
    for (const auto& item : diagnostics.items()) {
        if (item.to_string().empty()) std::abort();
    }
    test::AnyAnswers answers;
    for (const auto& [name, table] : tables.tables()) {
        const auto quick = mapping::probe(tables, name, input, mapping::InputFlags("A"), answers);
        mapping::Trace trace;
        const auto traced =
            mapping::probe(tables, name, input, mapping::InputFlags("A"), answers, &trace);
        if (quick.to_debug_string() != traced.to_debug_string()) std::abort();
        // The index may only skip entries that cannot match. Where a limit was met the two part,
        // because skipped entries cost nothing.
        if (!quick.warnings.empty() || text.size() > 20'000) continue;
        const auto naive =
            test::naive_probe(tables, name, input, mapping::InputFlags("A"), answers);
        if (quick.to_debug_string() != naive.to_debug_string()) std::abort();
    }
    return 0;
}
