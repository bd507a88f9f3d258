#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/ip_address.h"

namespace sluice::bench {

/// The command line of a measuring program: "--name value" pairs, each with a default.
class Arguments {
public:
    using Values = std::map<std::string, std::string, std::less<>>;

    /// `defaults` holds every name there is. Anything else is reported on standard error, with the
    /// names and their defaults, and gives nullopt.
    static std::optional<Arguments> parse(int argc, char** argv, Values defaults);

    [[nodiscard]] const std::string& text(std::string_view name) const;
    /// Ends the program with status 2 when the value is not a number of at most `ceiling`.
    [[nodiscard]] std::uint64_t number(std::string_view name, std::uint64_t ceiling) const;
    /// `host` and `port` together. Measuring programs speak to this machine only: ends the program
    /// with status 2 when the host is not an address of 127/8.
    [[nodiscard]] Endpoint loopback_endpoint() const;

private:
    explicit Arguments(Values values) : values_(std::move(values)) {}
    Values values_;
};

}  // namespace sluice::bench
