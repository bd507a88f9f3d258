#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

// Content-Transfer-Encoding (RFC 2045 section 6): decoding and encoding of bodies as they stream
// past, in pieces of any size. Memory is that of a line. Pure; one object per body, one thread.
namespace sluice::message {

enum class TransferEncoding : std::uint8_t {
    seven_bit,
    eight_bit,
    binary,
    quoted_printable,
    base64,
    unknown,  ///< a name nobody here knows: the body passes as it is, and nobody changes it
};

/// The value of a Content-Transfer-Encoding field, with comments and blanks; case is ignored. An
/// empty value is 7bit, as RFC 2045 section 6.1 has it where there is no field.
[[nodiscard]] TransferEncoding parse_transfer_encoding(std::string_view value);
/// "base64"; empty for `unknown`.
[[nodiscard]] std::string_view transfer_encoding_name(TransferEncoding encoding);
/// quoted_printable and base64: the octets of the body are not those of the content.
[[nodiscard]] constexpr bool is_transformed(TransferEncoding encoding) {
    return encoding == TransferEncoding::quoted_printable || encoding == TransferEncoding::base64;
}

/// From the body of a part to its content. Takes what is met in the wild, the way RFC 2045 section
/// 6.7 and 6.8 recommend: in base64 everything outside the alphabet is passed over, padding may be
/// missing or in the middle (a new quantum begins behind it), and an incomplete last quantum gives
/// the octets it has; in quoted-printable blanks at line ends go, "=" without two hexadecimal
/// digits stays as it is, lower case digits count, lines may have any length and end in CRLF or LF.
/// Other encodings pass.
class TransferDecoder {
public:
    explicit TransferDecoder(TransferEncoding encoding);
    ~TransferDecoder();
    TransferDecoder(TransferDecoder&&) noexcept;
    TransferDecoder& operator=(TransferDecoder&&) noexcept;

    /// Appends to `out` what `bytes` give.
    void decode(std::string_view bytes, std::string& out);
    /// The body is complete; appends the rest.
    void finish(std::string& out);
    /// Something was not as the RFC has it: octets outside the alphabet, lonely "=", bad padding.
    [[nodiscard]] bool is_damaged() const;

    class Work;

private:
    std::unique_ptr<Work> work_;
};

/// What quoted-printable makes of line ends, and base64 of the content's.
enum class ContentMode : std::uint8_t {
    text,    ///< CRLF and LF end lines: quoted-printable keeps them as lines, base64 encodes CRLF
    binary,  ///< every octet counts: CR and LF are encoded
};

/// From content to a body whose lines end with CRLF and have at most 76 characters before it.
/// Encodings other than quoted_printable and base64 pass (in mode text LF alone becomes CRLF).
/// The body does not end with a line end, unless the content in mode text did: the line end in
/// front of a boundary is no part of it.
class TransferEncoder {
public:
    TransferEncoder(TransferEncoding encoding, ContentMode mode);
    ~TransferEncoder();
    TransferEncoder(TransferEncoder&&) noexcept;
    TransferEncoder& operator=(TransferEncoder&&) noexcept;

    void encode(std::string_view bytes, std::string& out);
    void finish(std::string& out);

    class Work;

private:
    std::unique_ptr<Work> work_;
};

/// Both for what fits into memory.
[[nodiscard]] std::string decode_body(TransferEncoding encoding, std::string_view body);
[[nodiscard]] std::string encode_body(
    TransferEncoding encoding, ContentMode mode, std::string_view content
);

/// What a content would need on its way; feed all of it. RFC 5322 section 2.1.1, RFC 2045
/// section 2.
class ContentSurvey {
public:
    void feed(std::string_view bytes);
    [[nodiscard]] bool has_eight_bit() const { return eight_bit_ > 0; }
    [[nodiscard]] bool has_nul() const { return has_nul_; }
    /// CR or LF that is not one of a CRLF pair.
    [[nodiscard]] bool has_bare_line_end() const { return bare_ || last_ == '\r'; }
    [[nodiscard]] std::size_t longest_line() const;  ///< octets without the line end
    /// 7bit where that is enough; else whichever of quoted-printable and base64 is shorter, for
    /// text quoted-printable while most of it stays readable.
    [[nodiscard]] TransferEncoding seven_bit_encoding(bool is_text) const;

private:
    void note_text(std::string_view text);
    void note_line_feed();

    std::uint64_t octets_ = 0;
    std::uint64_t eight_bit_ = 0;
    std::size_t line_ = 0;
    std::size_t longest_ = 0;
    bool has_nul_ = false;
    bool bare_ = false;
    char last_ = 0;
};

}  // namespace sluice::message
