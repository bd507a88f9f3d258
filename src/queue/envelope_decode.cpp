#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "queue/checksum.h"
#include "queue/envelope.h"
#include "queue/envelope_syntax.h"
#include "queue/failure.h"
#include "queue/timestamp.h"

namespace sluice::queue {

namespace {

constexpr std::string_view hash_prefix = "xxh3:";

/// Thrown away at the first thing that is wrong: the text says what.
using Problem = std::optional<std::string>;

std::optional<std::uint64_t> hash_value(std::string_view value) {
    if (!value.starts_with(hash_prefix)) return std::nullopt;
    return parse_hash(value.substr(hash_prefix.size()));
}

std::vector<std::string> list_of(std::string_view value) {
    std::vector<std::string> words;
    for (const std::string_view word : split(value, ',')) words.emplace_back(word);
    return words;
}

bool parse_deliver_by(std::string_view text, Deadlines& deadlines) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return false;
    deadlines.deliver_by = parse_timestamp(text.substr(0, slash));
    const std::string_view mode = text.substr(slash + 1);
    deadlines.deliver_by_return = mode.starts_with('R');
    deadlines.deliver_by_trace = mode.ends_with('T');
    return deadlines.deliver_by && (mode == "R" || mode == "N" || mode == "RT" || mode == "NT");
}

bool parse_deadlines(std::string_view value, Deadlines& deadlines) {
    for (const std::string_view item : split(value, ',')) {
        const std::size_t equals = item.find('=');
        const std::string_view key = item.substr(0, equals);
        const std::string_view text =
            equals == std::string_view::npos ? "" : item.substr(equals + 1);
        if (key == "by") {
            if (!parse_deliver_by(text, deadlines)) return false;
        } else if (key == "latest") {
            if (!(deadlines.latest_delivery = parse_timestamp(text))) return false;
        } else if (key == "expires") {
            if (!(deadlines.expiry = parse_timestamp(text))) return false;
        } else {
            deadlines.unknown.emplace_back(item);
        }
    }
    return true;
}

bool parse_return_content(std::string_view value, ReturnContent& ret) {
    ret = value == "HDRS" ? ReturnContent::headers : ReturnContent::full;
    return value == "FULL" || value == "HDRS";
}

bool parse_encoding(std::string_view value, ContentEncoding& encoding) {
    for (const auto one : {ContentEncoding::lf, ContentEncoding::crlf, ContentEncoding::raw}) {
        if (value != encoding_word(one)) continue;
        encoding = one;
        return true;
    }
    return false;
}

/// Takes the lines behind the head one by one.
class Reader {
public:
    explicit Reader(Envelope& envelope) : envelope_(envelope) {}

    Problem line(std::string_view line) {
        if (line.size() > max_envelope_line) return "line too long";
        if (line.empty()) return "empty line";
        return is_record(line) ? record(line[0], line.substr(2)) : address(line);
    }

    Problem finish() {
        for (const char letter : std::string_view("tucsiplm")) {
            if (!has(letter)) return std::string("no record ") + letter;
        }
        if (in_group_) return "recipient records without a recipient";
        if (envelope_.recipients.empty()) return "no recipient";
        return {};
    }

private:
    [[nodiscard]] bool has(char letter) const { return seen_.find(letter) != std::string::npos; }

    Problem record(char letter, std::string_view text) {
        auto value = unescape_value(text);
        if (!value) return std::string("bad escape in record ") + letter;
        const bool known = known_letters.find(letter) != std::string_view::npos;
        if (known && has(letter)) return std::string("second record ") + letter;
        if (known) seen_ += letter;
        const bool good = has('m') && letter != 'm' ? recipient_record(letter, *std::move(value))
                                                    : message_record(letter, *std::move(value));
        if (!good) return std::string("bad record ") + letter;
        return {};
    }

    bool message_record(char letter, std::string value) {
        switch (letter) {
            case 't':
                return set_time(value);
            case 'u':
                return set(envelope_.owner, std::move(value));
            case 'c':
                return set(envelope_.source_channel, std::move(value));
            case 's':
                return set(envelope_.source_host, std::move(value));
            case 'o':
                return set(envelope_.transport, std::move(value));
            case 'i':
                return set(envelope_.envelope_id, std::move(value));
            case 'h':
                return set(envelope_.message_id, std::move(value));
            case 'a':
                envelope_.features = list_of(value);
                return true;
            case 'p':
                return set(envelope_.priority, std::move(value));
            case 'r':
                return parse_return_content(value, envelope_.ret);
            case 'd':
                return parse_deadlines(value, envelope_.deadlines);
            case 'l':
                return parse_encoding(value, envelope_.encoding);
            case 'x':
                return set(envelope_.ancestor, std::move(value));
            case 'q':
                return set(envelope_.hold_reason, std::move(value));
            case 'w':
                envelope_.conversion_tags = list_of(value);
                return true;
            case 'm':
                return set(envelope_.sender, std::move(value));
            default:
                return keep(envelope_.unknown, letter, std::move(value));
        }
    }

    bool recipient_record(char letter, std::string value) {
        in_group_ = true;
        switch (letter) {
            case 'j':
                return set(group_.orcpt_type, std::move(value));
            case 'f':
                return set(group_.orcpt, std::move(value));
            case 'g':
                return set(group_.intermediate, std::move(value));
            case 'n':
                return set_notify(value);
            case 'y':
                return set(group_.host, std::move(value));
            case 'z':
                return set_settled(value);
            case 'C':
                return set_onward(value);
            case 'Y':
                // Written behind C, and only there.
                return group_.onward && set(group_.onward->host, std::move(value));
            default:
                return keep(group_.unknown, letter, std::move(value));
        }
    }

    Problem address(std::string_view line) {
        if (!has('m')) return "recipient before record m";
        if (line.front() == '=') line.remove_prefix(1);
        auto text = unescape_value(line);
        if (!text || text->empty()) return "bad recipient";
        group_.address = *std::move(text);
        envelope_.recipients.push_back(std::move(group_));
        group_ = {};
        in_group_ = false;
        std::erase_if(seen_, [](char c) { return std::string_view("jfgnyzCY").find(c) != npos; });
        return {};
    }

    bool set_time(std::string_view value) {
        const auto time = parse_timestamp(value);
        if (time) envelope_.enqueued = *time;
        return time.has_value();
    }

    bool set_notify(std::string_view value) {
        const auto flags = parse_unsigned(value);
        if (!flags || *flags > 0xffffffffU) return false;
        group_.notify = static_cast<unsigned>(*flags);
        return true;
    }

    bool set_settled(std::string_view value) {
        const std::size_t blank = std::min(value.find(' '), value.size());
        const auto status = parse_status_code(value.substr(0, blank));
        if (!status) return false;
        value.remove_prefix(std::min(blank + 1, value.size()));
        group_.settled = StatusText{*status, std::string(value)};
        return true;
    }

    bool set_onward(std::string_view value) {
        const std::size_t blank = value.find(' ');
        if (blank == npos || blank == 0 || blank + 1 == value.size()) return false;
        group_.onward.emplace();
        group_.onward->channel = value.substr(0, blank);
        group_.onward->address = value.substr(blank + 1);
        return true;
    }

    template <class Field>
    static bool set(Field& field, std::string&& value) {
        field = std::move(value);
        return true;
    }

    /// A letter of ours in the wrong half is damage, not something to keep.
    static bool keep(std::vector<Record>& records, char letter, std::string value) {
        if (known_letters.find(letter) != npos) return false;
        records.push_back({letter, std::move(value)});
        return true;
    }

    static constexpr std::size_t npos = std::string_view::npos;
    Envelope& envelope_;
    Recipient group_;
    bool in_group_ = false;
    std::string seen_;  ///< known letters seen, those of the current recipient included
};

/// Takes one line off the front of `text`.
std::string_view next_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

/// The records at fixed places; leaves `rest` behind the seal.
Problem decode_head(std::string_view bytes, DecodedEnvelope& decoded, std::string_view& rest) {
    rest = bytes;
    next_line(rest);
    std::string_view line = next_line(rest);
    const auto length = line.starts_with("b;") ? parse_unsigned(line.substr(2)) : std::nullopt;
    if (!length || line.size() != 12) return "bad record b";
    decoded.content_size = *length;
    line = next_line(rest);
    if (line.starts_with("k;")) {
        decoded.content_hash = hash_value(line.substr(2));
        if (!decoded.content_hash) return "bad record k";
        line = next_line(rest);
    }
    const auto seal = line.starts_with("e;") ? hash_value(line.substr(2)) : std::nullopt;
    if (!seal) return "bad record e";
    const auto head_size = static_cast<std::size_t>(line.data() - bytes.data());
    if (hash_of(bytes.substr(0, head_size), hash_of(rest)) != *seal) return "seal broken";
    return {};
}

Problem decode_lines(std::string_view rest, DecodedEnvelope& decoded) {
    Reader reader(decoded.envelope);
    while (!rest.empty()) {
        const std::string_view line = next_line(rest);
        if (is_boundary(line)) {
            decoded.boundary = line;
            return rest.empty() ? reader.finish() : Problem("boundary before the end");
        }
        if (auto problem = reader.line(line)) return problem;
    }
    return "no boundary";
}

Error damaged(const std::string& problem) {
    return damaged_error("%IMTA-E-BADMSG, envelope: " + problem);
}

}  // namespace

std::optional<std::size_t> find_envelope_end(std::string_view front) {
    std::size_t start = 0;
    while (true) {
        const std::size_t end = front.find('\n', start);
        if (end == std::string_view::npos) return std::nullopt;
        if (is_boundary(front.substr(start, end - start))) return end + 1;
        start = end + 1;
    }
}

Result<DecodedEnvelope> decode_envelope(std::string_view bytes) {
    if (bytes.size() > max_envelope_size + max_envelope_line) return damaged("too large");
    std::string_view rest = bytes;
    const std::string_view version = next_line(rest);
    if (!version.starts_with("v;")) return damaged("no version");
    const auto number = parse_unsigned(version.substr(2));
    if (!number) return damaged("bad version");
    if (*number != format_version) {
        return other_version_error("message file of version " + std::to_string(*number));
    }
    if (bytes.back() != '\n') return damaged("cut off");
    DecodedEnvelope decoded;
    if (auto problem = decode_head(bytes, decoded, rest)) return damaged(*problem);
    if (auto problem = decode_lines(rest, decoded)) return damaged(*problem);
    decoded.content_offset = bytes.size();
    return decoded;
}

std::optional<std::string> unescape_value(std::string_view text) {
    std::string value;
    value.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            value += text[i];
            continue;
        }
        if (++i == text.size()) return std::nullopt;
        if (text[i] == 'n') {
            value += '\n';
        } else if (text[i] == 'r') {
            value += '\r';
        } else if (text[i] == '\\') {
            value += '\\';
        } else {
            return std::nullopt;
        }
    }
    return value;
}

bool Envelope::has_feature(std::string_view name) const {
    return std::any_of(features.begin(), features.end(), [&](const std::string& feature) {
        return starts_with_ignoring_case(feature, name) &&
               (feature.size() == name.size() || feature[name.size()] == '=');
    });
}

std::string to_debug_string(const Envelope& envelope) {
    const auto encoded = encode_envelope(envelope, std::string(16, '\0'));
    if (!encoded) return encoded.error().to_debug_string();
    std::string text = encoded->bytes.substr(envelope_head_size);
    std::replace(text.begin(), text.end(), '\n', '|');
    return text;
}

}  // namespace sluice::queue
