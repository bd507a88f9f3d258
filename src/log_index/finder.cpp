#include "log_index/finder.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "base/bytes.h"
#include "log_index/log_cursor.h"
#include "log_index/segment.h"

namespace sluice::log_index {

namespace {

using LineSink = std::function<bool(const FoundLine&)>;

// Lower case without branches: compilers make vector instructions of it.
void make_lower(std::string& text) {
    for (char& c : text) {
        const bool upper = c >= 'A' && c <= 'Z';
        c = static_cast<char>(c | (upper ? 0x20 : 0));
    }
}

bool has(std::string_view text, std::string_view part) {
    return ::memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

}  // namespace

struct Finder::Query {
    const Question& question;
    std::vector<Word> words;

    // `lower` in lower case.
    [[nodiscard]] bool may_be_in(std::string_view lower) const {
        return std::all_of(
            question.texts.begin(), question.texts.end(),
            [&](const Question::Text& one) { return has(lower, one.text); }
        );
    }
};

Finder::Finder(std::vector<LogSource> logs, const IndexStore* store)
    : logs_(std::move(logs)), store_(store) {
    for (const LogSource& log : logs_) known_.push_back(knows(log));
}

// The first and the last segment end as they did when they were made.
bool Finder::knows(const LogSource& log) const {
    if (store_ == nullptr || log.identity() == 0) return false;
    bool same = true;
    bool first = true;
    std::uint64_t last_end = 0;
    std::uint64_t last_hash = 0;
    store_->for_segments(log.identity(), [&](std::uint64_t start, std::string_view value) {
        const auto segment = SegmentView::open(value);
        if (!segment || start + segment_size > log.size()) return true;
        last_end = start + segment_size;
        last_hash = segment->tail_hash();
        if (first) same = log.tail_hash(last_end) == last_hash;
        first = false;
        return same;
    });
    return same && (last_end == 0 || log.tail_hash(last_end) == last_hash);
}

bool Finder::find(const Question& question, const LineSink& line) {
    Query query{question, {}};
    for (const Question::Text& text : question.texts) {
        const auto words = words_to_find(text.text, text.fragment);
        query.words.insert(query.words.end(), words.begin(), words.end());
    }
    for (std::size_t log = 0; log < logs_.size(); ++log) {
        if (!find_in_log(log, query, line)) return false;
    }
    return true;
}

bool Finder::find_in_log(std::size_t log, const Query& query, const LineSink& line) {
    const LogSource& source = logs_[log];
    std::uint64_t done = 0;
    bool go_on = true;
    const auto use_segment = [&](std::uint64_t start, std::string_view value) {
        const auto segment = SegmentView::open(value);
        if (!segment || start < done || start + segment_size > source.size()) return true;
        if (start > done) go_on = scan(log, done, start, query, line);
        done = start + segment_size;
        ++effort_.segments;
        for (const std::size_t block : segment->blocks_with(query.words)) {
            if (!go_on) break;
            const Question& question = query.question;
            if (!segment->may_be_between(block, question.since, question.until)) continue;
            ++effort_.blocks;
            const std::uint64_t begin = start + block * block_size;
            go_on = scan(log, begin, begin + block_size, query, line);
            effort_.scanned_octets -= block_size;
        }
        return go_on;
    };
    if (known_[log]) store_->for_segments(source.identity(), use_segment);
    if (go_on && done < source.size()) go_on = scan(log, done, source.size(), query, line);
    return go_on;
}

// Reads in pieces; lines are taken apart only where a piece has what is looked for.
bool Finder::scan(
    std::size_t log,
    std::uint64_t begin,
    std::uint64_t end,
    const Query& query,
    const LineSink& line
) {
    constexpr std::uint64_t piece = 256UL << 10U;
    constexpr std::size_t over = 16UL << 10U;  // a line that begins in a piece may end behind it
    const LogSource& source = logs_[log];
    effort_.scanned_octets += end - begin;
    std::string lower;
    for (std::uint64_t at = begin; at < end; at += piece) {
        const std::uint64_t until = std::min(end, at + piece);
        const auto size = static_cast<std::size_t>(until - at);
        lower = source.read(at, size + over);
        make_lower(lower);
        const bool complete =
            lower.size() < size + over || lower.find('\n', size) != std::string::npos;
        if (complete && !query.may_be_in(lower)) continue;
        const auto check = [&](std::uint64_t offset, std::string_view text) {
            lower.assign(text);
            make_lower(lower);
            return !query.may_be_in(lower) || line({log, offset, text});
        };
        if (!source.for_lines(at, until, false, check)) return false;
    }
    return true;
}

std::uint64_t Finder::uncovered() const {
    std::uint64_t total = 0;
    for (std::size_t log = 0; log < logs_.size(); ++log) {
        std::uint64_t covered = 0;
        if (known_[log]) {
            store_->for_segments(logs_[log].identity(), [&](std::uint64_t start, std::string_view) {
                if (start + segment_size <= logs_[log].size()) covered += segment_size;
                return true;
            });
        }
        total += logs_[log].size() - covered;
    }
    return total;
}

namespace {

std::string make_segment(
    const LogSource& log, std::uint64_t start, const tracking::StampSettings& stamps
) {
    SegmentBuilder builder;
    std::size_t timed = blocks_in_segment;
    log.for_lines(
        start, start + segment_size, false,
        [&](std::uint64_t offset, std::string_view text) {
            const auto block = static_cast<std::size_t>((offset - start) / block_size);
            std::optional<WallTime> time;
            if (block != timed) {
                std::string_view rest = text;
                if (const auto stamp = tracking::take_stamp(rest, stamps)) time = stamp->time;
                if (time) timed = block;
            }
            builder.add_line(block, text, time);
            return true;
        }
    );
    return builder.finish(log.tail_hash(start + segment_size));
}

}  // namespace

Result<std::size_t> update_index(
    IndexStore& store,
    const std::vector<LogSource>& logs,
    const tracking::StampSettings& stamps,
    const std::function<bool()>& may_go_on
) {
    std::size_t made = 0;
    std::set<std::uint64_t> present;
    for (const LogSource& log : logs) {
        if (log.identity() == 0) continue;
        present.insert(log.identity());
        for (std::uint64_t start = 0; start + segment_size <= log.size(); start += segment_size) {
            if (store.has(log.identity(), start)) continue;
            if (!may_go_on()) return made;
            auto put = store.put(log.identity(), start, make_segment(log, start, stamps));
            if (!put) return std::move(put).error();
            ++made;
        }
    }
    auto removed = store.keep_only(present);
    if (!removed) return std::move(removed).error();
    return made;
}

}  // namespace sluice::log_index
