#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/exchange.h"

namespace sluice::auth {

/// Names of SASL mechanisms in capitals.
using Mechanisms = std::vector<std::string>;

bool contains(const Mechanisms& mechanisms, std::string_view name);
/// The client sends something that whoever reads it can log in with: PLAIN, LOGIN, bearer tokens.
bool is_plain_text(std::string_view mechanism);
/// Ends in -PLUS: bound to the TLS session.
bool is_bound(std::string_view mechanism);
/// Every mechanism this program can do itself, best first.
const Mechanisms& known_mechanisms();

}  // namespace sluice::auth
