#pragma once

#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "lint/codes.h"

namespace sluice::lint {

/// Something about a configuration that its author should look at.
struct Finding {
    Diagnostic diagnostic;
    std::string example;  ///< lines that show what happens, such as an SMTP dialogue; may be empty

    /// The diagnostic's form, with the example below it.
    [[nodiscard]] std::string to_string() const;
};

/// Collects findings; severity and remedy come from the table of codes.
class Findings {
public:
    void add(Code code, SourceLocation where, std::string text, std::string example = {});
    /// A finding that a reader of the configuration made.
    void add(Diagnostic diagnostic) { items_.push_back({std::move(diagnostic), {}}); }

    [[nodiscard]] const std::vector<Finding>& items() const { return items_; }
    [[nodiscard]] std::vector<Finding>& items() { return items_; }
    [[nodiscard]] std::size_t error_count() const;

private:
    std::vector<Finding> items_;
};

}  // namespace sluice::lint
