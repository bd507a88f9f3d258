#include "log/entry_parts.h"

#include <algorithm>
#include <string_view>

#include "base/bytes.h"
#include "log/diagnostic.h"
#include "log/sanitise.h"

namespace sluice::log {

namespace {

bool is_one_of(const Event& event, std::string_view letters) {
    return letters.find(entry_letter(event.kind)) != std::string_view::npos;
}

bool connection_has(const LogOptions& options, unsigned bits) {
    return (options.connection & bits) == bits;
}

}  // namespace

std::string entry_code(const Event& event, bool all_modifiers) {
    const Modifiers& has = event.modifiers;
    std::string out(1, entry_letter(event.kind));
    if (!all_modifiers && !is_one_of(event, "BDE")) return out;
    if (all_modifiers && has.esmtp) out += 'E';
    if (has.tls) out += 'S';
    if (has.authenticated) out += 'A';
    if (all_modifiers && has.chunking) out += 'C';
    if (all_modifiers && has.lmtp) out += 'L';
    if (all_modifiers && has.proxied) out += 'P';
    if (all_modifiers && has.smtputf8) out += 'U';
    return out;
}

std::uint64_t entry_blocks(const Event& event, std::uint64_t block_size) {
    if (is_one_of(event, "BJMN")) return 0;  // no message exists
    const std::uint64_t block = block_size > 0 ? block_size : 1;
    return event.bytes / block + (event.bytes % block > 0 ? 1 : 0);
}

std::string entry_process(const ProcessTag& tag) {
    std::string out = to_hex(tag.pid);
    if (tag.thread) out += '.' + to_hex(*tag.thread);
    return out + '.' + std::to_string(tag.count);
}

std::string entry_connection(const Event& event, const LogOptions& options) {
    if (is_one_of(event, "EJMN")) return connection_text(event.source);
    constexpr unsigned both = connection_bit::information | connection_bit::sessions;
    const bool outgoing = is_one_of(event, "DQRZK") && connection_has(options, both);
    return outgoing ? sanitise_word(event.remote_host, max_host) : "";
}

std::string entry_session(const Event& event) {
    std::string out = std::to_string(event.session);
    if (event.kind != EventKind::connection_closed) return out;
    return out + '/' + std::to_string(event.session_messages) + '/' +
           std::to_string(event.session_bytes);
}

std::string entry_timing(const Event& event) {
    const auto time = is_connection_entry(event.kind) ? event.session_time
                      : is_one_of(event, "BEJMNV")    ? event.transaction_time
                                                      : event.delivery_time;
    return std::to_string(std::max<std::int64_t>(0, time.count()));
}

bool has_reason(const Event& event, const LogOptions& options) {
    return (options.reason & 1U) != 0 && is_one_of(event, "RK");
}

bool has_access_text(const Event& event, const LogOptions& options) {
    return connection_has(options, connection_bit::access_text) && is_one_of(event, "CXT") &&
           !event.access_text.empty();
}

}  // namespace sluice::log
