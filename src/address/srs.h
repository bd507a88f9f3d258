#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Sender Rewriting Scheme: a forwarder's envelope From that passes the checks of SPF, carries the
// sender and leads back to it. A keyed hash and a day make sure that it was written here, not long
// ago. The forms are those of Shevek's paper and of libsrs2:
//     SRS0=hash=day=domain=local@here           made from local@domain
//     SRS1=hash=first==hash=day=domain=local@here   made from SRS0=hash=day=domain=local@first
// so that a chain of forwarders leads back through the first alone.
namespace sluice::address {

/// Options SRS_DOMAIN, SRS_SECRETS, SRS_MAXAGE.
struct SrsSettings {
    std::string domain;
    std::vector<std::string> secrets;  ///< the first is used for encoding, any for decoding
    std::int64_t max_age = 14;         ///< days

    [[nodiscard]] bool is_configured() const { return !domain.empty() && !secrets.empty(); }
};

/// The address wrapped, on day number `day` (any count of days that goes on evenly). As it is where
/// it has no local part or domain, or is of SRS_DOMAIN already. nullopt: the hash could not be
/// computed.
std::optional<std::string> srs_encode(
    const SrsSettings& settings, std::string_view address, std::int64_t day
);

struct SrsDecoding {
    enum class Kind : std::uint8_t {
        none,      ///< no address of this scheme, or not of SRS_DOMAIN
        decoded,   ///< `address` is who is meant
        bad_hash,  ///< not written here, or changed
        timed_out,
    };
    Kind kind = Kind::none;
    std::string address;
};
SrsDecoding srs_decode(const SrsSettings& settings, std::string_view address, std::int64_t day);

}  // namespace sluice::address
