#include "message/recoding.h"

#include <algorithm>
#include <utility>

#include "message/mime_edit.h"

namespace sluice::message {

namespace {

/// Of one part; a longer one stays as it is, and its part with it.
constexpr std::uint64_t longest_header = 256UL * 1024;

bool has_eight_bit(std::string_view bytes) {
    return std::any_of(bytes.begin(), bytes.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x80;
    });
}

PartLabels labels_for(const MimePart& part, TransferEncoding encoding) {
    PartLabels labels;
    labels.encoding = encoding;
    const bool is_labelled = !parameter_value(part.type.parameters, "charset").empty();
    if (part.is_leaf() && part.type.type == "text" && !is_labelled) {
        // RFC 1428 section 3: nobody knows what the octets are, only that they are not ASCII.
        Parameters parameters = part.type.parameters;
        set_parameter(parameters, "charset", "unknown-8bit");
        labels.type_parameters = std::move(parameters);
    }
    return labels;
}

}  // namespace

void RecodingSurvey::piece(PieceKind kind, const MimePart& part, std::string_view bytes) {
    if (kind != PieceKind::body) {
        eight_bit_around_ = eight_bit_around_ || has_eight_bit(bytes);
        return;
    }
    if (bodies_.size() <= part.index) bodies_.resize(part.index + 1);
    bodies_[part.index].feed(bytes);
}

bool RecodingSurvey::may_change(const MimePart& part) const {
    const bool is_plain = part.encoding == TransferEncoding::seven_bit ||
                          part.encoding == TransferEncoding::eight_bit ||
                          part.encoding == TransferEncoding::binary;
    const bool is_composite = part.type.type == "multipart" || part.type.type == "message";
    if (part.is_leaf() && (!is_plain || is_composite)) return false;
    if (part.trouble.no_blank_line || part.header.size() > longest_header) return false;
    for (std::size_t i = part.index; i != MimePart::none; i = scanner_.parts()[i].parent) {
        if (scanner_.parts()[i].type.is("multipart", "signed")) return false;
    }
    return true;
}

Recoding RecodingSurvey::plan(const WayLimits& limits) const {
    const MimeParts& parts = scanner_.parts();
    Recoding out;
    out.encodings.resize(parts.size());
    out.is_incomplete = limits.seven_bit && eight_bit_around_;
    for (std::size_t i = 0; i < bodies_.size(); ++i) {
        const ContentSurvey& body = bodies_[i];
        const bool is_eight_bit = limits.seven_bit && body.has_eight_bit();
        const bool is_long = limits.line_length != 0 && body.longest_line() > limits.line_length;
        if (!is_eight_bit && !is_long) continue;
        if (!may_change(parts[i])) {
            out.is_incomplete = true;
            continue;
        }
        const auto encoding = body.seven_bit_encoding(parts[i].type.type == "text");
        out.encodings[i] =
            encoding == TransferEncoding::seven_bit ? TransferEncoding::quoted_printable : encoding;
        out.is_needed = true;
    }
    if (!out.is_needed || out.is_incomplete || !limits.seven_bit) return out;
    // RFC 2045 section 6.4: what holds 7-bit parts is 7bit itself.
    for (const MimePart& part : parts) {
        const bool says_more = part.encoding == TransferEncoding::eight_bit ||
                               part.encoding == TransferEncoding::binary;
        if (!part.is_leaf() && says_more && may_change(part))
            out.encodings[part.index] = TransferEncoding::seven_bit;
    }
    return out;
}

void Recoder::feed(std::string_view bytes, std::string& out) {
    out_ = &out;
    scanner_.feed(bytes);
    out_ = nullptr;
}

void Recoder::finish(std::string& out) {
    out_ = &out;
    scanner_.finish();
    if (last_ != '\n') write("\r\n");
    out_ = nullptr;
}

std::optional<TransferEncoding> Recoder::encoding_of(const MimePart& part) const {
    return part.index < recoding_.encodings.size() ? recoding_.encodings[part.index] : std::nullopt;
}

void Recoder::piece(PieceKind kind, const MimePart& part, std::string_view bytes) {
    if (kind == PieceKind::header && encoding_of(part)) {
        header_ += bytes;
    } else if (kind == PieceKind::body && encoder_) {
        std::string encoded;
        encoder_->encode(bytes, encoded);
        write(encoded);
    } else {
        write(bytes);
    }
}

void Recoder::header_ended(const MimePart& part) {
    const auto encoding = encoding_of(part);
    if (!encoding) return;
    write(apply_labels(std::exchange(header_, {}), part, labels_for(part, *encoding)));
    const bool is_text = part.type.type == "text";
    if (part.is_leaf())
        encoder_.emplace(*encoding, is_text ? ContentMode::text : ContentMode::binary);
}

void Recoder::part_ended(const MimePart& part) {
    if (!encoder_ || !encoding_of(part)) return;
    std::string encoded;
    encoder_->finish(encoded);
    write(encoded);
    encoder_.reset();
}

void Recoder::write(std::string_view bytes) {
    if (bytes.empty()) return;
    last_ = bytes.back();
    out_->append(bytes);
}

}  // namespace sluice::message
