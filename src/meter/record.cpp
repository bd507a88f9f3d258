#include "meter/record.h"

#include "base/bytes.h"

namespace sluice::meter {

namespace {

std::optional<std::string_view> next_word(std::string_view& rest) {
    const auto end = rest.find(' ');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return word;
}

std::optional<std::uint64_t> next_number(std::string_view& rest) {
    const auto word = next_word(rest);
    // One spelling for each number: equal records have equal octets.
    if (!word || word->empty() || (word->size() > 1 && word->front() == '0')) return std::nullopt;
    return parse_unsigned(*word);
}

std::optional<WallTime> next_time(std::string_view& rest) {
    constexpr std::uint64_t latest = std::uint64_t{1} << 62U;
    const auto number = next_number(rest);
    if (!number || *number > latest) return std::nullopt;
    return WallTime(std::chrono::microseconds(static_cast<std::int64_t>(*number)));
}

std::optional<Record::Kind> kind_of(std::string_view word) {
    if (word.size() != 1) return std::nullopt;
    for (const Record::Kind kind :
         {Record::Kind::window, Record::Kind::waiting, Record::Kind::known, Record::Kind::value}) {
        if (static_cast<char>(kind) == word.front()) return kind;
    }
    return std::nullopt;
}

std::string text_of(WallTime time) {
    return std::to_string(std::max<std::int64_t>(time.time_since_epoch().count(), 0));
}

}  // namespace

std::string encode(const Record& record) {
    return std::string(1, static_cast<char>(record.kind)) + ' ' + text_of(record.since) + ' ' +
           text_of(record.due) + ' ' + std::to_string(record.count) + ' ' + record.value;
}

std::optional<Record> decode(std::string_view octets) {
    const auto word = next_word(octets);
    const auto kind = word ? kind_of(*word) : std::nullopt;
    if (!kind) return std::nullopt;
    const auto since = next_time(octets);
    const auto due = next_time(octets);
    const auto count = next_number(octets);
    if (!since || !due || !count || octets.size() > longest_value) return std::nullopt;
    return Record{*kind, *since, *due, *count, std::string(octets)};
}

}  // namespace sluice::meter
