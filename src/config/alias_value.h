#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "alias/alias_table.h"
#include "alias/list_parameters.h"
#include "base/result.h"

// The right-hand side of an alias, item by item: addresses, or a mailing list with its parameters.
namespace sluice::config {

/// What is found wrong, at an offset of the value.
struct AliasFinding {
    bool is_error = true;
    std::size_t offset = 0;
    const char* code = "";
    std::string text;
    std::string hint;
};

class AliasValue {
public:
    struct Settings {
        bool or_clauses = false;
        /// Makes a complete path of a file name; an Error for a name that cannot be.
        std::function<Result<std::string>(std::string_view)> resolve;
        std::function<void(AliasFinding)> report;
    };
    /// Fills `alias`, which must outlive this object, as `settings` must.
    AliasValue(alias::Alias& alias, const Settings& settings)
        : alias_(alias), settings_(settings), builder_(settings.or_clauses) {}

    /// One item between commas, at `offset` of the value.
    void take(std::string_view item, std::size_t offset);
    /// After the last item.
    void finish();

private:
    enum class Part { parameters, addresses, positions };
    struct Place {
        std::string_view text;
        std::size_t offset = 0;

        /// Without the first `count` octets and the blanks behind them.
        [[nodiscard]] Place behind(std::size_t count) const;
    };

    void error(const Place& place, const char* code, std::string text, std::string hint = {});
    /// A list with an error in its parameters must neither reach the wrong people nor lose mail.
    void break_list(const Place& place, const char* code, std::string text, std::string hint = {});
    /// Takes the parameters at the front; what is left is an address, a file or nothing.
    [[nodiscard]] Place take_parameters(Place place);
    void set_value(const alias::ListParameterInfo& info, const Place& place);
    [[nodiscard]] bool take_file(const Place& place);
    void add_file(const Place& place, alias::MemberSyntax syntax);
    void take_position(const Place& place);
    void take_address(const Place& place);
    void directory(const Place& place);

    alias::Alias& alias_;
    const Settings& settings_;
    alias::ListBuilder builder_;
    Part part_ = Part::parameters;
    std::size_t position_ = 0;
    std::string obstacle_;
};

}  // namespace sluice::config
