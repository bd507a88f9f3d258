#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tracking/record.h"

// Foreign lines are described by templates: text that stands as it is, and captures:
//   {name}   up to the text behind it, or the rest of the line
//   {#name}  digits
//   {[name}  one unit in brackets, colons and all: "[IPv6:2001:db8::1]"
//   {<name}  one address in angle brackets, or several between commas
// The same template writes the line again, which is how the tests know that nothing was lost.
namespace sluice::tracking {

/// The captures in their order; false where the line does not have this form. `fields` is then
/// unspecified. Blanks around captures of Post.Office lines are typography: they are passed over
/// where `loose` says so.
[[nodiscard]] bool match_template(
    std::string_view form, std::string_view line, bool loose, std::vector<NamedValue>& fields
);
/// Whether these are the captures of the template, by name and order.
[[nodiscard]] bool has_captures(std::string_view form, const std::vector<NamedValue>& fields);
/// The line that these captures were taken from.
[[nodiscard]] std::string fill_template(
    std::string_view form, const std::vector<NamedValue>& fields
);

}  // namespace sluice::tracking
