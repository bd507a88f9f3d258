#include "address/path.h"

#include "base/bytes.h"

namespace sluice::address {

std::string Mailbox::text() const {
    return domain.empty() ? local_part : local_part + '@' + domain;
}

std::string Path::to_debug_string() const {
    std::string out = "path{";
    for (const auto& host : route) out += "via " + host + ' ';
    out += "local=" + mailbox.local_part + " domain=" + mailbox.domain;
    if (needs_smtputf8) out += " utf8";
    return printable(out) + '}';
}

}  // namespace sluice::address
