#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::address {

/// The domain as the DNS knows it: labels beyond ASCII become A-labels (RFC 5891, with the mappings
/// of UTS 46, not transitional). ASCII stays as it is. nullopt: no such domain can be.
std::optional<std::string> ascii_domain(std::string_view domain);

/// A path, with or without brackets and route, in which every domain is as the DNS knows it; local
/// parts keep their octets. Both spellings name the same mailbox (RFC 6531 section 3.2), and this
/// is the one that rules, tables and hosts without SMTPUTF8 understand.
std::optional<std::string> with_ascii_domains(std::string_view path);

}  // namespace sluice::address
