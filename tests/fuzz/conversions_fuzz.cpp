// A conversions file, then its entries against a part whose labels are foreign text; the text of
// commands must never hold what the part says.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "config/conversions_file.h"
#include "conversion/outcome.h"
#include "conversion/plan.h"

using namespace sluice;

namespace {

conversion::TableAnswer answer(const std::string& table, const std::string& argument) {
    using Kind = conversion::TableAnswer::Kind;
    switch (argument.size() % 3) {
        case 0:
            return {Kind::value, table + argument};
        case 1:
            return {Kind::none, {}};
        default:
            return {Kind::not_now, {}};
    }
}

}  // namespace

// The first line is what the part says, the rest the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto end = bytes.find('\n');
    const std::string_view said = bytes.substr(0, end);
    const std::string_view text = end == std::string_view::npos ? "" : bytes.substr(end + 1);
    config::MemoryFiles files(std::map<std::string, std::string>{
        {"conversions", std::string(text)}, {"./inc", "in-type=a*; delete=1\n<conversions\n"}});
    Diagnostics diagnostics;
    const auto entries = config::read_conversions("conversions", files, nullptr, diagnostics);
    for (const auto& item : diagnostics.items()) {
        if (item.to_string().empty()) std::abort();
    }
    conversion::MessageFacts message{"tcp_local", "l", {std::string(said)}, std::string(said), {}};
    conversion::PartFacts part;
    part.number = "1.2";
    part.subject = said;
    part.labels.description = said;
    part.labels.type_parameters = {{"name", std::string(said)}};
    const auto plan = conversion::plan_part(entries, message, part, answer);
    for (const auto& [name, value] : plan.symbols) {
        if (value.find('\0') != std::string::npos || value.find('\n') != std::string::npos)
            std::abort();
    }
    for (const conversion::Entry& entry : entries.entries) {
        if (entry.to_debug_string().empty()) std::abort();
        if (!entry.command) continue;
        conversion::SymbolTable marked;
        for (const auto& [name, value] : plan.symbols) marked[name] = "\x01";
        if (conversion::shell_text(*entry.command, marked) !=
            conversion::shell_text(*entry.command, plan.symbols))
            std::abort();
    }
    std::vector<std::string> warnings;
    conversion::Labels labels;
    const auto options = conversion::parse_output_options(text, warnings);
    conversion::apply_options(options, labels);
    if (conversion::judge({conversion::CommandEnd::Kind::exited, 0, {}}, options, true).text !=
        options.diagnostic)
        std::abort();
    return 0;
}
