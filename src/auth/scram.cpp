#include "auth/scram.h"

#include <gsasl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "auth/base64.h"
#include "auth/secret.h"
#include "base/bytes.h"
#include "base/deleter.h"

namespace sluice::auth {

namespace {

constexpr std::size_t salt_size = 16;
constexpr std::size_t most_salt = 1024;

const EVP_MD* digest_of(ScramHash hash) {
    return hash == ScramHash::sha1 ? EVP_sha1() : EVP_sha256();
}

const unsigned char* octets_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hmac(ScramHash hash, std::string_view key, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    HMAC(
        digest_of(hash), key.data(), static_cast<int>(key.size()), octets_of(text), text.size(),
        out.data(), &size
    );
    return {reinterpret_cast<const char*>(out.data()), size};
}

std::string digest(ScramHash hash, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), out.data(), &size, digest_of(hash), nullptr);
    return {reinterpret_cast<const char*>(out.data()), size};
}

/// The password as clients prepare it; nullopt: it has what SASLprep forbids.
std::optional<Secret> prepared(std::string_view password) {
    if (password.find('\0') != std::string_view::npos) return std::nullopt;
    const Secret text{std::string(password)};
    char* out = nullptr;
    const int result = gsasl_saslprep(text.reveal().c_str(), GSASL_ALLOW_UNASSIGNED, &out, nullptr);
    const std::unique_ptr<char, Deleter<gsasl_free>> owner(out);
    if (result != GSASL_OK || out == nullptr || *out == '\0') return std::nullopt;
    return Secret(std::string(out));
}

ScramSecret keys_of(
    ScramHash hash,
    std::string_view prepared_password,
    std::string_view salt,
    std::uint32_t iterations
) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    const std::size_t size = size_of(hash);
    PKCS5_PBKDF2_HMAC(
        prepared_password.data(), static_cast<int>(prepared_password.size()), octets_of(salt),
        static_cast<int>(salt.size()), static_cast<int>(iterations), digest_of(hash),
        static_cast<int>(size), out.data()
    );
    const Secret salted(std::string(reinterpret_cast<const char*>(out.data()), size));
    ScramSecret secret{hash, iterations, std::string(salt), {}, {}};
    secret.stored_key = digest(hash, hmac(hash, salted.reveal(), "Client Key"));
    secret.server_key = hmac(hash, salted.reveal(), "Server Key");
    return secret;
}

}  // namespace

std::string_view name_of(ScramHash hash) {
    return hash == ScramHash::sha1 ? "SCRAM-SHA-1" : "SCRAM-SHA-256";
}

std::size_t size_of(ScramHash hash) {
    return hash == ScramHash::sha1 ? 20 : 32;
}

std::optional<ScramSecret> make_scram_secret(
    ScramHash hash, std::string_view password, std::string_view salt, std::uint32_t iterations
) {
    const auto text = prepared(password);
    if (!text) return std::nullopt;
    return keys_of(hash, text->reveal(), salt, iterations);
}

bool matches(const ScramSecret& secret, std::string_view password) {
    const auto text = prepared(password);
    // The time of a whole check, whatever was sent.
    const ScramSecret made = keys_of(
        secret.hash, text ? std::string_view(text->reveal()) : std::string_view("x"), secret.salt,
        secret.iterations
    );
    return equals_in_constant_time(made.stored_key, secret.stored_key) && text.has_value();
}

std::string to_text(const ScramSecret& secret) {
    return std::string(name_of(secret.hash)) + '$' + std::to_string(secret.iterations) + ':' +
           to_base64(secret.salt) + '$' + to_base64(secret.stored_key) + ':' +
           to_base64(secret.server_key);
}

std::optional<ScramSecret> parse_scram_secret(std::string_view text) {
    const auto parts = split(text, '$');
    if (parts.size() != 3) return std::nullopt;
    ScramSecret secret;
    if (parts[0] == name_of(ScramHash::sha1)) {
        secret.hash = ScramHash::sha1;
    } else if (parts[0] != name_of(ScramHash::sha256)) {
        return std::nullopt;
    }
    const auto info = split(parts[1], ':');
    const auto keys = split(parts[2], ':');
    if (info.size() != 2 || keys.size() != 2) return std::nullopt;
    const auto iterations = parse_unsigned(info[0]);
    auto salt = from_base64(info[1]);
    auto stored_key = from_base64(keys[0]);
    auto server_key = from_base64(keys[1]);
    if (!iterations || *iterations < 1 || *iterations > most_iterations) return std::nullopt;
    if (!salt || salt->empty() || salt->size() > most_salt) return std::nullopt;
    const std::size_t size = size_of(secret.hash);
    if (!stored_key || stored_key->size() != size || !server_key || server_key->size() != size)
        return std::nullopt;
    secret.iterations = static_cast<std::uint32_t>(*iterations);
    secret.salt = std::move(*salt);
    secret.stored_key = std::move(*stored_key);
    secret.server_key = std::move(*server_key);
    return secret;
}

ScramSecret decoy_secret(
    ScramHash hash, std::string_view user, std::string_view seed, std::uint32_t iterations
) {
    const std::string name(user);
    ScramSecret decoy{hash, iterations, {}, {}, {}};
    decoy.salt = hmac(ScramHash::sha256, seed, "salt:" + name).substr(0, salt_size);
    decoy.stored_key = hmac(ScramHash::sha256, seed, "stored:" + name).substr(0, size_of(hash));
    decoy.server_key = hmac(ScramHash::sha256, seed, "server:" + name).substr(0, size_of(hash));
    return decoy;
}

std::string random_octets(std::size_t count) {
    std::string octets(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(octets.data()), static_cast<int>(count)) != 1)
        throw std::runtime_error("no random numbers");
    return octets;
}

}  // namespace sluice::auth
