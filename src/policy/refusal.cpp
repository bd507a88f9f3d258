#include "policy/refusal.h"

namespace sluice::policy {

Refusal refusal_from(const access::Reply& reply) {
    Refusal refusal;
    refusal.code = reply.code;
    refusal.status = reply.status;
    const std::string prefix = std::to_string(reply.code) + ' ' + reply.status.to_string() + ' ';
    for (const std::string& line : reply.lines) {
        if (!refusal.text.empty()) refusal.text += ' ';
        refusal.text += line.starts_with(prefix) ? line.substr(prefix.size()) : line;
    }
    return refusal;
}

Refusal make_refusal(const StatusCode& status, std::string_view text, std::string_view address) {
    Refusal refusal;
    refusal.code = status.status_class == 5 ? 550 : 450;
    refusal.status = status;
    refusal.text = std::string(text) + ": " + std::string(address);
    return refusal;
}

}  // namespace sluice::policy
