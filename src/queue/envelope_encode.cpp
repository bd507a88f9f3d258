#include <algorithm>
#include <cassert>

#include "base/bytes.h"
#include "queue/checksum.h"
#include "queue/envelope.h"
#include "queue/envelope_syntax.h"
#include "queue/timestamp.h"

namespace sluice::queue {

namespace {

constexpr std::string_view head_shape =
    "v;1\n"
    "b;0000000000\n"
    "k;xxh3:0000000000000000\n"
    "e;xxh3:0000000000000000\n";
constexpr std::size_t length_at = 6;
constexpr std::size_t length_digits = 10;
constexpr std::size_t hash_at = 24;
constexpr std::size_t seal_line_at = 41;
constexpr std::size_t seal_at = 48;

static_assert(head_shape.substr(length_at - 2, 3) == "b;0");
static_assert(head_shape.substr(hash_at - 7, 8) == "k;xxh3:0");
static_assert(head_shape.substr(seal_line_at, 8) == "e;xxh3:0");
static_assert(seal_at == seal_line_at + 7);

/// Collects the lines; remembers the first value that does not fit.
class Lines {
public:
    explicit Lines(std::string& bytes) : bytes_(bytes) {}
    void record(char letter, std::string_view value) {
        const std::size_t start = bytes_.size();
        bytes_ += letter;
        bytes_ += ';';
        bytes_ += escape_value(value);
        end_line(start);
    }
    void optional_record(char letter, const std::optional<std::string>& value) {
        if (value) record(letter, *value);
    }
    void address(std::string_view address) {
        const std::size_t start = bytes_.size();
        if (needs_mark(address)) bytes_ += '=';
        bytes_ += escape_value(address);
        end_line(start);
    }
    [[nodiscard]] bool fits() const { return fits_ && bytes_.size() <= max_envelope_size; }

private:
    void end_line(std::size_t start) {
        if (bytes_.size() - start > max_envelope_line) fits_ = false;
        bytes_ += '\n';
    }
    std::string& bytes_;
    bool fits_ = true;
};

std::string deadlines_text(const Deadlines& deadlines) {
    std::string text;
    const auto item = [&](const std::string& one) {
        if (!text.empty()) text += ',';
        text += one;
    };
    if (deadlines.deliver_by) {
        item(
            "by=" + format_timestamp(*deadlines.deliver_by) +
            (deadlines.deliver_by_return ? "/R" : "/N") + (deadlines.deliver_by_trace ? "T" : "")
        );
    }
    if (deadlines.latest_delivery) item("latest=" + format_timestamp(*deadlines.latest_delivery));
    if (deadlines.expiry) item("expires=" + format_timestamp(*deadlines.expiry));
    for (const std::string& unknown : deadlines.unknown) item(unknown);
    return text;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
    return text;
}

bool is_list_word(const std::string& word) {
    return !word.empty() && word.find(',') == std::string::npos;
}

void encode_message(Lines& lines, const Envelope& envelope) {
    lines.record('t', format_timestamp(envelope.enqueued));
    lines.record('u', envelope.owner);
    lines.record('c', envelope.source_channel);
    lines.record('s', envelope.source_host);
    lines.optional_record('o', envelope.transport);
    lines.record('i', envelope.envelope_id);
    lines.optional_record('h', envelope.message_id);
    if (!envelope.features.empty()) lines.record('a', joined(envelope.features));
    lines.record('p', envelope.priority);
    if (envelope.ret == ReturnContent::full) lines.record('r', "FULL");
    if (envelope.ret == ReturnContent::headers) lines.record('r', "HDRS");
    if (!envelope.deadlines.empty()) lines.record('d', deadlines_text(envelope.deadlines));
    lines.record('l', encoding_word(envelope.encoding));
    lines.optional_record('x', envelope.ancestor);
    lines.optional_record('q', envelope.hold_reason);
    if (!envelope.conversion_tags.empty()) lines.record('w', joined(envelope.conversion_tags));
    for (const Record& record : envelope.unknown) lines.record(record.letter, record.value);
    lines.record('m', envelope.sender);
}

void encode_recipient(Lines& lines, const Recipient& recipient) {
    lines.optional_record('j', recipient.orcpt_type);
    lines.optional_record('f', recipient.orcpt);
    lines.optional_record('g', recipient.intermediate);
    if (recipient.notify) lines.record('n', std::to_string(*recipient.notify));
    lines.optional_record('y', recipient.host);
    if (recipient.settled)
        lines.record('z', recipient.settled->status.to_string() + ' ' + recipient.settled->text);
    if (recipient.onward) {
        lines.record('C', recipient.onward->channel + ' ' + recipient.onward->address);
        if (!recipient.onward->host.empty()) lines.record('Y', recipient.onward->host);
    }
    for (const Record& record : recipient.unknown) lines.record(record.letter, record.value);
    lines.address(recipient.address);
}

bool has_valid_lists(const Envelope& envelope) {
    const auto all_words = [](const std::vector<std::string>& words) {
        return std::all_of(words.begin(), words.end(), is_list_word);
    };
    const auto all_foreign = [](const std::vector<Record>& records, std::string_view known) {
        return std::all_of(records.begin(), records.end(), [&](const Record& record) {
            return is_alpha(record.letter) && known.find(record.letter) == std::string_view::npos;
        });
    };
    for (const Recipient& recipient : envelope.recipients) {
        if (!all_foreign(recipient.unknown, known_letters)) return false;
    }
    return all_words(envelope.features) && all_words(envelope.conversion_tags) &&
           all_words(envelope.deadlines.unknown) && all_foreign(envelope.unknown, known_letters);
}

void write_hash(char* to, std::uint64_t hash) {
    const std::string digits = format_hash(hash);
    std::copy(digits.begin(), digits.end(), to);
}

std::string boundary_line(std::string_view bits) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text(boundary_start);
    unsigned pending = 0;
    unsigned pending_bits = 0;
    for (const char c : bits) {
        pending = pending << 8U | static_cast<unsigned char>(c);
        for (pending_bits += 8; pending_bits >= 6; pending_bits -= 6) {
            text += digits[pending >> (pending_bits - 6) & 63U];
        }
        pending &= 63U;
    }
    text += digits[pending << (6 - pending_bits) & 63U];
    return text + ')';
}

}  // namespace

const std::size_t envelope_head_size = head_shape.size();

Result<EncodedEnvelope> encode_envelope(const Envelope& envelope, std::string_view boundary_bits) {
    assert(boundary_bits.size() == 16);
    if (envelope.recipients.empty()) {
        return Error::permanent({5, 5, 0}, "no recipients", "envelope without a recipient");
    }
    for (const Recipient& recipient : envelope.recipients) {
        if (recipient.address.empty()) {
            return Error::permanent({5, 1, 3}, "empty recipient address");
        }
    }
    if (!has_valid_lists(envelope)) {
        return Error::permanent({5, 5, 4}, "invalid envelope parameter");
    }
    EncodedEnvelope encoded;
    encoded.bytes = head_shape;
    Lines lines(encoded.bytes);
    encode_message(lines, envelope);
    for (const Recipient& recipient : envelope.recipients) encode_recipient(lines, recipient);
    if (!lines.fits()) {
        return Error::permanent({5, 3, 4}, "envelope too large", "envelope line or size limit");
    }
    encoded.boundary = boundary_line(boundary_bits);
    encoded.bytes += encoded.boundary + '\n';
    encoded.tail_hash = hash_of(std::string_view(encoded.bytes).substr(head_shape.size()));
    return encoded;
}

void seal_envelope_head(
    char* head, std::uint64_t content_size, std::uint64_t content_hash, std::uint64_t tail_hash
) {
    assert(content_size <= max_content_size);
    const std::string digits = std::to_string(content_size);
    std::fill_n(head + length_at, length_digits, '0');
    std::copy_backward(digits.begin(), digits.end(), head + length_at + length_digits);
    write_hash(head + hash_at, content_hash);
    const std::uint64_t seal = hash_of(std::string_view(head, seal_line_at), tail_hash);
    write_hash(head + seal_at, seal);
}

std::string escape_value(std::string_view value) {
    std::string text;
    text.reserve(value.size());
    for (const char c : value) {
        if (c == '\n') {
            text += "\\n";
        } else if (c == '\r') {
            text += "\\r";
        } else if (c == '\\') {
            text += "\\\\";
        } else {
            text += c;
        }
    }
    return text;
}

}  // namespace sluice::queue
