#include "message/binary_recoding.h"

#include <utility>

#include "message/mime_edit.h"

namespace sluice::message {

namespace {

/// Of one part; a longer one goes out as it is, and its part with it.
constexpr std::size_t longest_header = 256UL * 1024;

}  // namespace

void BinaryRecoder::feed(std::string_view bytes, std::string& out) {
    out_ = &out;
    scanner_.feed(bytes);
    out_ = nullptr;
}

void BinaryRecoder::finish(std::string& out) {
    out_ = &out;
    scanner_.finish();
    write_header();
    if (last_ != '\n') write("\r\n");
    out_ = nullptr;
}

void BinaryRecoder::piece(PieceKind kind, const MimePart&, std::string_view bytes) {
    if (kind == PieceKind::header && !header_is_out_) {
        header_ += bytes;
        if (header_.size() <= longest_header) return;
        write_header();
        header_is_out_ = true;
    } else if (kind == PieceKind::body && encoder_) {
        encoder_->encode(bytes, encoded_);
        write_encoded();
    } else {
        write(bytes);
    }
}

void BinaryRecoder::header_ended(const MimePart& part) {
    const auto encoding = header_is_out_ ? std::nullopt : new_encoding(part);
    header_is_out_ = false;
    if (encoding) {
        PartLabels labels;
        labels.encoding = encoding;
        header_ = apply_labels(header_, part, labels);
        if (part.is_leaf()) encoder_.emplace(*encoding, ContentMode::binary);
    }
    write_header();
}

void BinaryRecoder::part_ended(const MimePart& part) {
    if (!part.is_leaf() || !encoder_) return;
    encoder_->finish(encoded_);
    write_encoded();
    encoder_.reset();
}

std::optional<TransferEncoding> BinaryRecoder::new_encoding(const MimePart& part) const {
    if (part.encoding != TransferEncoding::binary || part.trouble.no_blank_line) return {};
    if (is_signed(part)) return {};
    if (!part.is_leaf()) return TransferEncoding::eight_bit;
    // RFC 2045 section 6.4: composite types know no other encoding, whoever reads them.
    const bool is_composite = part.type.type == "multipart" || part.type.type == "message";
    if (is_composite) return {};
    return TransferEncoding::base64;
}

bool BinaryRecoder::is_signed(const MimePart& part) const {
    const MimeParts& parts = scanner_.parts();
    for (std::size_t i = part.parent; i != MimePart::none; i = parts[i].parent) {
        if (parts[i].type.is("multipart", "signed")) return true;
    }
    return false;
}

void BinaryRecoder::write_header() {
    write(std::exchange(header_, {}));
}

void BinaryRecoder::write_encoded() {
    write(encoded_);
    encoded_.clear();
}

void BinaryRecoder::write(std::string_view bytes) {
    if (bytes.empty()) return;
    last_ = bytes.back();
    out_->append(bytes);
}

}  // namespace sluice::message
