#include "jobs/frame.h"

#include <cstddef>

namespace sluice::jobs {

namespace {

constexpr std::size_t length_octets = 4;

std::size_t announced_length(std::string_view bytes) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < length_octets; ++i) {
        length = (length << 8U) | static_cast<unsigned char>(bytes[i]);
    }
    return length;
}

}  // namespace

void FrameReader::feed(std::string_view bytes) {
    if (at_ > 0) {
        buffer_.erase(0, at_);
        at_ = 0;
    }
    buffer_.append(bytes);
}

Result<std::optional<Frame>> FrameReader::next() {
    const std::string_view rest = std::string_view(buffer_).substr(at_);
    if (rest.size() < length_octets) return std::optional<Frame>();
    const std::size_t length = announced_length(rest);
    if (length == 0 || length > max_frame) {
        return Error::permanent(
            {5, 5, 0}, "protocol error", "frame of " + std::to_string(length) + " octets"
        );
    }
    if (rest.size() < length_octets + length) return std::optional<Frame>();
    at_ += length_octets + length;
    return std::optional<Frame>(Frame{
        static_cast<Verb>(static_cast<unsigned char>(rest[length_octets])),
        rest.substr(length_octets + 1, length - 1)});
}

}  // namespace sluice::jobs
