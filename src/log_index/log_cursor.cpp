#include "log_index/log_cursor.h"

#include <memory>

namespace sluice::log_index {

bool LogCursor::fill() {
    constexpr std::size_t chunk = 256UL << 10U;
    buffer_.erase(0, at_);
    at_ = 0;
    const std::string more = logs_[log_].read(offset_, chunk);
    offset_ += more.size();
    buffer_ += more;
    return !more.empty();
}

std::optional<std::string_view> LogCursor::next() {
    std::size_t searched = 0;
    while (log_ < logs_.size()) {
        const std::size_t feed = buffer_.find('\n', at_ + searched);
        const std::size_t have = buffer_.size() - at_;
        if (feed != std::string::npos || have > longest_line) {
            const std::size_t end = feed != std::string::npos ? feed : buffer_.size();
            const std::string_view line = std::string_view(buffer_).substr(at_, end - at_);
            at_ = std::min(buffer_.size(), end + 1);
            return line;
        }
        searched = have;
        if (fill()) continue;
        // A last line may lack its line end.
        const std::size_t begin = at_;
        at_ = buffer_.size();
        ++log_;
        offset_ = 0;
        searched = 0;
        if (begin < buffer_.size()) return std::string_view(buffer_).substr(begin);
    }
    return std::nullopt;
}

std::optional<WallTime> time_of_line(std::string_view text, const tracking::StampSettings& stamps) {
    for (const std::string_view mark : {"<", "{"}) {
        if (!text.starts_with(mark)) continue;
        const std::string_view name = mark == "<" ? " ts=\"" : "\"ts\":\"";
        const std::size_t at = text.find(name);
        if (at == std::string_view::npos) return std::nullopt;
        text.remove_prefix(at + name.size());
        text = text.substr(0, text.find('"'));
        break;
    }
    const auto stamp = tracking::take_stamp(text, stamps);
    return stamp ? stamp->time : std::nullopt;
}

namespace {

/// One sequence, with the line that comes next.
struct Head {
    LogCursor cursor;
    std::optional<std::string_view> line;
    WallTime time{};

    void advance(const tracking::StampSettings& stamps) {
        line = cursor.next();
        if (!line) return;
        if (const auto own = time_of_line(*line, stamps)) time = *own;
    }
};

}  // namespace

void merge_logs(
    const std::vector<const std::vector<LogSource>*>& sequences,
    const tracking::StampSettings& stamps,
    const std::function<bool(std::string_view)>& line
) {
    std::vector<std::unique_ptr<Head>> heads;
    for (const auto* logs : sequences) {
        heads.push_back(std::make_unique<Head>(Head{LogCursor(*logs), {}, {}}));
        heads.back()->advance(stamps);
    }
    while (true) {
        Head* first = nullptr;
        for (const auto& head : heads) {
            if (head->line && (first == nullptr || head->time < first->time)) first = head.get();
        }
        if (first == nullptr || !line(*first->line)) return;
        first->advance(stamps);
    }
}

}  // namespace sluice::log_index
