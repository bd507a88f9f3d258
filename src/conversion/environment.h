#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conversion/entry.h"
#include "conversion/labels.h"
#include "conversion/value.h"

// What entries and commands are told about a message and its parts (spec page conversions, section
// 2.4).
namespace sluice::conversion {

/// A message on its way through a conversion channel.
struct MessageFacts {
    std::string in_channel;         ///< that enqueued it to the conversion channel
    std::string out_channel;        ///< where it goes afterwards
    std::vector<std::string> tags;  ///< conversion tags in force
    std::string envelope_from;
    std::string message_id;
};

/// A part as the message brought it.
struct PartFacts {
    std::string number;    ///< "2.1"
    std::string subject;   ///< of the enclosing message, decoded
    std::string encoding;  ///< of Content-Transfer-Encoding, "7bit" where there is none
    Labels labels;
};

/// Longest value given to a command, octets; longer ones are cut.
inline constexpr std::size_t max_symbol_size = 8192;

/// Names that no PARAMETER-SYMBOL-n may take: the symbols below, those of files, and what shells
/// and loaders obey.
bool is_reserved_symbol(std::string_view name);

/// The symbols that say something about message and part; `labels` are those in force (RELABEL).
/// Controls in values are blanks.
SymbolTable symbols_of(
    const MessageFacts& message, const PartFacts& part, const Labels& labels, const Entry& entry
);

}  // namespace sluice::conversion
