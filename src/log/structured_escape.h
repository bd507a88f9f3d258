#pragma once

#include <string>
#include <string_view>

// Foreign text inside the marks of XML attributes and JSON strings (logging.md section 9): what
// comes out neither ends the string nor the line, and holds no control. Octets that are no
// well-formed UTF-8 become "?" or U+FFFD. Pure.
namespace sluice::log {

void append_xml(std::string& out, std::string_view text);
void append_json(std::string& out, std::string_view text);

}  // namespace sluice::log
