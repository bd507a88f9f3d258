#include "smtp/data_decoder.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace sluice::smtp {

DataDecoder::DataDecoder(
    LineEndings endings, LongLines long_lines, std::size_t line_limit, bool dots
)
    : endings_(endings), long_lines_(long_lines), text_limit_(line_limit - 2), dots_(dots) {
    assert(line_limit >= LineMasks::block_size + 2);  // overflow_at() looks at one line a block
}

std::string_view DataDecoder::next(std::string_view& input) {
    while (state_ != State::finished) {
        if (!pending_.empty()) return counted(std::exchange(pending_, {}));
        if (input.empty()) break;
        std::string_view run;
        switch (state_) {
            case State::text:
                run = text_run(input);
                break;
            case State::dot:
            case State::dot_cr:
                after_dot(input);
                break;
            case State::dropping:
                drop_line(input);
                break;
            case State::finished:
                break;
        }
        if (!run.empty() && fault_ == Fault::none) return counted(run);
    }
    return {};
}

std::string_view DataDecoder::end_of_chunks() {
    const bool lone_cr = previous_cr_ && fault_ == Fault::none;
    if (lone_cr && !accepts_bare_cr(endings_)) fault_ = Fault::bare_cr;
    const bool close_line = fault_ == Fault::none && (lone_cr || state_ == State::dropping);
    const bool cr_is_out = lone_cr && state_ == State::text;
    state_ = State::finished;
    return close_line ? counted(cr_is_out ? "\n" : "\r\n") : std::string_view();
}

std::string_view DataDecoder::counted(std::string_view run) {
    octets_ += run.size();
    return run;
}

// The run up to the next event; the event itself is handled, what it puts in is in pending_.
std::string_view DataDecoder::text_run(std::string_view& input) {
    const Found found = scan(input);
    const std::string_view run = input.substr(0, found.at);
    input.remove_prefix(found.at);
    switch (found.event) {
        case Event::none:
            break;
        case Event::bare:
            handle_bare(input);
            break;
        case Event::overflow:
            handle_overflow();
            break;
        case Event::dot:
            input.remove_prefix(1);
            state_ = State::dot;
            break;
    }
    return run;
}

DataDecoder::Found DataDecoder::scan(std::string_view input) {
    std::size_t done = 0;
    while (done < input.size()) {
        const char* block = input.data() + done;
        const std::size_t size = std::min(LineMasks::block_size, input.size() - done);
        const LineMasks masks = LineMasks::of(block, size);
        const Found found = find_event(masks, block, size);
        pass(masks, found.at);
        done += found.at;
        if (found.event != Event::none) return {found.event, done};
    }
    return {Event::none, done};
}

// A CR LF pair is a CR bit followed by an LF bit. Shifting the CR bits up by one (the octet before
// the block comes in at the bottom) must give the LF bits; every difference is a bare one.
DataDecoder::Found DataDecoder::find_event(
    const LineMasks& masks, const char* block, std::size_t size
) const {
    Found found{Event::none, size};
    const auto consider = [&](Event event, std::size_t at) {
        if (at < found.at) found = {event, at};
    };
    if (fault_ == Fault::none) {
        const std::uint64_t expected_lf = (masks.cr << 1U) | (previous_cr_ ? 1U : 0U);
        consider(Event::bare, first_bit((masks.lf ^ expected_lf) & low_bits(size)));
        consider(Event::overflow, overflow_at(masks, block, size));
        if (dots_) {
            const std::uint64_t starts = (masks.lf << 1U) | (line_start_ ? 1U : 0U);
            consider(Event::dot, first_bit(masks.dot & starts));
        }
    } else if (dots_) {
        // Nothing comes out any more; only the true end matters: a dot after CR LF.
        const std::uint64_t after_cr = (masks.cr << 1U) | (previous_cr_ ? 1U : 0U);
        const std::uint64_t starts = ((masks.lf & after_cr) << 1U) | (line_start_ ? 1U : 0U);
        consider(Event::dot, first_bit(masks.dot & starts));
    }
    return found;
}

// Where a line that began before this block grows too long in it. Lines that begin in the block
// cannot: a block is shorter than any limit worth having, and pass() carries their length on.
std::size_t DataDecoder::overflow_at(const LineMasks& masks, const char* block, std::size_t size)
    const {
    if (line_text_ > text_limit_) return size;  // its CR was the last octet that fits
    const std::size_t at = text_limit_ - line_text_;
    if (at >= size || (masks.lf & low_bits(at)) != 0) return size;
    return block[at] == '\r' || block[at] == '\n' ? size : at;
}

void DataDecoder::pass(const LineMasks& masks, std::size_t count) {
    if (count == 0) return;
    const std::uint64_t here = low_bits(count);
    saw_nul_ = saw_nul_ || (masks.nul & here) != 0;
    saw_eight_bit_ = saw_eight_bit_ || (masks.eight_bit & here) != 0;
    const std::uint64_t lf = masks.lf & here;
    const bool cr_before_last = count >= 2 ? bit_at(masks.cr, count - 2) : previous_cr_;
    line_start_ = bit_at(lf, count - 1) && cr_before_last;
    previous_cr_ = bit_at(masks.cr, count - 1);
    line_text_ = lf != 0 ? count - 1 - last_bit(lf) : line_text_ + count;
}

// Either the octet in front is an LF without CR, or the octet before it was a CR without LF.
void DataDecoder::handle_bare(std::string_view& input) {
    const bool is_cr = previous_cr_;
    if (is_cr ? accepts_bare_cr(endings_) : accepts_bare_lf(endings_)) {
        pending_ = is_cr ? "\n" : "\r\n";
        if (!is_cr) input.remove_prefix(1);
        start_line(false);
    } else {
        fault_ = is_cr ? Fault::bare_cr : Fault::bare_lf;
    }
}

void DataDecoder::handle_overflow() {
    switch (long_lines_) {
        case LongLines::truncate:
            state_ = State::dropping;
            break;
        case LongLines::reject:
            fault_ = Fault::long_line;
            break;
        case LongLines::wrap:
            pending_ = "\r\n";
            start_line(false);
            break;
    }
}

void DataDecoder::start_line(bool wire_line) {
    previous_cr_ = false;
    line_start_ = wire_line;
    line_text_ = 0;
}

// A dot at the start of a line is gone by now: the end if CR LF follows, transparency otherwise.
void DataDecoder::after_dot(std::string_view& input) {
    const char c = input.front();
    if (state_ == State::dot && c == '\r') {
        input.remove_prefix(1);
        state_ = State::dot_cr;
    } else if (state_ == State::dot) {
        start_line(false);
        state_ = State::text;
    } else if (c == '\n') {
        input.remove_prefix(1);
        state_ = State::finished;
    } else {  // CR without LF: text_run() will find that
        if (fault_ == Fault::none) pending_ = "\r";
        start_line(false);
        previous_cr_ = true;
        line_text_ = 1;
        state_ = State::text;
    }
}

void DataDecoder::drop_line(std::string_view& input) {
    while (!input.empty() && state_ == State::dropping) {
        const char c = input.front();
        if (previous_cr_ && c == '\n') {
            input.remove_prefix(1);
            end_dropped_line(true);
        } else if (previous_cr_) {  // a bare CR before this octet
            if (accepts_bare_cr(endings_)) return end_dropped_line(false);
            fault_ = Fault::bare_cr;
            state_ = State::text;
        } else if (c == '\n') {
            if (accepts_bare_lf(endings_)) {
                input.remove_prefix(1);
                return end_dropped_line(false);
            }
            fault_ = Fault::bare_lf;
            state_ = State::text;
        } else {
            previous_cr_ = c == '\r';
            saw_nul_ = saw_nul_ || c == '\0';
            saw_eight_bit_ = saw_eight_bit_ || static_cast<unsigned char>(c) >= 0x80;
            input.remove_prefix(1);
        }
    }
}

void DataDecoder::end_dropped_line(bool line_start) {
    pending_ = "\r\n";
    start_line(line_start);
    state_ = State::text;
}

}  // namespace sluice::smtp
