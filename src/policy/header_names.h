#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "message/address_list.h"
#include "policy/outgoing_address.h"

// Personal names and comments beside the addresses of a header: kept, removed, stripped or put
// through a mapping table, as the keywords of the source and the destination channel say.
namespace sluice::policy {

enum class NameTreatment { keep, map, omit, strip };
/// In the order in which they are made: the source channel's, then the destination's.
struct NameTreatments {
    std::vector<NameTreatment> personal;
    std::vector<NameTreatment> comments;
    bool all_comments = false;  ///< also those outside address fields (`commenttotal`)

    [[nodiscard]] bool keep_all() const { return personal.empty() && comments.empty(); }
};
/// What the keywords of both channels ask for; steps that keep everything are left out.
NameTreatments name_treatments(const channel::Channel& source, const channel::Channel& destination);

/// The edits that the treatments ask for in one address field. `addresses` are the addresses of the
/// list as they will be written. Fails (temporary) where a mapping table cannot be asked.
Result<void> treat_names(
    const CopyContext& copy,
    const NameTreatments& treatments,
    std::string_view value,
    const message::AddressList& list,
    const std::vector<std::string>& addresses,
    message::SpanEdits& edits
);

/// Edits that take the comments out of the value of any field.
void remove_comments(std::string_view value, message::SpanEdits& edits);

}  // namespace sluice::policy
