#include "tracking/entry_text.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::tracking {

namespace {

using log::EventKind;

bool is_hex(std::string_view word) {
    return !word.empty() && word.size() <= 16 && std::all_of(word.begin(), word.end(), [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'f');
    });
}

std::uint64_t hex_value(std::string_view word) {
    std::uint64_t value = 0;
    for (const char c : word)
        value = value * 16 + static_cast<unsigned>(is_digit(c) ? c - '0' : c - 'a' + 10);
    return value;
}

EventKind message_kind(char letter) {
    switch (letter) {
        case 'B':
            return EventKind::bad_command;
        case 'E':
            return EventKind::enqueued;
        case 'H':
            return EventKind::held;
        case 'J':
            return EventKind::enqueue_refused;
        case 'K':
            return EventKind::discarded;
        case 'M':
            return EventKind::sender_accepted;
        case 'N':
            return EventKind::recipient_accepted;
        case 'Q':
        case 'F':
            return EventKind::deferred;
        case 'R':
            return EventKind::returned;
        case 'V':
            return EventKind::aborted;
        case 'W':
            return EventKind::warned;
        case 'Z':
            return EventKind::requeued;
        default:
            return EventKind::dequeued;
    }
}

EventKind connection_kind(char letter) {
    switch (letter) {
        case 'C':
            return EventKind::connection_closed;
        case 'X':
            return EventKind::connection_refused;
        case 'Y':
            return EventKind::connection_failed;
        case 'I':
            return EventKind::etrn;
        case 'U':
        case 'A':
            return EventKind::authentication;
        case 'T':
            return EventKind::connection_tagged;
        default:
            return EventKind::connection_opened;
    }
}

std::optional<Endpoint> parse_endpoint(std::string_view address, std::string_view port) {
    const auto ip = IpAddress::parse(address);
    const auto number = parse_unsigned(port);
    if (!ip || !number || *number > 65535) return std::nullopt;
    return Endpoint{*ip, static_cast<std::uint16_t>(*number)};
}

}  // namespace

bool is_code(std::string_view word, std::string_view letters) {
    constexpr std::string_view modifiers = "ESACLPUQ";
    constexpr std::size_t longest = 9;
    return !word.empty() && word.size() <= longest &&
           letters.find(word.front()) != std::string_view::npos &&
           word.find_first_not_of(modifiers, 1) == std::string_view::npos;
}

void apply_code(std::string_view code, bool is_connection, log::Event& event) {
    event.kind = is_connection ? connection_kind(code.front()) : message_kind(code.front());
    for (const char c : code.substr(1)) {
        event.modifiers.esmtp |= c == 'E';
        event.modifiers.tls |= c == 'S';
        event.modifiers.authenticated |= c == 'A';
        event.modifiers.chunking |= c == 'C';
        event.modifiers.lmtp |= c == 'L';
        event.modifiers.proxied |= c == 'P';
        event.modifiers.smtputf8 |= c == 'U';
    }
}

std::optional<log::ProcessTag> parse_process(std::string_view word) {
    const auto parts = split(word, '.');
    if (parts.size() < 2 || parts.size() > 3 || !is_hex(parts.front())) return std::nullopt;
    const auto count = parse_unsigned(parts.back());
    if (!count) return std::nullopt;
    log::ProcessTag tag;
    tag.pid = hex_value(parts.front());
    if (parts.size() == 3) {
        if (!is_hex(parts[1])) return std::nullopt;
        tag.thread = hex_value(parts[1]);
    }
    tag.count = *count;
    return tag;
}

std::optional<log::Transport> parse_transport(std::string_view word) {
    const auto parts = split(word, '|');
    if (parts.size() != 5 || parts.front() != "TCP") return std::nullopt;
    const auto local = parse_endpoint(parts[1], parts[2]);
    const auto remote = parse_endpoint(parts[3], parts[4]);
    if (!local || !remote) return std::nullopt;
    return log::Transport{*local, *remote};
}

log::SourceSystem parse_source(std::string_view text) {
    log::SourceSystem out;
    const std::size_t open = text.find(" (");
    if (open == std::string_view::npos || !text.ends_with(')')) {
        out.name = text;
        out.display = log::PeerDisplay::none;
        return out;
    }
    out.name = text.substr(0, open);
    std::string_view within = text.substr(open + 2, text.size() - open - 3);
    out.display = log::PeerDisplay::name_only;
    const std::size_t bracket = within.find('[');
    if (bracket != std::string_view::npos && within.ends_with(']')) {
        std::string_view address = within.substr(bracket + 1, within.size() - bracket - 2);
        if (starts_with_ignoring_case(address, "IPv6:")) address.remove_prefix(5);
        out.address = IpAddress::parse(address);
        if (out.address) {
            within = trim(within.substr(0, bracket));
            out.display = within.empty() ? log::PeerDisplay::address_only
                                         : log::PeerDisplay::name_and_address;
        }
    }
    out.reverse_name = within;
    return out;
}

void apply_original_recipient(std::string_view text, log::Event& event) {
    const std::size_t end = text.find(';');
    if (end == std::string_view::npos) {
        event.original_recipient = text;
        return;
    }
    event.original_recipient_type = text.substr(0, end);
    event.original_recipient = text.substr(end + 1);
}

void apply_message_ids(std::string_view text, log::Event& event) {
    const std::size_t second = text.find(">,<");
    event.message_id = text.substr(0, second == std::string_view::npos ? second : second + 1);
    if (second != std::string_view::npos) event.original_message_id = text.substr(second + 2);
}

void apply_status(log::Event& event) {
    // "smtp;550 5.1.1 text", "smtp; 553 text", "550 5.7.1 text".
    std::string_view text = event.diagnostic;
    const std::size_t reply = text.find("smtp;");
    if (reply != std::string_view::npos) {
        text = trim(text.substr(reply + 5));
        event.remote_text = text;
    }
    const auto words = split_words(text.substr(0, 40));
    if (words.empty() || words.front().size() != 3 || !parse_unsigned(words.front())) return;
    if (words.size() > 1) event.status = parse_status_code(words[1]);
}

std::chrono::milliseconds measured_time(std::uint64_t count) {
    constexpr std::uint64_t most = 1'000'000'000'000;
    return std::chrono::milliseconds(std::min(count, most));
}

bool is_queue_file(std::string_view word) {
    const std::size_t slash = word.rfind('/');
    if (slash == std::string_view::npos) return false;
    const std::string_view name = word.substr(slash + 1);
    const std::size_t point = name.rfind('.');
    return point != std::string_view::npos && point >= 6 && point + 1 < name.size();
}

std::string_view unique_part(std::string_view file_name) {
    const std::size_t slash = file_name.rfind('/');
    std::string_view name =
        slash == std::string_view::npos ? file_name : file_name.substr(slash + 1);
    name = name.substr(0, name.rfind('.'));
    constexpr std::size_t prefix = 2;
    return name.size() > prefix + 4 ? name.substr(prefix) : std::string_view();
}

}  // namespace sluice::tracking
