#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"

namespace sluice {

/// Octets that can be read from any place: a queue file, a file of a command, a text in memory.
class ByteSource {
public:
    ByteSource() = default;
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;
    virtual ~ByteSource() = default;

    [[nodiscard]] virtual std::uint64_t size() const = 0;
    /// At most `size` octets from `offset` on; 0 only at the end.
    virtual Result<std::size_t> read(std::uint64_t offset, char* to, std::size_t size) = 0;
};

/// A text; owns it.
class TextSource : public ByteSource {
public:
    explicit TextSource(std::string text) : text_(std::move(text)) {}
    [[nodiscard]] std::uint64_t size() const override { return text_.size(); }
    Result<std::size_t> read(std::uint64_t offset, char* to, std::size_t size) override;

private:
    std::string text_;
};

/// A file, or a stretch of one. Does not own the descriptor, which stays open meanwhile.
class FileSource : public ByteSource {
public:
    FileSource(int descriptor, std::uint64_t begin, std::uint64_t size)
        : descriptor_(descriptor), begin_(begin), size_(size) {}
    [[nodiscard]] std::uint64_t size() const override { return size_; }
    Result<std::size_t> read(std::uint64_t offset, char* to, std::size_t size) override;

private:
    int descriptor_;
    std::uint64_t begin_;
    std::uint64_t size_;
};

}  // namespace sluice
