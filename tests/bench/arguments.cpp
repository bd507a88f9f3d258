#include "arguments.h"

#include <cstdio>
#include <cstdlib>

#include "base/bytes.h"

namespace sluice::bench {

namespace {

void print_usage(const char* program, const Arguments::Values& defaults) {
    std::fprintf(stderr, "usage: %s [--name value]...\n", program);
    for (const auto& [name, value] : defaults) {
        std::fprintf(stderr, "    --%s (%s)\n", name.c_str(), value.c_str());
    }
}

[[noreturn]] void refuse(const std::string& text) {
    std::fprintf(stderr, "%s\n", text.c_str());
    std::exit(2);  // NOLINT(concurrency-mt-unsafe): before any thread starts
}

}  // namespace

std::optional<Arguments> Arguments::parse(int argc, char** argv, Values defaults) {
    Values values = defaults;
    for (int i = 1; i < argc; i += 2) {
        const std::string_view name = argv[i];
        const auto known = name.starts_with("--") ? values.find(name.substr(2)) : values.end();
        if (known == values.end() || i + 1 == argc) {
            print_usage(argv[0], defaults);
            return std::nullopt;
        }
        known->second = argv[i + 1];
    }
    return Arguments(std::move(values));
}

const std::string& Arguments::text(std::string_view name) const {
    return values_.find(name)->second;
}

std::uint64_t Arguments::number(std::string_view name, std::uint64_t ceiling) const {
    const auto value = parse_unsigned(text(name));
    if (!value || *value > ceiling) {
        refuse(
            "--" + std::string(name) + " wants a number of at most " + std::to_string(ceiling) +
            ", not " + text(name)
        );
    }
    return *value;
}

Endpoint Arguments::loopback_endpoint() const {
    const auto address = IpAddress::parse(text("host"));
    if (!address || !address->is_v4() || !address->is_loopback()) {
        refuse("refusing " + text("host") + ": only addresses of 127/8");
    }
    return {*address, static_cast<std::uint16_t>(number("port", 65535))};
}

}  // namespace sluice::bench
