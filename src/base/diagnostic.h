#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// A place in a configuration file. Lines and columns count from 1; 0 means "not known".
/// The file name is shared: thousands of rules point into one file.
struct SourceLocation {
    std::shared_ptr<const std::string> file;
    std::size_t line = 0;
    std::size_t column = 0;

    /// "file:line:column", "file:line" where the column is not known.
    [[nodiscard]] std::string to_string() const;
    [[nodiscard]] std::string_view file_name() const { return file ? std::string_view(*file) : ""; }
};

enum class Severity { warning, error };

/// One finding about a configuration file.
struct Diagnostic {
    SourceLocation where;
    Severity severity = Severity::error;
    std::string code;  ///< stable identifier such as "E304"
    std::string text;
    std::string line;  ///< the physical line, for the quotation; may be empty
    std::string hint;  ///< a likely fix; may be empty

    /// "file:line:column: error: text [CODE]", then the quoted line, a caret, and the hint.
    [[nodiscard]] std::string to_string() const;
};

/// Collects the findings of one pass over the configuration: readers report all they see and go on.
class Diagnostics {
public:
    void add(Diagnostic diagnostic) { items_.push_back(std::move(diagnostic)); }
    void error(
        SourceLocation where,
        std::string code,
        std::string text,
        std::string line = {},
        std::string hint = {}
    );
    void warning(
        SourceLocation where,
        std::string code,
        std::string text,
        std::string line = {},
        std::string hint = {}
    );

    [[nodiscard]] const std::vector<Diagnostic>& items() const { return items_; }
    [[nodiscard]] std::size_t error_count() const;
    [[nodiscard]] bool has_errors() const { return error_count() > 0; }
    void append(Diagnostics other);
    /// Orders by file (first seen first), line, column; readers that work in passes report out of
    /// order.
    void sort_by_place();

private:
    std::vector<Diagnostic> items_;
};

}  // namespace sluice
