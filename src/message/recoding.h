#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/mime_scanner.h"

// A message for a way that takes less than it has: 8-bit text where only 7-bit text passes, lines
// longer than a limit (RFC 6152 section 3, RFC 2045 section 6). Two passes over the content, both
// streaming: a survey, then the writing. Pure.
namespace sluice::message {

/// What the way takes.
struct WayLimits {
    bool seven_bit = false;       ///< no octets above 127
    std::size_t line_length = 0;  ///< octets of a body line without its end; 0: any
};

/// What is to be done.
struct Recoding {
    /// Of each part its new encoding; nullopt: as it is.
    std::vector<std::optional<TransferEncoding>> encodings;
    bool is_needed = false;
    /// Something stays that the way does not take: header fields, signed parts, what is around
    /// parts, bodies that nobody can read.
    bool is_incomplete = false;
};

/// The first pass. Feed all of the message.
class RecodingSurvey : private MimeSink {
public:
    RecodingSurvey() : scanner_({}, this) {}
    ~RecodingSurvey() override = default;
    RecodingSurvey(const RecodingSurvey&) = delete;
    RecodingSurvey& operator=(const RecodingSurvey&) = delete;

    void feed(std::string_view bytes) { scanner_.feed(bytes); }
    void finish() { scanner_.finish(); }
    /// Leaves that exceed the limits become quoted-printable or base64, whichever is shorter.
    /// Parts inside multipart/signed keep every octet (RFC 1847 section 2.1).
    [[nodiscard]] Recoding plan(const WayLimits& limits) const;

private:
    void piece(PieceKind kind, const MimePart& part, std::string_view bytes) override;
    [[nodiscard]] bool may_change(const MimePart& part) const;

    std::vector<ContentSurvey> bodies_;  ///< by index of the part; of leaves
    bool eight_bit_around_ = false;      ///< octets above 127 in headers or around parts
    MimeScanner scanner_;
};

/// The second pass, over the same octets.
class Recoder : private MimeSink {
public:
    explicit Recoder(Recoding recoding) : recoding_(std::move(recoding)), scanner_({}, this) {}
    ~Recoder() override = default;
    Recoder(const Recoder&) = delete;
    Recoder& operator=(const Recoder&) = delete;

    /// Appends to `out` what becomes of `bytes`.
    void feed(std::string_view bytes, std::string& out);
    void finish(std::string& out);

private:
    void piece(PieceKind kind, const MimePart& part, std::string_view bytes) override;
    void header_ended(const MimePart& part) override;
    void part_ended(const MimePart& part) override;
    [[nodiscard]] std::optional<TransferEncoding> encoding_of(const MimePart& part) const;
    void write(std::string_view bytes);

    Recoding recoding_;
    std::string* out_ = nullptr;
    std::string header_;  ///< of a part that changes
    std::optional<TransferEncoder> encoder_;
    char last_ = '\n';
    MimeScanner scanner_;
};

}  // namespace sluice::message
