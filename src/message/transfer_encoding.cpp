#include "message/transfer_encoding.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/bytes.h"
#include "message/header_field.h"
#include "message/transfer_work.h"

namespace sluice::message {

namespace {

constexpr std::array<std::pair<TransferEncoding, std::string_view>, 5> names = {{
    {TransferEncoding::seven_bit, "7bit"},
    {TransferEncoding::eight_bit, "8bit"},
    {TransferEncoding::binary, "binary"},
    {TransferEncoding::quoted_printable, "quoted-printable"},
    {TransferEncoding::base64, "base64"},
}};

class PassingDecoder : public TransferDecoder::Work {
public:
    void decode(std::string_view bytes, std::string& out) override { out += bytes; }
    void finish(std::string&) override {}
};

class PassingEncoder : public TransferEncoder::Work {
public:
    void encode(std::string_view bytes, std::string& out) override { out += bytes; }
    void finish(std::string&) override {}
};

/// Text comes with CRLF or LF; what is behind this sees CRLF only.
class LineEnds : public TransferEncoder::Work {
public:
    explicit LineEnds(std::unique_ptr<TransferEncoder::Work> next) : next_(std::move(next)) {}
    void encode(std::string_view bytes, std::string& out) override {
        while (!bytes.empty()) {
            const std::size_t end = std::min(bytes.find('\n'), bytes.size());
            if (end > 0) {
                next_->encode(bytes.substr(0, end), out);
                after_cr_ = bytes[end - 1] == '\r';
            }
            if (end == bytes.size()) return;
            next_->encode(after_cr_ ? "\n" : "\r\n", out);
            after_cr_ = false;
            bytes.remove_prefix(end + 1);
        }
    }
    void finish(std::string& out) override { next_->finish(out); }

private:
    std::unique_ptr<TransferEncoder::Work> next_;
    bool after_cr_ = false;
};

std::unique_ptr<TransferDecoder::Work> decoder_for(TransferEncoding encoding) {
    if (encoding == TransferEncoding::base64) return make_base64_decoder();
    if (encoding == TransferEncoding::quoted_printable) return make_quoted_printable_decoder();
    return std::make_unique<PassingDecoder>();
}

std::unique_ptr<TransferEncoder::Work> encoder_for(TransferEncoding encoding, ContentMode mode) {
    std::unique_ptr<TransferEncoder::Work> work;
    if (encoding == TransferEncoding::base64) {
        work = make_base64_encoder();
    } else if (encoding == TransferEncoding::quoted_printable) {
        work = make_quoted_printable_encoder(mode);
    } else {
        work = std::make_unique<PassingEncoder>();
    }
    if (mode == ContentMode::text) return std::make_unique<LineEnds>(std::move(work));
    return work;
}

}  // namespace

TransferEncoding parse_transfer_encoding(std::string_view value) {
    const std::string plain = without_comments(unfold(value));
    if (plain.empty()) return TransferEncoding::seven_bit;
    for (const auto& [encoding, name] : names) {
        if (equals_ignoring_case(plain, name)) return encoding;
    }
    // As some write them.
    if (equals_ignoring_case(plain, "7-bit")) return TransferEncoding::seven_bit;
    if (equals_ignoring_case(plain, "8-bit")) return TransferEncoding::eight_bit;
    return TransferEncoding::unknown;
}

std::string_view transfer_encoding_name(TransferEncoding encoding) {
    for (const auto& [known, name] : names) {
        if (known == encoding) return name;
    }
    return {};
}

TransferDecoder::TransferDecoder(TransferEncoding encoding) : work_(decoder_for(encoding)) {}
TransferDecoder::~TransferDecoder() = default;
TransferDecoder::TransferDecoder(TransferDecoder&&) noexcept = default;
TransferDecoder& TransferDecoder::operator=(TransferDecoder&&) noexcept = default;

void TransferDecoder::decode(std::string_view bytes, std::string& out) {
    work_->decode(bytes, out);
}

void TransferDecoder::finish(std::string& out) {
    work_->finish(out);
}

bool TransferDecoder::is_damaged() const {
    return work_->damaged;
}

TransferEncoder::TransferEncoder(TransferEncoding encoding, ContentMode mode)
    : work_(encoder_for(encoding, mode)) {}
TransferEncoder::~TransferEncoder() = default;
TransferEncoder::TransferEncoder(TransferEncoder&&) noexcept = default;
TransferEncoder& TransferEncoder::operator=(TransferEncoder&&) noexcept = default;

void TransferEncoder::encode(std::string_view bytes, std::string& out) {
    work_->encode(bytes, out);
}

void TransferEncoder::finish(std::string& out) {
    work_->finish(out);
}

std::string decode_body(TransferEncoding encoding, std::string_view body) {
    TransferDecoder decoder(encoding);
    std::string out;
    decoder.decode(body, out);
    decoder.finish(out);
    return out;
}

std::string encode_body(TransferEncoding encoding, ContentMode mode, std::string_view content) {
    TransferEncoder encoder(encoding, mode);
    std::string out;
    encoder.encode(content, out);
    encoder.finish(out);
    return out;
}

void ContentSurvey::feed(std::string_view bytes) {
    octets_ += bytes.size();
    while (!bytes.empty()) {
        const std::size_t end = std::min(bytes.find('\n'), bytes.size());
        if (end > 0) note_text(bytes.substr(0, end));
        if (end == bytes.size()) return;
        note_line_feed();
        bytes.remove_prefix(end + 1);
    }
}

// At least one octet, and no line feed.
void ContentSurvey::note_text(std::string_view text) {
    if (last_ == '\r' || text.find('\r') < text.size() - 1) bare_ = true;
    if (text.find('\0') != std::string_view::npos) has_nul_ = true;
    for (const char c : text) eight_bit_ += static_cast<unsigned char>(c) >> 7U;
    line_ += text.size();
    last_ = text.back();
}

void ContentSurvey::note_line_feed() {
    if (last_ == '\r') {
        --line_;
    } else {
        bare_ = true;
    }
    longest_ = std::max(longest_, line_);
    line_ = 0;
    last_ = '\n';
}

std::size_t ContentSurvey::longest_line() const {
    return std::max(longest_, line_);
}

TransferEncoding ContentSurvey::seven_bit_encoding(bool is_text) const {
    const bool simple = eight_bit_ == 0 && !has_nul_ && longest_line() <= message::longest_line;
    if (simple && !has_bare_line_end()) return TransferEncoding::seven_bit;
    // Quoted-printable takes three octets for one, base64 four for three.
    if (is_text && !has_nul_ && eight_bit_ <= octets_ / 6)
        return TransferEncoding::quoted_printable;
    return TransferEncoding::base64;
}

}  // namespace sluice::message
