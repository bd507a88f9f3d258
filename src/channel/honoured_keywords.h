#pragma once

#include <vector>

#include "base/diagnostic.h"
#include "channel/channel_table.h"

namespace sluice::channel {

/// Whether setting the keyword has the effect that its manual entry promises. The list is in
/// honoured_keywords.cpp: whoever builds the behaviour of a keyword adds it there. A synonym or
/// short form is honoured when all it stands for is.
[[nodiscard]] bool is_honoured(Keyword keyword);

struct UnhonouredKeyword {
    Keyword keyword;
    SourceLocation where;
};
/// The keywords that a configuration gives and that change nothing (yet), each place once, in file
/// order. A keyword of a `defaults` block is named once, however many channels it reaches.
[[nodiscard]] std::vector<UnhonouredKeyword> unhonoured_in_use(const ChannelTable& channels);

/// The same as warnings W310, for the configuration check.
void report_unhonoured(const ChannelTable& channels, Diagnostics& diagnostics);

}  // namespace sluice::channel
