#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sluice {

/// A small text that the programs of an instance share. Opens the file at `path`, makes it where
/// there is none, and under its lock puts what `change` makes of the text in its place. Torn by a
/// crash it may be cut short: readers take what makes no sense for nothing.
Result<void> change_shared_text(
    const std::string& path, const std::function<std::string(std::string_view text)>& change
);

}  // namespace sluice
