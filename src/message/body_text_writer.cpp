#include "message/body_text_writer.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/utf8.h"
#include "message/charset.h"
#include "message/header_field.h"
#include "message/mime_edit.h"

namespace sluice::message {

namespace {

constexpr std::string_view line_end = "\r\n";
/// Longer headers of parts are passed on unseen; such a part takes no text.
constexpr std::size_t longest_header = 64UL * 1024;

/// CRLF at each line end, the last one too; UTF-8.
std::string canonical(std::string_view text) {
    std::string utf8 = is_utf8(text) ? std::string(text) : to_utf8("iso-8859-1", text).value_or("");
    std::string out = encode_body(TransferEncoding::eight_bit, ContentMode::text, utf8);
    if (!out.empty() && !out.ends_with('\n')) out += line_end;
    return out;
}

/// Sets in which ASCII is not what it looks like.
bool hides_ascii(std::string_view charset) {
    for (const char* family :
         {"utf-16", "utf-32", "utf-7", "ucs-", "utf16", "utf32", "unicode-1"}) {
        if (starts_with_ignoring_case(charset, family)) return true;
    }
    return false;
}

bool is_plain_ascii(std::string_view charset) {
    return charset.empty() || equals_ignoring_case(charset, "us-ascii") ||
           equals_ignoring_case(charset, "ascii");
}

}  // namespace

struct BodyTextPlan {
    std::string prefix;
    std::string suffix;
    PartLabels labels;
    std::optional<TransferDecoder> decoder;  ///< with `encoder`: the whole body is encoded anew
    std::optional<TransferEncoder> encoder;
};

namespace {

/// nullptr: the part cannot take the text.
std::unique_ptr<BodyTextPlan> plan_for(const BodyText& text, const MimePart& part) {
    const std::string charset(parameter_value(part.type.parameters, "charset"));
    if (hides_ascii(charset) || part.encoding == TransferEncoding::unknown) return nullptr;
    auto plan = std::make_unique<BodyTextPlan>();
    plan->prefix = canonical(text.prefix);
    plan->suffix = canonical(text.suffix);
    if (!is_ascii(plan->prefix + plan->suffix)) {
        if (is_plain_ascii(charset)) {
            Parameters parameters = part.type.parameters;
            set_parameter(parameters, "charset", "utf-8");
            plan->labels.type_parameters = std::move(parameters);
        } else if (!equals_ignoring_case(charset, "utf-8")) {
            plan->prefix = from_utf8(charset, plan->prefix);
            plan->suffix = from_utf8(charset, plan->suffix);
        }
    }
    const bool is_seven_bit = is_ascii(plan->prefix + plan->suffix);
    TransferEncoding encoding = part.encoding;
    if (encoding == TransferEncoding::seven_bit && !is_seven_bit) {
        encoding = TransferEncoding::quoted_printable;
        plan->labels.encoding = encoding;
    }
    if (encoding != part.encoding || encoding == TransferEncoding::base64) {
        plan->decoder.emplace(part.encoding);
        plan->encoder.emplace(encoding, ContentMode::text);
    } else {
        plan->prefix = encode_body(encoding, ContentMode::text, plan->prefix);
        plan->suffix = encode_body(encoding, ContentMode::text, plan->suffix);
    }
    return plan;
}

}  // namespace

BodyTextWriter::BodyTextWriter(BodyText text, std::string_view header)
    : text_(std::move(text)), skip_(header.size()), scanner_({}, this) {
    std::string nothing;
    feed(header, nothing);
}

BodyTextWriter::~BodyTextWriter() = default;

HeaderEdits BodyTextWriter::header_changes(const BodyText& text, std::string_view header) {
    const MimeParts parts = scan_message(header);
    const MimePart& part = parts.front();
    if (!part.is_leaf() || !part.type.is("text", "plain")) return {};
    if (part.disposition == "attachment") return {};
    const auto plan = plan_for(text, part);
    if (plan == nullptr || plan->labels == PartLabels()) return {};
    const std::string fields = apply_labels("", part, plan->labels);
    HeaderEdits edits;
    for (const HeaderField& field : split_header(fields)) {
        const bool is_version = equals_ignoring_case(field.name, "MIME-Version");
        edits.push_back(
            {is_version ? HeaderEdit::Kind::add_if_missing : HeaderEdit::Kind::replace,
             std::string(field.name), unfold(field.raw_value)}
        );
    }
    return edits;
}

void BodyTextWriter::feed(std::string_view bytes, std::string& out) {
    out_ = &out;
    scanner_.feed(bytes);
    out_ = nullptr;
}

void BodyTextWriter::finish(std::string& out) {
    out_ = &out;
    scanner_.finish();
    write(std::exchange(header_, {}));
    if (std::exchange(has_ended_, false) && last_ != '\n') write(line_end);
    out_ = nullptr;
}

void BodyTextWriter::piece(PieceKind kind, const MimePart& part, std::string_view bytes) {
    const auto outer = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, bytes.size()));
    skip_ -= outer;
    bytes.remove_prefix(outer);
    if (bytes.empty()) return;
    if (kind == PieceKind::body && part.index == part_) return take_body(bytes);
    // The line end of the last header line may have been that in front of the boundary line.
    if (std::exchange(has_ended_, false) && bytes.front() == '-' && last_ != '\n') write(line_end);
    const bool is_kept =
        kind == PieceKind::header && !is_found_ && header_.size() + bytes.size() <= longest_header;
    if (is_kept) {
        header_ += bytes;
        return;
    }
    write(std::exchange(header_, {}));
    write(bytes);
}

void BodyTextWriter::header_ended(const MimePart& part) {
    std::string header = std::exchange(header_, {});
    const bool is_whole = header.size() == part.header.size() || part.parent == MimePart::none;
    if (!is_found_ && is_candidate(part)) {
        is_found_ = true;
        const bool fits = part.type.is("text", "plain") && !is_signed(part) && is_whole &&
                          !part.trouble.no_blank_line;
        if (fits) plan_ = plan_for(text_, part);
        if (plan_ != nullptr) part_ = part.index;
        if (plan_ != nullptr && part.parent != MimePart::none)
            header = apply_labels(header, part, plan_->labels);
    }
    write(header);
}

void BodyTextWriter::take_body(std::string_view bytes) {
    if (!std::exchange(has_begun_, true)) encode(plan_->prefix);
    if (!plan_->decoder) {
        last_ = bytes.back();
        return write(bytes);
    }
    std::string content;
    plan_->decoder->decode(bytes, content);
    encode(content);
}

void BodyTextWriter::part_ended(const MimePart& part) {
    if (part.index != part_) return;
    if (!std::exchange(has_begun_, true)) encode(plan_->prefix);
    if (plan_->decoder) {
        std::string content;
        plan_->decoder->finish(content);
        encode(content);
    }
    std::string suffix = plan_->suffix;
    if (!suffix.empty() && last_ != '\n') suffix.insert(0, line_end);
    // The line end in front of the next boundary line takes its place.
    if (suffix.ends_with(line_end)) suffix.resize(suffix.size() - line_end.size());
    encode(suffix);
    if (plan_->encoder) {
        std::string encoded;
        plan_->encoder->finish(encoded);
        write(encoded);
        if (!encoded.empty()) last_ = encoded.back();
    }
    part_ = MimePart::none;
    has_ended_ = true;
}

void BodyTextWriter::encode(std::string_view content) {
    if (content.empty()) return;
    last_ = content.back();
    if (!plan_->encoder) return write(content);
    std::string encoded;
    plan_->encoder->encode(content, encoded);
    write(encoded);
}

void BodyTextWriter::write(std::string_view bytes) {
    out_->append(bytes);
}

bool BodyTextWriter::is_candidate(const MimePart& part) const {
    if (!part.is_leaf() || part.type.type != "text" || part.disposition == "attachment")
        return false;
    for (std::size_t i = part.parent; i != MimePart::none; i = scanner_.parts()[i].parent) {
        if (scanner_.parts()[i].kind == PartKind::message) return false;
    }
    return true;
}

bool BodyTextWriter::is_signed(const MimePart& part) const {
    for (std::size_t i = part.parent; i != MimePart::none; i = scanner_.parts()[i].parent) {
        if (scanner_.parts()[i].type.is("multipart", "signed")) return true;
    }
    return false;
}

}  // namespace sluice::message
