#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "mapping/answers.h"

namespace sluice::cases {

/// The outside world of the examples: the routines that they call in the image `test`, databases
/// and sequence numbers from files beside the table.
class ExampleAnswers final : public mapping::Answers {
public:
    /// Reads base.general, base.domaindb, base.localdomains and base.seq, where they exist.
    void load(const std::string& base);
    mapping::Answer ask(const mapping::Question& question) override;

private:
    using Texts = std::map<std::string, std::string, LessIgnoringCase>;

    mapping::Answer call_out(const mapping::Question& question) const;
    mapping::Answer next_number(const std::string& name);

    Texts general_;
    Texts domain_templates_;
    std::set<std::string, LessIgnoringCase> local_domains_;
    std::map<std::string, std::uint64_t> sequences_;
};

}  // namespace sluice::cases
