#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Text records: fields with tabs in front, escaped so that none can hold a tab or a line end.
namespace sluice::net {

void append_field(std::string& record, std::string_view field);
void append_field(std::string& record, std::uint64_t number);
std::string unescaped(std::string_view field);

}  // namespace sluice::net
