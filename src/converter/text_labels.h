#pragma once

#include <string>
#include <string_view>

#include "config/configuration.h"

namespace sluice::converter {

/// Keywords charset7, charset8 and charsetesc of a channel: the character sets of text that comes
/// from it without saying so. Empty: it is left without a label. A plain value.
struct TextLabels {
    std::string seven_bit;
    std::string eight_bit;  ///< raw text in headers too
    std::string escaped;    ///< seven bits, and escape characters among them

    [[nodiscard]] bool any() const {
        return !(seven_bit.empty() && eight_bit.empty() && escaped.empty());
    }
    /// For a text of that kind.
    [[nodiscard]] const std::string& label_for(bool has_eight_bit, bool has_escape) const;
};

/// Of a channel that mail comes from; nothing where there is none of that name.
TextLabels text_labels_of(const config::Configuration& configuration, std::string_view channel);
/// Whether a channel of the configuration has such keywords.
[[nodiscard]] bool has_text_labels(const config::Configuration& configuration);

}  // namespace sluice::converter
