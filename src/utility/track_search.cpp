#include "utility/track_search.h"

#include <algorithm>
#include <map>

#include "base/bytes.h"

namespace sluice::utility {

namespace {

using tracking::Group;
using tracking::Key;
using tracking::Record;
using tracking::Selection;

// One story: more than anybody reads, and a bound for the memory.
constexpr std::size_t most_lines = 50'000;
constexpr std::size_t most_keys = 5'000;
constexpr std::size_t most_told_lines = 500'000;

bool has_key(const std::vector<Key>& keys, const std::string& id) {
    return std::any_of(keys.begin(), keys.end(), [&](const Key& key) { return key.id == id; });
}

// Numbers of qmail's deliveries begin again with each start: such a line belongs here only if the
// message that it names does.
bool is_of_another_message(
    const std::vector<Key>& keys, const Key& by, const std::set<std::string>& visited
) {
    if (by.id.front() != 'd') return false;
    return std::any_of(keys.begin(), keys.end(), [&](const Key& key) {
        return key.id.front() == 'm' && !visited.contains(key.id);
    });
}

}  // namespace

struct MessageSearch::Lines {
    std::map<Place, std::string> texts;
    std::set<std::string> keys;
    bool cut = false;
};

log_index::Question question_of(const Selection& selection) {
    log_index::Question question;
    for (tracking::FindText& one : selection.find_texts())
        question.texts.push_back({std::move(one.text), one.fragment});
    question.since = selection.since;
    question.until = selection.until;
    return question;
}

bool group_matches(
    const Group& group,
    const Selection& selection,
    const tracking::LineReader& reader,
    tracking::TextMatch match
) {
    return std::any_of(group.lines.begin(), group.lines.end(), [&](const auto& line) {
        return selection.matches(reader.read(line.text), match);
    });
}

void MessageSearch::run(const Selection& selection, const Sink& sink) {
    const auto question = question_of(selection);
    finder_.find(question, [&](const log_index::FoundLine& line) {
        const Place place{line.log, line.offset};
        if (told_lines_.contains(place)) return true;
        const std::string text(line.text);  // other blocks are read before this line is done
        const Record record = reader_.read(text);
        if (!selection.matches(record, match_)) return true;
        auto keys = tracking::message_keys(record);
        if (keys.empty()) return true;  // about a connection or a list, not about a message
        Lines lines;
        lines.texts.emplace(place, text);
        gather(std::move(keys), lines);
        tell(selection, lines, sink);
        return true;
    });
}

void MessageSearch::gather(std::vector<Key> keys, Lines& lines) {
    while (!keys.empty()) {
        const Key key = std::move(keys.back());
        keys.pop_back();
        if (!lines.keys.insert(key.id).second) continue;
        if (lines.keys.size() > most_keys || lines.texts.size() > most_lines) {
            lines.cut = true;
            return;
        }
        log_index::Question question;
        question.texts.push_back({key.find, false});
        finder_.find(question, [&](const log_index::FoundLine& line) {
            const std::string text(line.text);
            const auto found = tracking::message_keys(reader_.read(text));
            if (!has_key(found, key.id) || is_of_another_message(found, key, lines.keys))
                return true;
            lines.texts.emplace(Place{line.log, line.offset}, text);
            for (const Key& other : found) {
                if (!other.weak) keys.push_back(other);
            }
            return lines.texts.size() <= most_lines;
        });
    }
}

void MessageSearch::tell(const Selection& selection, Lines& lines, const Sink& sink) {
    tracking::GrouperSettings settings;
    settings.window = std::chrono::days(36'500);
    settings.linger = std::chrono::days(1);
    settings.most_octets = SIZE_MAX;
    const auto give = [&](Group&& group) {
        if (!group_matches(group, selection, reader_, match_)) return;
        group.flushed = group.flushed || lines.cut;
        sink(std::move(group));
    };
    tracking::Grouper grouper(settings, give);
    for (const auto& [place, text] : lines.texts) {
        grouper.add(reader_.read(text));
        if (told_lines_.size() < most_told_lines) told_lines_.insert(place);
    }
    grouper.finish();
    if (told_.size() < most_told_lines) told_.insert(lines.keys.begin(), lines.keys.end());
}

}  // namespace sluice::utility
