// Answers of the identification protocol: what comes out is short and has no controls.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/bytes.h"
#include "net/ident.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sluice;
    const Endpoint local{*IpAddress::parse("192.0.2.1"), 25};
    const Endpoint remote{*IpAddress::parse("192.0.2.2"), 1244};
    const std::string_view reply(reinterpret_cast<const char*>(data), size);
    const auto user = net::parse_ident_reply(reply, local, remote);
    if (!user) return 0;
    if (user->empty() || user->size() > 64) std::abort();
    for (const char c : *user) {
        if (is_control(c)) std::abort();
    }
    return 0;
}
