#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "lint/finding.h"

// How a site says that a finding is known and meant: by a comment on the line before,
//
//     ! lint: L002 ok
//     ! lint: L002, W420 ok: the old name is kept for its history
//
// in any file whose comments begin with "!", or by a list given to the command. Errors of the
// languages themselves (E...) cannot be silenced.
namespace sluice::lint {

/// The texts of the configuration by the names that findings use.
using Texts = std::map<std::string, std::string>;

struct Silenced {
    Findings findings;      ///< what is left, lines quoted, with L090 for comments without use
    std::size_t count = 0;  ///< how many were silenced
};

/// `everywhere`: codes silenced wherever they occur, in upper case.
Silenced silence(
    Findings findings, const Texts& texts, const std::set<std::string, std::less<>>& everywhere
);

/// The codes of a silencing comment, upper case; empty for any other line.
std::set<std::string, std::less<>> silencing_codes(std::string_view line);

/// The codes of a list such as "L002,w420", upper case.
std::set<std::string, std::less<>> code_list(std::string_view list);

}  // namespace sluice::lint
