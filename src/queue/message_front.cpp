#include "queue/message_front.h"

#include <algorithm>
#include <string>

#include "queue/failure.h"
#include "queue/storage.h"

namespace sluice::queue {

namespace {

constexpr std::size_t first_read = 16UL << 10U;

/// The first octets of a file, and how many of them are the envelope.
struct Front {
    std::string octets;
    std::size_t envelope = 0;
};

/// Most messages are small: the rest comes along with the envelope.
Result<Front> read_front(StorageFile& file, std::uint64_t file_size) {
    for (std::uint64_t size = first_read;; size *= 4) {
        const std::uint64_t ceiling = std::min(file_size, max_envelope_size + first_read);
        auto octets = file.read_range(0, static_cast<std::size_t>(std::min(size, ceiling)));
        if (!octets) return std::move(octets).error();
        if (!octets->starts_with("v;")) return damaged_error("%IMTA-E-BADMSG, not a message file");
        const auto end = find_envelope_end(*octets);
        if (end) return Front{*std::move(octets), *end};
        // What is there up to here is the best that can be reported: version, or damage.
        if (octets->size() < size) {
            const std::size_t all = octets->size();
            return Front{*std::move(octets), all};
        }
    }
}

Result<void> check_closing(
    StorageFile& file, const Front& front, const DecodedEnvelope& decoded, std::uint64_t size
) {
    const std::string closing = decoded.boundary + '\n';
    const std::uint64_t at = decoded.content_offset + decoded.content_size;
    if (decoded.content_size > max_content_size || at + closing.size() > size) {
        return damaged_error("%IMTA-E-BADMSG, cut off");
    }
    const auto is_closed = [&](std::string_view found) -> Result<void> {
        if (found != closing) return damaged_error("%IMTA-E-BADMSG, no closing boundary");
        return {};
    };
    if (at + closing.size() <= front.octets.size())
        return is_closed(std::string_view(front.octets).substr(at, closing.size()));
    auto found = file.read_range(at, closing.size());
    return found ? is_closed(*found) : std::move(found).error();
}

}  // namespace

Result<DecodedEnvelope> read_envelope(StorageFile& file, std::uint64_t file_size) {
    auto front = read_front(file, file_size);
    if (!front) return std::move(front).error();
    auto decoded = decode_envelope(std::string_view(front->octets).substr(0, front->envelope));
    if (!decoded) return decoded;
    auto closed = check_closing(file, *front, *decoded, file_size);
    if (!closed) return std::move(closed).error();
    return decoded;
}

}  // namespace sluice::queue
