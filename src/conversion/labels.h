#pragma once

#include <optional>
#include <string>

#include "conversion/entry.h"
#include "message/mime_part.h"

namespace sluice::conversion {

/// What the header of a part says about its content, as far as entries look at it or change it. A
/// plain value.
struct Labels {
    std::string type = "text";
    std::string subtype = "plain";
    message::Parameters type_parameters;
    std::string disposition;  ///< empty: no such field
    message::Parameters disposition_parameters;
    std::string description;
    std::optional<std::string> encoding;  ///< asked for by OUT-ENCODING; else as it is, or fits
    bool text_mode = false;               ///< OUT-MODE=TEXT

    [[nodiscard]] const message::Parameters& parameters(ParameterHome home) const {
        return home == ParameterHome::type ? type_parameters : disposition_parameters;
    }
    [[nodiscard]] message::Parameters& parameters(ParameterHome home) {
        return home == ParameterHome::type ? type_parameters : disposition_parameters;
    }
    friend bool operator==(const Labels&, const Labels&) = default;
};

Labels labels_of(const message::MimePart& part);
/// What must be written to get from one to the other; encoding and mode are not looked at.
struct LabelChanges {
    bool type = false;  ///< Content-Type
    bool disposition = false;
    bool description = false;
    [[nodiscard]] bool any() const { return type || disposition || description; }
};
LabelChanges changes_between(const Labels& before, const Labels& after);

}  // namespace sluice::conversion
