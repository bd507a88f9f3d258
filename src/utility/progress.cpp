#include "utility/progress.h"

#include <algorithm>

#include "utility/qm_layout.h"

namespace sluice::utility {

namespace {

constexpr std::chrono::seconds first_after{1};
constexpr std::chrono::milliseconds between{100};
constexpr std::size_t bar_width = 30;
constexpr std::size_t label_width = 8;

}  // namespace

std::string progress_line(
    const std::string& what,
    std::uint64_t done,
    std::uint64_t total,
    std::chrono::milliseconds elapsed
) {
    std::string line = pad_right(what, label_width);
    if (total == 0) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(elapsed);
        return line + ' ' + std::to_string(done) + ", " + std::to_string(seconds.count()) + " s";
    }
    done = std::min(done, total);
    const auto filled = static_cast<std::size_t>(done * bar_width / total);
    line += " [" + std::string(filled, '#') + std::string(bar_width - filled, ' ') + "] " +
            pad_left(std::to_string(done * 100 / total), 3) + " %  " + std::to_string(done) + '/' +
            std::to_string(total);
    if (done == 0) return line;
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(
        elapsed * static_cast<std::int64_t>(total - done) / static_cast<std::int64_t>(done)
    );
    return line + "  " + std::to_string(left.count()) + " s left";
}

Progress::Progress(Console& console, std::string what, std::uint64_t total)
    : console_(console),
      what_(std::move(what)),
      total_(total),
      start_(system_clock().mono_now()),
      next_draw_(start_ + first_after) {}

Progress::~Progress() {
    if (shown_) console_.show_status({});
}

void Progress::advance(std::uint64_t count) {
    done_ += count;
    if (!console_.has_status()) return;
    const MonoTime now = system_clock().mono_now();
    if (now >= next_draw_) draw(now);
}

void Progress::draw(MonoTime now) {
    next_draw_ = now + between;
    shown_ = true;
    console_.show_status(progress_line(
        what_, done_, total_, std::chrono::duration_cast<std::chrono::milliseconds>(now - start_)
    ));
}

}  // namespace sluice::utility
