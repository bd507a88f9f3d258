#include "smtp/line_reader.h"

#include <algorithm>
#include <utility>

namespace sluice::smtp {

std::optional<LineReader::Line> LineReader::next(std::string_view& input) {
    skip_line_feed(input);
    while (!input.empty()) {
        if (previous_cr_ && input.front() != '\n') {
            previous_cr_ = false;
            if (auto line = fault(Kind::bare_line_end)) return line;
            continue;
        }
        const std::size_t at = std::min(input.find_first_of("\r\n"), input.size());
        const bool is_whole_line = at + 1 < input.size() && input[at] == '\r' &&
                                   input[at + 1] == '\n' && buffer_.empty() && !swallowing_;
        if (is_whole_line && at <= limit_) {  // the usual case: no copy
            const std::string_view text = input.substr(0, at);
            input.remove_prefix(at + 2);
            return Line{Kind::complete, text};
        }
        const bool fits = take_text(input.substr(0, at));
        input.remove_prefix(at);
        if (!fits) return fault(Kind::too_long);
        if (input.empty()) break;
        const bool is_lf = input.front() == '\n';
        input.remove_prefix(1);
        auto line = is_lf ? on_line_feed() : on_carriage_return();
        skip_line_feed(input);
        if (line) return line;
    }
    return std::nullopt;
}

void LineReader::skip_line_feed(std::string_view& input) {
    if (!skip_lf_ || input.empty()) return;
    skip_lf_ = false;
    if (input.front() == '\n') input.remove_prefix(1);
}

void LineReader::clear() {
    buffer_.clear();
    previous_cr_ = skip_lf_ = swallowing_ = false;
    swallowed_ = 0;
}

// False when the line grew over the limit by this.
bool LineReader::take_text(std::string_view text) {
    if (swallowing_) {
        swallowed_ += text.size();
        return true;
    }
    const std::size_t room = limit_ - std::min(limit_, buffer_.size());
    buffer_ += text.substr(0, room);
    return text.size() <= room;
}

std::optional<LineReader::Line> LineReader::on_line_feed() {
    const bool after_cr = std::exchange(previous_cr_, false);
    if (after_cr || accepts_bare_lf(endings_)) return complete_line();
    return fault(Kind::bare_line_end);
}

std::optional<LineReader::Line> LineReader::on_carriage_return() {
    if (!accepts_bare_cr(endings_)) {
        previous_cr_ = true;
        return std::nullopt;
    }
    skip_lf_ = true;
    return complete_line();
}

std::optional<LineReader::Line> LineReader::complete_line() {
    if (std::exchange(swallowing_, false)) {
        swallowed_ = 0;
        return std::nullopt;
    }
    line_.swap(buffer_);
    buffer_.clear();
    return Line{Kind::complete, line_};
}

std::optional<LineReader::Line> LineReader::fault(Kind kind) {
    if (swallowing_) return std::nullopt;
    swallowing_ = true;
    line_.swap(buffer_);
    buffer_.clear();
    return Line{kind, line_};
}

}  // namespace sluice::smtp
