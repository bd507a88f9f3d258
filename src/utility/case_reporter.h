#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "cases/cases.h"
#include "utility/message.h"

namespace sluice::utility {

/// Runs files of examples, counts what comes of them and shows what failed: for `test -cases` and
/// for the directory cases/ of an instance.
class CaseReporter {
public:
    struct Form {
        std::string_view facility;  ///< of messages
        bool json = false;          ///< one object for each example
        bool trace = false;         ///< show how a failure came about
    };
    /// `site` may be null: then every table needs a configuration beside it.
    CaseReporter(Console& console, const Form& form, const config::Configuration* site)
        : console_(console), form_(form), site_(site) {}

    void run(const std::string& table);
    [[nodiscard]] std::size_t passed() const { return passed_; }
    [[nodiscard]] std::size_t failed() const { return failed_; }

private:
    void take(const cases::Outcome& outcome);
    void text(std::string_view label, std::string_view value);
    void json(const cases::Outcome& outcome);

    Console& console_;
    Form form_;
    const config::Configuration* site_;
    std::size_t passed_ = 0;
    std::size_t failed_ = 0;
};

}  // namespace sluice::utility
