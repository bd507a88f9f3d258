#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/configuration.h"

// The one call with which a program gives up its rights, when everything is done for which it needs
// more and before it has threads. What a program may do is in containment/programs.inc.
namespace sluice::enqueue {

/// Says in the component log what was applied. An Error: CONTAINMENT.MODE=strict, and it was not
/// all; the program must not serve. Without strict it serves with what the kernel has. A program
/// of the site is in no table and stays as it is.
/// `before`: what must be done while the rights are there, where they are given up.
Result<void> contain(
    const config::Configuration& configuration,
    std::string_view program,
    const std::function<Result<void>()>& before = {}
);

/// Why a process that has called contain() cannot serve by another configuration: it lacks a right.
std::optional<std::string> outgrows_rights(const config::Configuration& fresh);

}  // namespace sluice::enqueue
