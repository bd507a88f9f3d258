#pragma once

#include <optional>
#include <string>

#include "converter/converter.h"
#include "converter/reformat.h"
#include "utility/json_line.h"
#include "utility/message.h"

// What `imsimta test -conversion` says about a message.
namespace sluice::utility {

/// What becomes of the message, in a few words.
std::string outcome_text(const converter::Conversion& conversion);
void print_part(Console& console, const converter::PartRecord& record);
JsonLine json_of(const converter::PartRecord& record);

/// `reformatted`: nullopt where nothing is done.
void print_reformat(
    Console& console,
    const converter::ReformatChoice& choice,
    const std::optional<converter::Reformatted>& reformatted
);
JsonLine json_of(
    const converter::ReformatChoice& choice,
    const std::optional<converter::Reformatted>& reformatted
);

}  // namespace sluice::utility
