#include "config/image.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/deleter.h"
#include "base/file.h"
#include "base/file_lock.h"

namespace sluice::config {

namespace {

// docs/formats/config-image.md. All numbers are big-endian.
constexpr std::string_view magic{"SLUICEIM", 8};
constexpr std::uint32_t format_version = 1;
constexpr std::size_t generation_at = 16;
constexpr std::size_t digest_at = 40;
constexpr std::size_t digest_size = 32;
constexpr std::size_t header_size = digest_at + digest_size;
constexpr std::size_t max_image_size = 1UL << 30U;
constexpr unsigned image_mode = 0640;  // channel lines may hold passwords

template <class Number>
void put(std::string& out, Number number) {
    for (std::size_t i = sizeof(Number); i-- > 0;) {
        out += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i));
    }
}

// Takes the fields off the front of the bytes; `failed` once they do not reach.
class Fields {
public:
    explicit Fields(std::string_view bytes) : rest_(bytes) {}

    template <class Number>
    Number number() {
        std::uint64_t value = 0;
        for (const char c : bytes(sizeof(Number))) {
            value = value << 8U | static_cast<unsigned char>(c);
        }
        return static_cast<Number>(value);
    }
    std::string_view bytes(std::uint64_t count) {
        if (count > rest_.size()) {
            failed_ = true;
            rest_ = {};
            return {};
        }
        const std::string_view taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] bool at_end() const { return rest_.empty(); }

private:
    std::string_view rest_;
    bool failed_ = false;
};

// SHA-256 of the header up to the digest and of everything after it.
std::string digest_of(std::string_view image) {
    const std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const std::string_view head = image.substr(0, digest_at);
    const std::string_view body = image.substr(header_size);
    const bool done = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1 &&
                      EVP_DigestUpdate(context.get(), head.data(), head.size()) == 1 &&
                      EVP_DigestUpdate(context.get(), body.data(), body.size()) == 1 &&
                      EVP_DigestFinal_ex(context.get(), digest.data(), &size) == 1;
    if (!done) return {};
    return {reinterpret_cast<const char*>(digest.data()), size};
}

Error refusal(std::string why) {
    return Error::temporary({4, 3, 5}, "configuration not available", std::move(why));
}

std::optional<std::map<std::string, std::string>> read_texts(
    std::string_view body, std::uint32_t count
) {
    std::map<std::string, std::string> texts;
    Fields fields(body);
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto name_size = fields.number<std::uint32_t>();
        const auto text_size = fields.number<std::uint64_t>();
        const std::string name(fields.bytes(name_size));
        const std::string_view text = fields.bytes(text_size);
        if (fields.failed()) return std::nullopt;
        if (!texts.empty() && name <= texts.rbegin()->first) return std::nullopt;
        texts.emplace_hint(texts.end(), name, text);
    }
    if (!fields.at_end()) return std::nullopt;
    return texts;
}

std::uint64_t generation_in_place(const std::string& path) {
    const auto bytes = read_file(path, max_image_size);
    if (!bytes || bytes->size() < header_size || !bytes->starts_with(magic)) return 0;
    return Fields(std::string_view(*bytes).substr(generation_at)).number<std::uint64_t>();
}

}  // namespace

std::string encode_image(const Image& image) {
    std::string body;
    for (const auto& [name, text] : image.texts) {
        put(body, static_cast<std::uint32_t>(name.size()));
        put(body, static_cast<std::uint64_t>(text.size()));
        body += name;
        body += text;
    }
    std::string out(magic);
    put(out, format_version);
    put(out, static_cast<std::uint32_t>(image.texts.size()));
    put(out, image.generation);
    put(out, static_cast<std::uint64_t>(image.created.time_since_epoch().count()));
    put(out, static_cast<std::uint64_t>(body.size()));
    out.append(digest_size, '\0');
    out += body;
    out.replace(digest_at, digest_size, digest_of(out));
    return out;
}

Result<Image> decode_image(std::string_view bytes) {
    if (!bytes.starts_with(magic)) return refusal("not a configuration image");
    if (bytes.size() < header_size) return refusal("configuration image is truncated");
    Fields header(bytes.substr(magic.size(), digest_at - magic.size()));
    const auto version = header.number<std::uint32_t>();
    if (version != format_version) {
        return refusal("configuration image has format version " + std::to_string(version));
    }
    const auto count = header.number<std::uint32_t>();
    Image image;
    image.generation = header.number<std::uint64_t>();
    image.created = WallTime(std::chrono::microseconds(header.number<std::int64_t>()));
    const auto body_size = header.number<std::uint64_t>();
    const std::string_view body = bytes.substr(header_size);
    if (body.size() < body_size) return refusal("configuration image is truncated");
    if (body.size() > body_size) return refusal("configuration image has bytes after its end");
    if (bytes.substr(digest_at, digest_size) != digest_of(bytes)) {
        return refusal("configuration image is corrupt: SHA-256 differs");
    }
    auto texts = read_texts(body, count);
    if (!texts) return refusal("configuration image is corrupt: its list of files is no list");
    image.texts = std::move(*texts);
    return image;
}

Result<Image> load_image(const std::string& path) {
    const auto bytes = read_file(path, max_image_size);
    if (!bytes) return bytes.error();
    auto image = decode_image(*bytes);
    if (!image) return refusal(path + ": " + image.error().detail());
    return image;
}

Result<std::uint64_t> publish_image(
    const std::string& path, std::map<std::string, std::string> texts, WallTime created
) {
    const auto lock = lock_file(path + ".lock", image_mode);
    if (!lock) return lock.error();
    const Image image{generation_in_place(path) + 1, created, std::move(texts)};
    if (auto written = replace_file(path, encode_image(image), image_mode); !written) {
        return std::move(written).error();
    }
    return image.generation;
}

}  // namespace sluice::config
