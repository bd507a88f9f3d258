#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/spool.h"
#include "milter/header_changes.h"

namespace sluice::filter {

/// A whole message that filters look at and change: its header in memory, its body in a spool.
class Content {
public:
    /// Takes the header off the front of what was spooled. Permanent failure 5.6.0 where it does
    /// not end within `header_limit` octets: what is behind could not be shown as what it is.
    static Result<Content> from(Spool spool, std::size_t header_limit);

    [[nodiscard]] milter::HeaderFields& header() { return header_; }
    [[nodiscard]] const milter::HeaderFields& header() const { return header_; }
    [[nodiscard]] std::uint64_t body_size() const { return body_.size() - body_offset_; }
    [[nodiscard]] std::uint64_t size() const;
    /// Octets of the body from `offset`; empty at its end.
    Result<std::string> read_body(std::uint64_t offset, std::size_t size) const;
    void replace_body(Spool body);
    [[nodiscard]] const std::string& directory() const { return body_.directory(); }

private:
    Content(milter::HeaderFields header, std::string separator, Spool body, std::uint64_t offset)
        : header_(std::move(header)),
          separator_(std::move(separator)),
          body_(std::move(body)),
          body_offset_(offset) {}
    friend class ContentReader;

    milter::HeaderFields header_;
    std::string separator_;  ///< the blank line, where there is one
    Spool body_;
    std::uint64_t body_offset_;
};

/// The message as octets, in pieces.
class ContentReader {
public:
    explicit ContentReader(const Content& content) : content_(content) {}
    /// The next piece, empty at the end.
    Result<std::string> next();

private:
    const Content& content_;
    bool header_done_ = false;
    std::uint64_t offset_ = 0;
};

}  // namespace sluice::filter
