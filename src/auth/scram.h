#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What a server keeps of a password so that SCRAM (RFC 5802, RFC 7677) and PLAIN can be checked
// with it and nobody can log in with the file: salt, iteration count, StoredKey, ServerKey, in the
// form of RFC 5803. Pure, but slow where a password is involved.
namespace sluice::auth {

enum class ScramHash : std::uint8_t { sha1, sha256 };

/// "SCRAM-SHA-256".
std::string_view name_of(ScramHash hash);
/// Octets of a key.
std::size_t size_of(ScramHash hash);

/// RFC 7677 section 4 asks for 4096 at least; what a guess at a stolen file costs grows with it,
/// and what a log-in with PLAIN costs here.
inline constexpr std::uint32_t usual_iterations = 10000;
inline constexpr std::uint32_t least_iterations = 4096;
/// More would let a line of the file stop the server.
inline constexpr std::uint32_t most_iterations = 10'000'000;

struct ScramSecret {
    ScramHash hash = ScramHash::sha256;
    std::uint32_t iterations = 0;
    std::string salt;        ///< octets
    std::string stored_key;  ///< octets
    std::string server_key;  ///< octets

    friend bool operator==(const ScramSecret&, const ScramSecret&) = default;
};

/// nullopt: no such password can be (SASLprep, RFC 4013, forbids it), or no randomness.
std::optional<ScramSecret> make_scram_secret(
    ScramHash hash, std::string_view password, std::string_view salt, std::uint32_t iterations
);
/// Whether it was made of this password. Takes the same time for every password.
bool matches(const ScramSecret& secret, std::string_view password);

/// "SCRAM-SHA-256$10000:c2FsdA==$<StoredKey>:<ServerKey>" (RFC 5803 section 3).
std::string to_text(const ScramSecret& secret);
std::optional<ScramSecret> parse_scram_secret(std::string_view text);

/// A secret that no password fits, always the same one for a name and a seed: what is shown to a
/// client that asks for a user who does not exist.
ScramSecret decoy_secret(
    ScramHash hash, std::string_view user, std::string_view seed, std::uint32_t iterations
);

std::string random_octets(std::size_t count);

}  // namespace sluice::auth
