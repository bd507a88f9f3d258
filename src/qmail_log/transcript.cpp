#include "qmail_log/transcript.h"

#include <limits>
#include <utility>

#include "base/bytes.h"
#include "log/sanitise.h"

namespace sluice::qmail_log {

namespace {

/// Longer lines are shown in pieces.
constexpr std::size_t longest_piece = 1000;

}  // namespace

void Transcript::client_said(std::string_view octets, Said what, WallTime now) {
    if (octets.empty()) return;
    if (what == Said::content && !settings_.full) {
        hidden_octets_ += octets.size();
        return;
    }
    show_content_size(now);
    take('<', kept_, octets, now);
    write_(std::exchange(lines_, {}));
}

void Transcript::server_said(std::string_view octets, WallTime now) {
    if (octets.empty()) return;
    show_content_size(now);
    std::string kept;
    take('>', kept, octets, now);
    if (!kept.empty()) show('>', kept, true, now);
    write_(std::exchange(lines_, {}));
}

void Transcript::finish(WallTime now) {
    show_content_size(now);
    if (!kept_.empty()) show('<', std::exchange(kept_, {}), true, now);
    if (!lines_.empty()) write_(std::exchange(lines_, {}));
}

void Transcript::take(char direction, std::string& kept, std::string_view octets, WallTime now) {
    while (!octets.empty()) {
        const std::size_t end = octets.find('\n');
        kept += octets.substr(0, end);
        if (end == std::string_view::npos) {
            while (kept.size() > longest_piece) {
                show(direction, std::string_view(kept).substr(0, longest_piece), true, now);
                kept.erase(0, longest_piece);
            }
            return;
        }
        octets.remove_prefix(end + 1);
        if (kept.ends_with('\r')) kept.pop_back();
        show(direction, std::exchange(kept, {}), false, now);
    }
}

void Transcript::show(char direction, std::string_view line, bool goes_on, WallTime now) {
    constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max() / 8;
    do {
        const std::string_view piece = line.substr(0, longest_piece);
        line.remove_prefix(piece.size());
        // Of AUTH the mechanism stays, of the rest of a line that goes on nothing.
        const bool begins = direction == '<' && !in_line_;
        if (begins) in_auth_ = starts_with_ignoring_case(trim(piece), "AUTH");
        std::string shown = log::sanitise_text(piece, no_limit);
        if (direction == '<' && in_auth_) shown = begins ? log::sanitise_command(piece) : "";
        if (direction == '<') in_line_ = !line.empty() || goes_on;
        lines_ += stamp_text(settings_.stamp, now) + std::to_string(settings_.session) + ' ' +
                  direction + ' ' + shown;
        lines_ += !line.empty() || goes_on ? "+\n" : "\n";
    } while (!line.empty());
}

void Transcript::show_content_size(WallTime now) {
    if (hidden_octets_ == 0) return;
    const std::string size = std::to_string(std::exchange(hidden_octets_, 0));
    lines_ += stamp_text(settings_.stamp, now) + std::to_string(settings_.session) + " < [" + size +
              " octets of a message]\n";
}

}  // namespace sluice::qmail_log
