#include "program_address.h"

#include "address/local_part.h"
#include "base/bytes.h"

namespace sluice::pipe {

namespace {

const config::DeliveryProgram* look_up(
    const config::DeliveryPrograms& programs, std::string_view method
) {
    const auto found = programs.find(method);
    return found != programs.end() ? &found->second : nullptr;
}

/// "example.com" of "example.com.pipe-daemon".
std::string host_before(std::string_view host, std::string_view channel_host) {
    if (host.size() <= channel_host.size() + 1) return {};
    const std::size_t at = host.size() - channel_host.size();
    if (host[at - 1] != '.' || !equals_ignoring_case(host.substr(at), channel_host)) return {};
    return std::string(host.substr(0, at - 1));
}

}  // namespace

ProgramAddress find_program(
    std::string_view address,
    std::string_view channel_host,
    std::string_view local_host,
    char separator,
    const config::DeliveryPrograms& programs
) {
    const std::size_t at = address.rfind('@');
    std::string_view local = address.substr(0, at);
    const std::string_view host =
        at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
    const std::string named_host = host_before(host, channel_host);
    ProgramAddress found;
    found.parts.host = named_host.empty() ? std::string(local_host) : named_host;
    const std::size_t percent = local.rfind('%');
    const bool names_method = percent != std::string_view::npos && !local.ends_with('"');
    if (names_method) {
        found.method = local.substr(percent + 1);
        local = local.substr(0, percent);
    }
    const auto [user, detail] = address::split_subaddress(local, separator);
    found.parts.user = address::unquote_local_part(user);
    found.parts.detail = detail.value_or("");
    if (!names_method) found.method = address::unquote_local_part(local);
    found.program = look_up(programs, found.method);
    if (names_method || found.program != nullptr) return found;
    for (const std::string& name : {found.parts.user, named_host}) {
        found.program = look_up(programs, name);
        if (found.program == nullptr) continue;
        found.method = name;
        break;
    }
    return found;
}

}  // namespace sluice::pipe
