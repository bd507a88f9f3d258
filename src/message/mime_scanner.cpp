#include "message/mime_scanner.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "message/header_field.h"
#include "message/mime_labels.h"
#include "message/mime_scanner_work.h"

namespace sluice::message {

namespace {

/// As much of a line of a header as is looked at for a colon; the scanner of the outer header
/// remembers as much.
constexpr std::size_t longest_header_line = 8192;

// The rest of it is not known.
void drop_last_field(std::string& header) {
    std::size_t end = header.rfind('\n');
    while (end != std::string::npos && end > 0 && end + 1 < header.size() &&
           is_blank(header[end + 1])) {
        end = header.rfind('\n', end - 1);
    }
    header.resize(end == std::string::npos ? 0 : end + 1);
}

bool is_encapsulated(const ContentType& type) {
    return type.type == "message" &&
           (type.subtype == "rfc822" || type.subtype == "global" || type.subtype == "news");
}

}  // namespace

void MimeScanner::Work::give(PieceKind kind, std::size_t part, std::string_view bytes) {
    if (bytes.empty()) return;
    offset_ += bytes.size();
    if (sink_ != nullptr) sink_->piece(kind, parts_[part], bytes);
}

void MimeScanner::Work::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        if (state_ == State::content) {
            bytes = take_content(bytes);
            continue;
        }
        if (in_line_) {
            const std::size_t end = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
            in_line_ = bytes[end - 1] != '\n';
            keep_header(bytes.substr(0, end));
            bytes.remove_prefix(end);
            continue;
        }
        bytes = gather_line(bytes, longest_header_line);
        if (!line_.ends_with('\n') && line_.size() < longest_header_line) return;
        const std::string line = std::exchange(line_, {});
        take_header_line(line);
    }
}

void MimeScanner::Work::finish() {
    while (state_ == State::header && !line_.empty()) {
        const std::string line = std::exchange(line_, {});
        take_header_line(line);
    }
    // A last line that is decided once more: "--b--" without a line end.
    if (state_ == State::content && !line_.empty()) {
        const auto boundary = boundary_in(line_);
        const std::string line = std::exchange(line_, {});
        if (boundary) {
            take_boundary(*boundary, line);
        } else {
            give_line_end();
            give_content(line);
        }
    }
    end_headers();
    give_line_end();
    for (const OpenMultipart& multipart : open_) {
        PartTrouble& trouble = parts_[multipart.part].trouble;
        (multipart.opened ? trouble.not_closed : trouble.never_opened) = true;
    }
    end_parts_below(MimePart::none);
    open_.clear();
}

// Moves octets to line_ until it has a whole line or `longest` octets.
std::string_view MimeScanner::Work::gather_line(std::string_view bytes, std::size_t longest) {
    const std::size_t room = longest - line_.size();
    const std::size_t end = std::min({bytes.find('\n'), bytes.size() - 1, room - 1}) + 1;
    line_ += bytes.substr(0, end);
    return bytes.substr(end);
}

void MimeScanner::Work::take_header_line(std::string_view line) {
    const std::string_view text = without_line_end(line);
    const bool is_whole = line.ends_with('\n');
    if (text.empty() && is_whole) return end_header(line);
    if (const auto boundary = boundary_in(line)) {
        if (repeats_delimiter(*boundary)) return extend_delimiter(line);
        end_headers();
        return take_boundary(*boundary, line);
    }
    const bool is_separator = current().is_message_header && offset_ == current().header.begin &&
                              mailbox_separator_length(line) > 0;
    const bool goes_on = has_field_ && is_blank(line.front());
    const bool is_field = !goes_on && !is_separator && parse_header_field(line);
    if (goes_on || is_field || is_separator) {
        has_field_ = has_field_ || is_field;
        in_line_ = !is_whole;
        return keep_header(line);
    }
    end_header({});
    // The line belongs to what comes now: a body, or the header of an embedded message.
    feed(line);
}

void MimeScanner::Work::keep_header(std::string_view bytes) {
    const std::size_t room = limits_.header - std::min(limits_.header, header_.size());
    header_ += bytes.substr(0, room);
    if (bytes.size() > room) current().trouble.header_cut = true;
    give(PieceKind::header, current_, bytes);
}

void MimeScanner::Work::end_header(std::string_view blank_line) {
    MimePart& part = current();
    part.header.end = offset_;
    part.blank_line = {offset_, offset_ + blank_line.size()};
    part.trouble.no_blank_line = blank_line.empty();
    const bool in_digest =
        part.parent != MimePart::none && parts_[part.parent].type.is("multipart", "digest");
    if (part.trouble.header_cut) drop_last_field(header_);
    read_labels(header_, in_digest, part);
    header_.clear();
    part.kind = kind_of(part);
    part.number = number_of(part);
    labels_ += label_size(part);
    if (sink_ != nullptr) sink_->header_ended(part);
    give(PieceKind::blank_line, current_, blank_line);
    part.body = part.preamble = {offset_, offset_};
    if (part.kind == PartKind::message) {
        const std::size_t child = begin_part(current_);
        parts_[child].is_message_header = true;
        return;
    }
    if (part.kind == PartKind::multipart)
        open_.push_back({current_, "--" + std::string(boundary_of(part))});
    begin_content(part.kind == PartKind::multipart ? PieceKind::preamble : PieceKind::body);
}

PartKind MimeScanner::Work::kind_of(MimePart& part) const {
    const bool is_message = is_encapsulated(part.type);
    if (!is_message && part.type.type != "multipart") return PartKind::leaf;
    const bool is_encoded =
        is_transformed(part.encoding) || part.encoding == TransferEncoding::unknown;
    if (is_message && is_encoded) {
        part.trouble.encoded_message = true;
    } else if (!is_message && boundary_of(part).empty()) {
        part.trouble.no_boundary = true;
    } else if (part.depth >= limits_.depth) {
        part.trouble.too_deep = true;
    } else if (is_message && parts_.size() >= limits_.parts) {
        part.trouble.too_many_parts = true;
    } else {
        return is_message ? PartKind::message : PartKind::multipart;
    }
    return PartKind::leaf;
}

std::string MimeScanner::Work::number_of(const MimePart& part) const {
    const bool is_multipart = part.kind == PartKind::multipart;
    if (part.parent == MimePart::none) return is_multipart ? "" : "1";
    const MimePart& parent = parts_[part.parent];
    const bool is_embedded = parent.kind == PartKind::message;
    if (is_embedded && is_multipart) return parent.number;
    const std::string place = std::to_string(children_[part.parent]);
    return parent.number.empty() ? place : parent.number + '.' + place;
}

MimeScanner::MimeScanner(const MimeLimits& limits, MimeSink* sink)
    : work_(std::make_unique<Work>(limits, sink)) {}
MimeScanner::~MimeScanner() = default;
MimeScanner::MimeScanner(MimeScanner&&) noexcept = default;
MimeScanner& MimeScanner::operator=(MimeScanner&&) noexcept = default;

void MimeScanner::feed(std::string_view bytes) {
    work_->feed(bytes);
}

void MimeScanner::finish() {
    work_->finish();
}

const MimeParts& MimeScanner::parts() const {
    return work_->parts();
}

MimeParts MimeScanner::take_parts() {
    return std::move(work_->parts());
}

MimeParts scan_message(std::string_view message, const MimeLimits& limits) {
    MimeScanner scanner(limits);
    scanner.feed(message);
    scanner.finish();
    return scanner.take_parts();
}

std::vector<std::size_t> children_of(const MimeParts& parts, std::size_t index) {
    std::vector<std::size_t> out;
    for (const MimePart& part : parts) {
        if (part.parent == index) out.push_back(part.index);
    }
    return out;
}

}  // namespace sluice::message
