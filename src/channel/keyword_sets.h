#pragma once

#include <cstdint>
#include <span>

#include "channel/keyword.h"

namespace sluice::channel {

/// What a keyword stands for: itself; for a synonym, the older spelling (`smtp` is `smtp_crlf`);
/// for the short forms that set both directions, two keywords (`maytls` is `maytlsserver` and
/// `maytlsclient`). Never empty.
std::span<const Keyword> components(Keyword keyword);

/// The keywords that exclude each other and this one, itself included: the last one given wins.
/// Holds only keywords that are components; just the keyword where it excludes none.
std::span<const Keyword> exclusive_set(Keyword component);

}  // namespace sluice::channel
