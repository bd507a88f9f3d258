#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "alias/mailing_list.h"

// The named and positional parameters of mailing lists: one table of names, and what each does to
// a MailingList. Pure.
namespace sluice::alias {

enum class ListParameter : std::uint8_t;

struct ListParameterInfo {
    enum class Value : std::uint8_t { none, ignored, file, table, patterns, address, number, text };
    std::string_view name;
    ListParameter parameter;
    Value value = Value::none;
    bool has_effect = true;  ///< false: accepted for the sake of existing files
};

/// Every name that is understood, sorted.
const std::vector<ListParameterInfo>& list_parameters();
/// In any case; nullptr if there is none.
const ListParameterInfo* find_list_parameter(std::string_view name);

/// Gathers the parameters of one list in the order in which they are written.
class ListBuilder {
public:
    /// `or_clauses`: the option OR_CLAUSES.
    explicit ListBuilder(bool or_clauses) : alternative_(or_clauses) {}

    /// Takes one named parameter. Returns what is wrong with it; empty if nothing. `value` is
    /// without quotes, a file name is complete.
    std::string set(const ListParameterInfo& info, std::string_view value);
    /// Takes positional parameter `index` (0: error return address ... 4: comments). "*" and the
    /// empty text leave it out.
    std::string set_position(std::size_t index, std::string_view value);
    static constexpr std::size_t positions = 5;

    [[nodiscard]] bool is_empty() const { return !used_; }
    [[nodiscard]] MailingList take() { return std::move(list_); }

private:
    void add_clause(ListClauses& clauses, ListClause clause) const;
    std::string set_header(std::string_view field, std::string_view value);

    MailingList list_;
    bool alternative_;
    bool used_ = false;
    std::string error_return_;
};

}  // namespace sluice::alias
