// programs.cnf as people write it, and as `imsimta program` changes it: what it writes reads the
// same, and no other method is touched.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/programs.h"

using namespace sluice;

namespace {

config::DeliveryPrograms parse(std::string_view text) {
    Diagnostics diagnostics;
    auto programs = config::parse_programs(text, "programs.cnf", diagnostics);
    for (const auto& item : diagnostics.items()) {
        if (item.to_string().empty()) std::abort();
    }
    return programs;
}

bool same(const config::DeliveryProgram& a, const config::DeliveryProgram& b) {
    return a.program == b.program && a.arguments == b.arguments &&
           a.as_recipient == b.as_recipient && a.account == b.account;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto programs = parse(text);
    for (const auto& [method, program] : programs) {
        if (!config::is_method_name(method) || !config::is_program_name(program.program) ||
            !config::split_arguments(program.arguments))
            std::abort();
        const auto put = parse(config::with_method(text, program));
        const auto found = put.find(method);
        if (found == put.end() || !same(found->second, program)) std::abort();
        const auto rest = parse(config::without_method(text, method));
        if (rest.contains(method)) std::abort();
        for (const auto& [other, kept] : programs) {
            if (other == method) continue;
            const auto there = rest.find(other);
            if (there == rest.end() || !same(there->second, kept)) std::abort();
        }
    }
    (void)config::split_arguments(text);
    return 0;
}
