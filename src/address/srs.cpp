#include "address/srs.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "address/address_form.h"
#include "address/domain.h"
#include "address/local_part.h"
#include "base/bytes.h"

namespace sluice::address {

namespace {

constexpr std::string_view first_form = "SRS0";
constexpr std::string_view second_form = "SRS1";
constexpr std::string_view separators = "=+-";  // in other forwarders' addresses behind SRS0
constexpr std::int64_t day_slots = 1024;
constexpr std::string_view base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Four characters of base64: three octets of the keyed hash. Others do with as many.
std::optional<std::string> hash_of(std::string_view secret, std::string_view text) {
    constexpr int used_octets = 3;
    const std::string data = to_lower(text);  // letter case is lost on many a way
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const unsigned char* const made = HMAC(
        EVP_sha1(), secret.data(), static_cast<int>(secret.size()),
        reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data(), &size
    );
    if (made == nullptr) return std::nullopt;
    std::array<unsigned char, 5> encoded{};
    EVP_EncodeBlock(encoded.data(), digest.data(), used_octets);
    return std::string(encoded.begin(), encoded.end() - 1);
}

/// With any of the secrets. All are tried in full: the time says nothing about the hash.
bool is_hash_of(const SrsSettings& settings, std::string_view hash, std::string_view text) {
    bool fits = false;
    for (const std::string& secret : settings.secrets) {
        const auto wanted = hash_of(secret, text);
        fits = (wanted && equals_ignoring_case(*wanted, hash)) || fits;
    }
    return fits;
}

std::string stamp_of(std::int64_t day) {
    constexpr std::int64_t digits = 32;
    const std::int64_t slot = ((day % day_slots) + day_slots) % day_slots;
    return {
        base32[static_cast<std::size_t>(slot / digits)],
        base32[static_cast<std::size_t>(slot % digits)]};
}

std::optional<std::int64_t> slot_of(std::string_view stamp) {
    constexpr std::int64_t digits = 32;
    if (stamp.size() != 2) return std::nullopt;
    std::int64_t slot = 0;
    for (const char c : to_upper(stamp)) {
        const std::size_t digit = base32.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        slot = slot * digits + static_cast<std::int64_t>(digit);
    }
    return slot;
}

bool is_too_old(const SrsSettings& settings, std::string_view stamp, std::int64_t day) {
    const auto slot = slot_of(stamp);
    if (!slot) return true;
    const std::int64_t age = ((day - *slot) % day_slots + day_slots) % day_slots;
    return age > settings.max_age;
}

/// The part up to the next "="; the text goes on behind it. nullopt where there is none.
std::optional<std::string_view> take_part(std::string_view& text) {
    const std::size_t end = text.find('=');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end + 1);
    return part;
}

bool has_form(std::string_view local_part, std::string_view form) {
    return local_part.size() > form.size() && starts_with_ignoring_case(local_part, form) &&
           separators.find(local_part[form.size()]) != std::string_view::npos;
}

std::string written(std::string_view local_part, std::string_view domain) {
    return quote_local_part(local_part) + '@' + std::string(domain);
}

/// "hash=day=domain=local".
SrsDecoding decode_first(const SrsSettings& settings, std::string_view text, std::int64_t day) {
    using Kind = SrsDecoding::Kind;
    const auto hash = take_part(text);
    const auto stamp = take_part(text);
    const auto domain = take_part(text);
    if (!hash || !stamp || !domain || domain->empty() || text.empty()) return {Kind::bad_hash, {}};
    if (!is_hash_of(
            settings, *hash, std::string(*stamp) + std::string(*domain) + std::string(text)
        ))
        return {Kind::bad_hash, {}};
    if (is_too_old(settings, *stamp, day)) return {Kind::timed_out, {}};
    return {Kind::decoded, written(text, *domain)};
}

/// "hash=first" and then what stood behind SRS0 in the first forwarder's address. It has no day of
/// ours: the first forwarder looks at its own.
SrsDecoding decode_second(const SrsSettings& settings, std::string_view text) {
    using Kind = SrsDecoding::Kind;
    const auto hash = take_part(text);
    const auto first = take_part(text);
    if (!hash || !first || first->empty() || text.empty() ||
        !is_hash_of(settings, *hash, std::string(*first) + std::string(text)))
        return {Kind::bad_hash, {}};
    return {Kind::decoded, written(std::string(first_form) + std::string(text), *first)};
}

}  // namespace

std::optional<std::string> srs_encode(
    const SrsSettings& settings, std::string_view address, std::int64_t day
) {
    const std::size_t at = find_at(address);
    if (at == std::string_view::npos || !settings.is_configured()) return std::string(address);
    const std::string local = unquote_local_part(address.substr(0, at));
    const std::string domain(address.substr(at + 1));
    if (local.empty() || same_domain(domain, settings.domain)) return std::string(address);
    const std::string& secret = settings.secrets.front();
    if (has_form(local, first_form) || has_form(local, second_form)) {
        // Of another forwarder: the way back leads past all but the first.
        std::string first = domain;
        std::string rest = local.substr(first_form.size());
        if (has_form(local, second_form)) {
            std::string_view text = std::string_view(local).substr(second_form.size() + 1);
            const auto hash = take_part(text);
            const auto host = take_part(text);
            if (hash && host && !host->empty() && !text.empty()) {
                first = *host;
                rest = text;
            }
        }
        const auto hash = hash_of(secret, first + rest);
        if (!hash) return std::nullopt;
        const std::string wrapped =
            std::string(second_form) + '=' + *hash + '=' + first + '=' + rest;
        return written(wrapped, settings.domain);
    }
    const std::string stamp = stamp_of(day);
    const auto hash = hash_of(secret, stamp + domain + local);
    if (!hash) return std::nullopt;
    const std::string wrapped =
        std::string(first_form) + '=' + *hash + '=' + stamp + '=' + domain + '=' + local;
    return written(wrapped, settings.domain);
}

SrsDecoding srs_decode(const SrsSettings& settings, std::string_view address, std::int64_t day) {
    const std::size_t at = find_at(address);
    if (at == std::string_view::npos || !settings.is_configured() ||
        !same_domain(address.substr(at + 1), settings.domain))
        return {};
    const std::string local = unquote_local_part(address.substr(0, at));
    const bool is_first = has_form(local, first_form);
    if (!is_first && !has_form(local, second_form)) return {};
    const std::string_view text = std::string_view(local).substr(first_form.size() + 1);
    return is_first ? decode_first(settings, text, day) : decode_second(settings, text);
}

}  // namespace sluice::address
