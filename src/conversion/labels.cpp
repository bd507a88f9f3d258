#include "conversion/labels.h"

namespace sluice::conversion {

Labels labels_of(const message::MimePart& part) {
    Labels labels;
    labels.type = part.type.type;
    labels.subtype = part.type.subtype;
    labels.type_parameters = part.type.parameters;
    labels.disposition = part.disposition;
    labels.disposition_parameters = part.disposition_parameters;
    labels.description = part.description;
    return labels;
}

LabelChanges changes_between(const Labels& before, const Labels& after) {
    return {
        before.type != after.type || before.subtype != after.subtype ||
            before.type_parameters != after.type_parameters,
        before.disposition != after.disposition ||
            before.disposition_parameters != after.disposition_parameters,
        before.description != after.description};
}

}  // namespace sluice::conversion
