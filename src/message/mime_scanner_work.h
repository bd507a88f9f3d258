#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/mime_scanner.h"

// The scanner behind MimeScanner. Inside this room only: headers and the outside in
// mime_scanner.cpp, contents and boundary lines in mime_boundaries.cpp.
namespace sluice::message {

/// A CR alone is no line end, at the end of a message neither: what stands behind it may have been
/// taken away, and the line is no other for that.
[[nodiscard]] inline std::string_view without_line_end(std::string_view line) {
    if (!line.ends_with('\n')) return line;
    line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

// What the next octets are:
//
//   state      line by line?   ends with
//   header     yes             blank line, boundary line, a line that is no field
//   content    as needed       boundary line of an open multipart: only lines with "--" in front
//                              are held back, and the line end in front of a line
//
// `content` is the body of a leaf, the preamble or the epilogue of a multipart.
class MimeScanner::Work {
public:
    Work(const MimeLimits& limits, MimeSink* sink) : limits_(limits), sink_(sink) {
        begin_part(MimePart::none);
        parts_[0].is_message_header = true;
    }

    void feed(std::string_view bytes);
    void finish();
    MimeParts& parts() { return parts_; }

private:
    struct OpenMultipart {
        std::size_t part;
        std::string boundary;  ///< with "--" in front
        bool opened = false;
    };
    struct Boundary {
        std::size_t level;  ///< index into open_
        bool is_last;
    };
    enum class State : std::uint8_t { header, content };

    MimePart& current() { return parts_[current_]; }
    void give(PieceKind kind, std::size_t part, std::string_view bytes);

    // Header.
    std::string_view gather_line(std::string_view bytes, std::size_t longest);
    void take_header_line(std::string_view line);
    void keep_header(std::string_view bytes);
    void end_header(std::string_view blank_line);
    /// None has a blank line: one, or that of an embedded message too, which has no octets.
    void end_headers() {
        while (state_ == State::header) end_header({});
    }
    void open_container();
    [[nodiscard]] PartKind kind_of(MimePart& part) const;
    [[nodiscard]] std::string number_of(const MimePart& part) const;

    // Content.
    std::string_view take_content(std::string_view bytes);
    std::string_view take_line_start(std::string_view bytes);
    void begin_content(PieceKind kind);
    void give_content(std::string_view bytes);
    void give_line_end();

    // Boundaries and parts.
    [[nodiscard]] std::optional<Boundary> boundary_in(std::string_view line) const;
    void take_boundary(const Boundary& boundary, std::string_view line);
    [[nodiscard]] bool repeats_delimiter(const Boundary& boundary) const;
    void extend_delimiter(std::string_view line);
    void open_next_part(std::size_t parent, std::string_view delimiter);
    std::size_t begin_part(std::size_t parent);
    void end_parts_below(std::size_t part);

    MimeLimits limits_;
    MimeSink* sink_;
    MimeParts parts_;
    std::vector<std::size_t> begun_;  ///< parts that have not ended, each in the one before
    std::vector<OpenMultipart> open_;
    std::vector<std::size_t> children_;  ///< how many each part has
    std::size_t current_ = 0;
    State state_ = State::header;
    PieceKind kind_ = PieceKind::body;  ///< of the content
    std::uint64_t offset_ = 0;          ///< octets given away
    std::size_t labels_ = 0;
    std::string line_;      ///< beginning of a line that is not decided
    std::string line_end_;  ///< in front of it, held back: a boundary line would own it
    std::string header_;    ///< of the current part, for its labels
    bool in_line_ = false;  ///< behind the beginning of a line that is decided
    bool has_field_ = false;
};

}  // namespace sluice::message
