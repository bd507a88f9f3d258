#include "converter/new_content.h"

#include "base/bytes.h"
#include "base/file.h"

namespace sluice::converter {

using message::TransferEncoding;

namespace {

/// Takes the CR off CRLF, wherever the octets were cut.
class LineFeeds {
public:
    std::string take(std::string_view octets) {
        std::string out;
        out.reserve(octets.size() + 1);
        for (const char c : octets) {
            if (pending_ && c != '\n') out += '\r';
            pending_ = c == '\r';
            if (!pending_) out += c;
        }
        return out;
    }
    [[nodiscard]] std::string_view rest() const { return pending_ ? "\r" : ""; }

private:
    bool pending_ = false;
};

bool fits(const message::ContentSurvey& survey, TransferEncoding encoding, bool as_text) {
    if (message::is_transformed(encoding)) return true;
    if (encoding == TransferEncoding::unknown || survey.has_nul() || survey.longest_line() > 998 ||
        (survey.has_bare_line_end() && !as_text))
        return false;
    return encoding != TransferEncoding::seven_bit || !survey.has_eight_bit();
}

}  // namespace

Result<void> write_content(
    ByteSource& message, const message::MimePart& part, bool as_text, int fd
) {
    LineFeeds lines;
    const message::ByteSink sink = [&](std::string_view octets) -> Result<void> {
        return as_text ? write_all(fd, lines.take(octets)) : write_all(fd, octets);
    };
    auto written = part.is_leaf() ? message::read_content(message, part, sink)
                                  : message::read_range(message, part.body, sink);
    if (!written || !as_text) return written;
    return write_all(fd, lines.rest());
}

Result<void> write_lines(ByteSource& message, const message::ByteRange& range, int fd) {
    LineFeeds lines;
    auto written = message::read_range(message, range, [&](std::string_view octets) {
        return write_all(fd, lines.take(octets));
    });
    return written ? write_all(fd, lines.rest()) : written;
}

Result<TransferEncoding> choose_encoding(
    ByteSource& content,
    const message::MimePart& part,
    const conversion::Labels& labels,
    std::string& complaint
) {
    message::ContentSurvey survey;
    auto read = message::read_range(
        content, {0, content.size()},
        [&](std::string_view octets) -> Result<void> {
            survey.feed(octets);
            return {};
        }
    );
    if (!read) return std::move(read).error();
    // RFC 2046 section 5.2.1, RFC 2045 section 6.4: containers are never transformed.
    if (labels.type == "message" || labels.type == "multipart") {
        if (survey.has_nul()) return TransferEncoding::binary;
        return survey.has_eight_bit() ? TransferEncoding::eight_bit : TransferEncoding::seven_bit;
    }
    if (labels.encoding) {
        const auto wanted = message::parse_transfer_encoding(*labels.encoding);
        if (fits(survey, wanted, labels.text_mode)) return wanted;
        complaint = "the result cannot be written in encoding " + *labels.encoding;
    }
    const bool is_text = labels.type == "text";
    const bool stays_readable = part.encoding == TransferEncoding::seven_bit ||
                                part.encoding == TransferEncoding::eight_bit;
    if (stays_readable && fits(survey, part.encoding, labels.text_mode)) return part.encoding;
    // A base64 part was meant to be opaque; it stays so.
    if (part.encoding == TransferEncoding::base64 && !is_text) return TransferEncoding::base64;
    const auto chosen = survey.seven_bit_encoding(is_text);
    return fits(survey, chosen, labels.text_mode) ? chosen : TransferEncoding::base64;
}

void recode(const message::MimePart& part, const std::string& encoding, message::MimeEdits& edits) {
    const auto wanted = message::parse_transfer_encoding(encoding);
    // Without looking at the content only an encoding that takes anything can be promised.
    if (!part.is_leaf() || !message::is_transformed(wanted) || wanted == part.encoding ||
        part.encoding == TransferEncoding::unknown)
        return;
    edits.recode(
        part.index, wanted,
        part.type.type == "text" ? message::ContentMode::text : message::ContentMode::binary
    );
}

}  // namespace sluice::converter
