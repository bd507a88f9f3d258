#pragma once

#include <string_view>

#include "access/reply.h"
#include "base/error.h"
#include "policy/decision.h"

// Refusals as the stages of the pipeline make them.
namespace sluice::policy {

/// "550 5.7.1 text: address" as the access room makes it, back into its parts.
Refusal refusal_from(const access::Reply& reply);
/// 550 or 450 by the class of the status.
Refusal make_refusal(const StatusCode& status, std::string_view text, std::string_view address);

}  // namespace sluice::policy
