#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "message/mime_scanner.h"

namespace sluice::message {

/// Makes a message with binary parts (RFC 3030 section 3) one that is made of lines, in one pass:
/// leaves labelled binary become base64, with every octet; what holds them is labelled 8bit. The
/// rest keeps its octets, so what is not labelled as it is comes out as it came in. Parts inside
/// multipart/signed stay as well (RFC 1847 section 2.1), and those whose header is endless. The
/// last line is completed. Memory: that of one part's header. Pure.
class BinaryRecoder : private MimeSink {
public:
    BinaryRecoder() : scanner_({}, this) {}
    ~BinaryRecoder() override = default;
    BinaryRecoder(const BinaryRecoder&) = delete;
    BinaryRecoder& operator=(const BinaryRecoder&) = delete;

    /// Appends to `out` what becomes of `bytes`.
    void feed(std::string_view bytes, std::string& out);
    void finish(std::string& out);

private:
    void piece(PieceKind kind, const MimePart& part, std::string_view bytes) override;
    void header_ended(const MimePart& part) override;
    void part_ended(const MimePart& part) override;
    [[nodiscard]] std::optional<TransferEncoding> new_encoding(const MimePart& part) const;
    [[nodiscard]] bool is_signed(const MimePart& part) const;
    void write_header();
    void write(std::string_view bytes);
    void write_encoded();

    std::string* out_ = nullptr;
    std::string encoded_;
    char last_ = '\n';
    std::string header_;  ///< of the part in hand
    bool header_is_out_ = false;
    std::optional<TransferEncoder> encoder_;
    MimeScanner scanner_;
};

}  // namespace sluice::message
