#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.h"

namespace sluice::test {

/// Makes sites and addresses out of a small stock of words, so that rules, tables, aliases and
/// addresses meet often. The same seed makes the same.
class RandomSite {
public:
    explicit RandomSite(std::uint64_t seed) : random_(seed) {}

    struct Texts {
        std::string imta_cnf;
        std::string mappings;
        std::string aliases;
    };
    Texts site();
    std::string address();
    /// Null where the texts hold an error.
    static config::ConfigurationPtr load(const Texts& texts);

private:
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
    bool chance(std::size_t one_in) { return below(one_in) == 0; }
    std::string_view one_of(const std::vector<std::string_view>& words) {
        return words[below(words.size())];
    }
    std::string host();
    std::string pattern();
    std::string rewrite_template();
    std::string table(std::string_view name, std::size_t entries);
    std::string entry();
    std::string mapping_template();

    std::mt19937_64 random_;
};

}  // namespace sluice::test
