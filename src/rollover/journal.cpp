#include "rollover/journal.h"

#include <array>
#include <vector>

#include "base/bytes.h"

namespace sluice::rollover {

namespace {

constexpr std::string_view magic = "rollover-1";
constexpr std::array<std::string_view, 3> stages{"append", "appended", "removed"};

}  // namespace

std::string format_journal(const Journal& journal) {
    std::string text(magic);
    text += ' ';
    text += stages[static_cast<std::size_t>(journal.stage)];
    for (const std::uint64_t number :
         {journal.cumulative.device, journal.cumulative.inode, journal.cumulative_size,
          journal.yesterday.device, journal.yesterday.inode, journal.yesterday_size})
        text += ' ' + std::to_string(number);
    return text + '\n';
}

std::optional<Journal> parse_journal(std::string_view text) {
    if (!text.ends_with('\n')) return std::nullopt;
    text.remove_suffix(1);
    const std::vector<std::string_view> words = split(text, ' ');
    constexpr std::size_t numbers_at = 2;
    std::array<std::uint64_t, 6> numbers{};
    if (words.size() != numbers_at + numbers.size() || words[0] != magic) return std::nullopt;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto number = parse_unsigned(words[numbers_at + i]);
        if (!number) return std::nullopt;
        numbers[i] = *number;
    }
    for (std::size_t i = 0; i < stages.size(); ++i) {
        if (words[1] != stages[i]) continue;
        return Journal{
            static_cast<Journal::Stage>(i),
            {numbers[0], numbers[1]},
            numbers[2],
            {numbers[3], numbers[4]},
            numbers[5]};
    }
    return std::nullopt;
}

}  // namespace sluice::rollover
