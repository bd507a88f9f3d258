#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "config/file_source.h"

// The published configuration: one file that holds the texts of all configuration files of an
// instance, as they were when they were checked. Services load it and never look at the texts
// themselves, so a half-edited file changes nothing until it is published
// (docs/formats/config-image.md).
namespace sluice::config {

struct Image {
    std::uint64_t generation =
        0;  ///< 1 for the first image of an instance, then one more each time
    WallTime created;
    std::map<std::string, std::string> texts;  ///< file name as it was asked for -> content
};

/// The bytes of an image file, and back. Decoding refuses everything that encoding cannot have
/// made: a wrong magic or version, a wrong length, a wrong SHA-256, trailing bytes.
std::string encode_image(const Image& image);
Result<Image> decode_image(std::string_view bytes);

/// Reads and verifies an image. errno is ENOENT where nothing was published.
Result<Image> load_image(const std::string& path);

/// Puts the texts in the place of the image at `path`, with the next generation, which it returns.
/// Readers see the old image or the new one, also after a crash. Publishers exclude each other by
/// a lock on `path`.lock. An image in place that cannot be read any more is replaced; its
/// generation is taken from what is left of its header.
Result<std::uint64_t> publish_image(
    const std::string& path, std::map<std::string, std::string> texts, WallTime created
);

}  // namespace sluice::config
