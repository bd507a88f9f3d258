#include "queue/history.h"

#include <algorithm>
#include <iterator>

#include "base/bytes.h"
#include "queue/checksum.h"
#include "queue/envelope.h"
#include "queue/timestamp.h"

namespace sluice::queue {

namespace {

constexpr std::string_view codes = "QZHGDWNAO";
constexpr std::string_view check_mark = " xxh3:";

/// A field between blanks: as a value, and blanks as "\s".
std::string escape_field(std::string_view value, std::string_view empty) {
    if (value.empty()) return std::string(empty);
    std::string text;
    for (const char c : escape_value(value)) {
        if (c == ' ') {
            text += "\\s";
        } else {
            text += c;
        }
    }
    return text == empty ? "\\" + text : text;
}

std::optional<std::string> unescape_field(std::string_view text, std::string_view empty) {
    if (text == empty) return std::string();
    std::string value;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            value += text[i];
            continue;
        }
        if (++i == text.size()) return std::nullopt;
        if (text[i] == 's') {
            value += ' ';
        } else if (text.size() == 2 && text.substr(1) == empty) {
            value += text[i];
        } else if (auto one = unescape_value(text.substr(i - 1, 2))) {
            value += *one;
        } else {
            return std::nullopt;
        }
    }
    return value;
}

/// Cut so that no escape is cut in half.
std::string text_field(std::string_view text) {
    std::string escaped = escape_value(text.substr(0, max_history_text));
    while (escaped.size() > max_history_text) {
        text.remove_suffix(1);
        escaped = escape_value(text.substr(0, max_history_text));
    }
    return escaped;
}

std::optional<std::string_view> next_field(std::string_view& line) {
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos || blank == 0) return std::nullopt;
    const std::string_view field = line.substr(0, blank);
    line.remove_prefix(blank + 1);
    return field;
}

template <class Number>
bool parse_number(std::string_view text, Number& number) {
    const auto value = parse_unsigned(text);
    if (!value || *value > 0xffffffffU) return false;
    number = static_cast<Number>(*value);
    return true;
}

bool parse_worker(std::string_view text, HistoryRecord& record) {
    const std::size_t dot = text.find('.');
    return dot != std::string_view::npos && parse_number(text.substr(0, dot), record.process) &&
           parse_number(text.substr(dot + 1), record.thread);
}

bool parse_text(std::string_view text, HistoryRecord& record) {
    auto value = unescape_value(text);
    if (!value) return false;
    record.text = *std::move(value);
    return true;
}

/// Splits the checksum off a done record; nullopt where it does not fit.
std::optional<std::string_view> checked_done(std::string_view line) {
    const std::size_t mark = line.rfind(check_mark);
    if (mark == std::string_view::npos) return std::nullopt;
    const auto hash = parse_hash(line.substr(mark + check_mark.size()));
    if (!hash || *hash != hash_of(line.substr(0, mark))) return std::nullopt;
    return line.substr(0, mark);
}

}  // namespace

std::string format_history(const HistoryRecord& record) {
    std::string line = "%" + format_timestamp(record.when);
    line += ' ' + escape_field(record.channel, "-");
    line += std::string(" ") + static_cast<char>(record.code);
    line += ' ' + std::to_string(record.attempt);
    line += ' ' + std::to_string(record.process) + '.' + std::to_string(record.thread);
    line += ' ' + escape_field(record.recipient, "*");
    line += ' ' + escape_field(record.host, "-");
    line += ' ' + text_field(record.text);
    // Readers act on done records: a torn or changed one must not finish another recipient.
    if (record.code == HistoryCode::done) {
        const std::uint64_t hash = hash_of(line);
        line.append(check_mark).append(format_hash(hash));
    }
    return line + '\n';
}

std::optional<HistoryRecord> parse_history_line(std::string_view line) {
    if (!line.starts_with('%') || line.find('\0') != std::string_view::npos) return std::nullopt;
    const std::string_view whole = line;
    line.remove_prefix(1);
    HistoryRecord record;
    const auto when = next_field(line);
    const auto channel = next_field(line);
    const auto code = next_field(line);
    if (!code || code->size() != 1 || codes.find(*code) == std::string_view::npos) {
        return std::nullopt;
    }
    record.code = static_cast<HistoryCode>(code->front());
    if (record.code == HistoryCode::done) {
        const auto checked = checked_done(whole);
        if (!checked) return std::nullopt;
        line.remove_suffix(whole.size() - checked->size());
    }
    const auto attempt = next_field(line);
    const auto worker = next_field(line);
    const auto recipient = next_field(line);
    const auto host = next_field(line);
    if (!host) return std::nullopt;
    const auto time = parse_timestamp(*when);
    auto channel_name = unescape_field(*channel, "-");
    auto address = unescape_field(*recipient, "*");
    auto host_name = unescape_field(*host, "-");
    if (!time || !channel_name || !address || !host_name) return std::nullopt;
    record.when = *time;
    record.channel = *std::move(channel_name);
    record.recipient = *std::move(address);
    record.host = *std::move(host_name);
    if (!parse_number(*attempt, record.attempt) || !parse_worker(*worker, record) ||
        !parse_text(line, record)) {
        return std::nullopt;
    }
    return record;
}

std::vector<HistoryRecord> parse_history(std::string_view area) {
    std::vector<HistoryRecord> records;
    while (true) {
        const std::size_t end = area.find('\n');
        if (end == std::string_view::npos) return records;
        if (auto record = parse_history_line(area.substr(0, end))) {
            records.push_back(*std::move(record));
        }
        area.remove_prefix(end + 1);
    }
}

namespace {

bool is_warning(const HistoryRecord& record) {
    return record.code == HistoryCode::delay_warning;
}

}  // namespace

std::vector<HistoryRecord> shorten_history(std::vector<HistoryRecord> records, std::size_t limit) {
    if (records.size() <= limit || limit < 3) return records;
    // The beginning tells how it started, the end how it is: the larger half.
    const std::size_t first = (limit - 1) / 2;
    std::size_t last = limit - 1 - first;
    // The last warning decides whether the sender is warned again.
    const auto middle = records.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = records.end() - static_cast<std::ptrdiff_t>(last - 1);
    const auto warning = std::find_if(
        std::make_reverse_iterator(end), std::make_reverse_iterator(middle), is_warning
    );
    std::optional<HistoryRecord> kept;
    if (warning != std::make_reverse_iterator(middle)) {
        kept = *warning;
        --last;
    }
    std::size_t omitted = 0;
    for (std::size_t i = first; i < records.size() - last; ++i) {
        if (kept && records[i] == *kept) continue;
        const bool again = records[i].code == HistoryCode::omitted;
        omitted +=
            again ? parse_unsigned(records[i].text.substr(0, records[i].text.find(' '))).value_or(1)
                  : 1;
    }
    HistoryRecord mark = records[first];
    mark.code = HistoryCode::omitted;
    mark.recipient.clear();
    mark.host.clear();
    mark.text = std::to_string(omitted) + " lines omitted";
    std::vector<HistoryRecord> shortened(
        records.begin(), records.begin() + static_cast<std::ptrdiff_t>(first)
    );
    shortened.push_back(std::move(mark));
    if (kept) shortened.push_back(*std::move(kept));
    shortened.insert(
        shortened.end(), records.end() - static_cast<std::ptrdiff_t>(last), records.end()
    );
    return shortened;
}

}  // namespace sluice::queue
