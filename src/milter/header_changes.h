#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "milter/verdict.h"

namespace sluice::milter {

/// The fields of a message as a filter sees them, and the changes it asks for. Fields that are not
/// touched keep every octet. Pure.
class HeaderFields {
public:
    struct Field {
        std::string name;
        std::string raw;  ///< the whole field with its line ends
        /// What stands behind the colon, without the last line end.
        [[nodiscard]] std::string_view raw_value() const;
    };

    /// Takes the fields at the front of `text`; consumed() tells where they end.
    explicit HeaderFields(std::string_view text = {});
    [[nodiscard]] std::size_t consumed() const { return consumed_; }

    [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
    [[nodiscard]] std::string text() const;
    /// Takes the first field away; empty where there is none.
    std::string take_front();

    /// As libmilter describes them. add: behind all others. insert: `index` fields stay in front.
    /// change: the `index`th field of that name, counted from 1; with no value it goes; where there
    /// are fewer a field is added. `leading_blank`: values come with the blank behind the colon. A
    /// name that no field can have changes nothing. Returns whether anything changed.
    bool apply(const AddHeader& change, bool leading_blank);
    bool apply(const InsertHeader& change, bool leading_blank);
    bool apply(const ChangeHeader& change, bool leading_blank);

private:
    bool put(std::size_t place, std::string_view name, std::string_view value, bool leading_blank);

    std::vector<Field> fields_;
    std::size_t consumed_ = 0;
};

/// Whether one who asks for the address `asked` means `given`: the domain's case does not count.
[[nodiscard]] bool is_same_mailbox(std::string_view asked, std::string_view given);

}  // namespace sluice::milter
