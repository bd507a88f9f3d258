#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/configuration.h"
#include "rewrite/rule_set.h"

// What can be said of a rewrite rule without an address.
namespace sluice::lint {

/// Pattern without its tag, and the tag, bar included.
struct TaggedPattern {
    std::string_view tag;
    std::string_view pattern;
};
TaggedPattern tagged(std::string_view pattern);

/// The last piece of a template: the routing system, or the new host of one that repeats.
struct LastPiece {
    enum class Kind { none, constant, computed, anything };
    Kind kind = Kind::none;  ///< computed: out of the address; anything: by a call-out, or mixed
    std::string text;        ///< when constant
    bool repeats = false;    ///< the template has the form A%B
};
LastPiece last_piece(const config::Configuration& configuration, const rewrite::Rule& rule);

/// A call of a mapping table whose results can bring no separators, substitutions or control
/// sequences into the template, such as ${INTERNAL_IP,$L}.
bool is_pure_test(const config::Configuration& configuration, const rewrite::Token& call);

/// The text of an argument ($Mchannel, $Ttag) whose token is number `index`; nullopt where it is
/// computed.
std::optional<std::string> constant_argument(const rewrite::Template& templ, std::size_t index);

/// Where an offset in the template stands in the file, as near as can be told.
SourceLocation place_in_template(const rewrite::Rule& rule, std::size_t offset);

/// An address whose first host the pattern matches, such as "user@host.example.com" for
/// ".example.com". The tag is not looked at.
std::string sample_address(std::string_view pattern);

}  // namespace sluice::lint
