#include "tracking/sun_reader.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "tracking/entry_text.h"
#include "tracking/sun_fields.h"
#include "tracking/text_cursor.h"

namespace sluice::tracking {

namespace {

/// What stands in front of the size of a message entry or behind the sign of a connection entry.
struct Head {
    std::vector<std::string_view> words;  ///< node, process, channels
    std::string_view code;
    std::string_view sign;  ///< "+" or "-" of a connection entry
    std::string_view rest;  ///< behind the code, without the blank
};

// "rfc822;", perhaps counted: where the original recipient stands.
bool has_recipient_type(std::string_view text) {
    for (std::size_t end = text.find(';'); end != std::string_view::npos;
         end = text.find(';', end + 1)) {
        std::string_view word = text.substr(0, end);
        word = word.substr(word.rfind(' ') + 1);  // npos + 1 is 0
        word = word.substr(word.find(':') + 1);
        if (!word.empty() &&
            std::all_of(word.begin(), word.end(), [](char c) { return is_alnum(c) || c == '-'; }))
            return true;
    }
    return false;
}

// "3 from rfc822;to", "3  rfc822;to", "0:rfc822;".
bool begins_like_envelope(std::string_view rest) {
    TextCursor in(rest);
    if (!in.digits() || !in.take(" ")) return false;
    return has_recipient_type(in.rest());
}

bool looks_like_transport(std::string_view rest) {
    return rest.empty() || rest.starts_with("TCP|") || rest.find("TCP|") < 6 ||
           rest.starts_with("SMTP") || rest.starts_with("LMTP") || rest.starts_with(' ') ||
           rest.starts_with("0:");
}

std::optional<Head> find_head(std::string_view body) {
    constexpr std::size_t most_words = 4;
    Head head;
    TextCursor in(body);
    while (true) {
        in.skip_blanks();
        if (in.at_end()) return std::nullopt;
        const std::string_view word = in.word();
        const bool after_sign =
            !head.words.empty() && (head.words.back() == "+" || head.words.back() == "-");
        if (after_sign && is_code(word, connection_letters) && looks_like_transport(in.rest())) {
            head.sign = head.words.back();
            head.words.pop_back();
        } else if (head.words.empty() || !is_code(word, message_letters) || !begins_like_envelope(in.rest())) {
            if (head.words.size() > most_words) return std::nullopt;
            head.words.push_back(word);
            continue;
        }
        head.code = word;
        head.rest = in.rest();
        return head;
    }
}

/// Node and process from the first words, which are dropped; the channels stay.
bool take_origin(
    Head& head,
    bool has_second_channel,
    const ExpectedOptions* expected,
    Record& record,
    log::Event& event
) {
    auto& words = head.words;
    const auto is_process = [&](std::size_t i) {
        return i + 1 < words.size() && parse_process(words[i]).has_value();
    };
    const std::size_t channels = has_second_channel ? 2 : 1;
    bool node = false;
    if (is_process(1) && !(is_process(0) && words.size() == channels + 1)) {
        node = true;
    } else if (!is_process(0)) {
        node = expected != nullptr ? expected->options.node && words.size() > 1
                                   : words.size() > channels;
    }
    if (node) {
        event.node = words.front();
        words.erase(words.begin());
    }
    if (is_process(0)) {
        event.process = *parse_process(words.front());
        record.shows.process = true;
        words.erase(words.begin());
    }
    record.shows.node = node;
    return !words.empty() && words.size() <= 2;
}

std::string_view shown_address(std::string_view text, log::LogOptions& shows) {
    if (text != "<>") return text;
    shows.format = 2;
    return {};
}

// The line's own event and options stay as they are where the expected ones do not fit.
bool read_as_expected(
    const SunFields& fields,
    const ExpectedOptions* expected,
    log::Event& event,
    log::LogOptions& shows
) {
    if (expected == nullptr) return false;
    log::LogOptions options = expected->options;
    for (const unsigned connection : expected->connections_of(event.source_channel)) {
        options.connection = connection;
        if (event.kind == log::EventKind::bad_command && !fields.is_counted()) {
            if (read_command_as_expected(fields, options, event, shows)) return true;
            continue;
        }
        SunFields copy = fields;
        log::Event attempt = event;
        if (!read_expected_fields(copy, options, attempt, shows)) continue;
        event = std::move(attempt);
        return true;
    }
    return false;
}

bool read_message(Head& head, const ExpectedOptions* expected, Record& record) {
    log::Event event;
    log::LogOptions& shows = record.shows;
    apply_code(head.code, false, event);
    if (!take_origin(head, event.kind == log::EventKind::enqueued, expected, record, event))
        return false;
    event.source_channel = head.words.front();
    if (head.words.size() == 2) event.destination_channel = head.words.back();
    TextCursor in(head.rest);
    const auto size = parse_unsigned(in.word());
    if (expected != nullptr)
        shows.block_size = std::max<std::uint64_t>(1, expected->options.block_size);
    if (!size || *size > UINT64_MAX / shows.block_size) return false;
    event.bytes = *size * shows.block_size;
    SunFields fields(in.rest());
    if (fields.is_counted()) shows.format = 3;
    event.sender = shown_address(fields.sender(), shows);
    const std::string_view original = fields.original_recipient();
    apply_original_recipient(original, event);
    event.original_recipient = shown_address(event.original_recipient, shows);
    const bool is_command = event.kind == log::EventKind::bad_command;
    if (!is_command)
        event.recipient = shown_address(fields.address(), shows);
    else if (fields.is_counted())
        event.command = fields.command();
    if (!read_as_expected(fields, expected, event, shows)) {
        if (is_command && !fields.is_counted()) event.command = fields.command();
        read_fields_by_looks(fields, event, shows);
    }
    shows.modifiers = true;  // the code says itself which ones it has
    apply_status(event);
    record.events.push_back(std::move(event));
    return true;
}

bool read_connection(Head& head, const ExpectedOptions* expected, Record& record) {
    log::Event event;
    apply_code(head.code, true, event);
    if (!take_origin(head, false, expected, record, event) || head.words.size() != 1) return false;
    event.source_channel = head.words.front();
    event.direction = head.sign == "+" ? log::Direction::inbound : log::Direction::outbound;
    record.shows.connection = log::connection_bit::sessions | log::connection_bit::etrn |
                              log::connection_bit::authentication;
    SunFields fields(head.rest);
    if (fields.is_counted()) record.shows.format = 3;
    const log::LogOptions* options = expected != nullptr ? &expected->options : nullptr;
    read_connection_fields(fields, options, event, record.shows);
    record.shows.modifiers = true;
    apply_status(event);
    record.events.push_back(std::move(event));
    return true;
}

// "> Name: value" of others, "[node] [process] Name: value" of ours.
bool read_header_line(std::string_view body, const ExpectedOptions* expected, Record& record) {
    log::Event event;
    event.kind = log::EventKind::header_line;
    TextCursor in(body);
    const bool marked = in.take("> ");
    if (!marked) {
        TextCursor ahead = in;
        const std::string_view first = ahead.word();
        const bool has_node = !first.ends_with(':') && !parse_process(first);
        // Only who knows that nodes are logged takes a stranger's first word for one.
        if (has_node) {
            if (expected == nullptr || !expected->options.node) return false;
            event.node = first;
            record.shows.node = true;
            in = ahead;
        }
        TextCursor behind = in;
        if (const auto process = parse_process(behind.word())) {
            event.process = *process;
            record.shows.process = true;
            in = behind;
        }
    }
    const std::string_view line = in.rest();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 ||
        line.substr(0, colon).find(' ') != std::string_view::npos)
        return false;
    if (!marked && (colon + 1 >= line.size() || line[colon + 1] != ' ')) return false;
    event.header_line = line;
    record.entry = "header";
    record.events.push_back(std::move(event));
    return true;
}

}  // namespace

bool read_sun(
    std::string_view body, const std::optional<ExpectedOptions>& expected, Record& record
) {
    const ExpectedOptions* options = expected ? &*expected : nullptr;
    const bool is_header = body.starts_with("> ");
    auto head = is_header ? std::nullopt : find_head(body);
    bool understood = false;
    if (head) {
        record.entry = head->code;
        understood = head->sign.empty() ? read_message(*head, options, record)
                                        : read_connection(*head, options, record);
    }
    if (!understood) {
        record.entry = {};
        record.events.clear();
        record.shows = {};
        understood = read_header_line(body, options, record);
    }
    if (!understood) return false;
    record.dialect = Dialect::sun;
    return true;
}

}  // namespace sluice::tracking
