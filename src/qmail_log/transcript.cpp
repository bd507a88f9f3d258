#include "qmail_log/transcript.h"

#include <limits>
#include <utility>

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
    in_content_ = what == Said::content;
    take(Speaker::client, kept_, octets, now);
    write_(std::exchange(lines_, {}));
}

void Transcript::server_said(std::string_view octets, WallTime now) {
    if (octets.empty()) return;
    show_content_size(now);
    std::string kept;
    take(Speaker::server, kept, octets, now);
    if (!kept.empty()) show(Speaker::server, kept, true, now);
    write_(std::exchange(lines_, {}));
}

void Transcript::finish(WallTime now) {
    show_content_size(now);
    if (!kept_.empty()) show(Speaker::client, std::exchange(kept_, {}), true, now);
    if (!lines_.empty()) write_(std::exchange(lines_, {}));
}

void Transcript::take(Speaker speaker, std::string& kept, std::string_view octets, WallTime now) {
    while (!octets.empty()) {
        const std::size_t end = octets.find('\n');
        kept += octets.substr(0, end);
        if (end == std::string_view::npos) {
            while (kept.size() > longest_piece) {
                show(speaker, std::string_view(kept).substr(0, longest_piece), true, now);
                kept.erase(0, longest_piece);
            }
            return;
        }
        octets.remove_prefix(end + 1);
        if (kept.ends_with('\r')) kept.pop_back();
        show(speaker, std::exchange(kept, {}), false, now);
    }
}

void Transcript::show(Speaker speaker, std::string_view line, bool goes_on, WallTime now) {
    do {
        const std::string_view piece = line.substr(0, longest_piece);
        line.remove_prefix(piece.size());
        const bool last = line.empty() && !goes_on;
        std::string text = shown(speaker, piece);
        if (speaker == Speaker::client) in_line_ = !last;
        add_line(speaker, text += last ? "" : "+", now);
    } while (!line.empty());
}

// Of a line that goes on the mask sees the beginning.
std::string Transcript::shown(Speaker speaker, std::string_view piece) {
    constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max() / 8;
    if (speaker == Speaker::server) return log::sanitise_text(mask_.server_line(piece), no_limit);
    if (in_content_) return log::sanitise_text(piece, no_limit);
    if (!in_line_) return log::sanitise_text(mask_.client_line(piece), no_limit);
    return mask_.hides_client_line() ? std::string() : log::sanitise_text(piece, no_limit);
}

void Transcript::show_content_size(WallTime now) {
    if (hidden_octets_ == 0) return;
    const std::string size = std::to_string(std::exchange(hidden_octets_, 0));
    add_line(Speaker::client, '[' + size + " octets of a message]", now);
}

void Transcript::add_line(Speaker speaker, std::string_view text, WallTime now) {
    const bool ours = (speaker == Speaker::server) == (settings_.role == Role::server);
    lines_ += stamp_text(settings_.stamp, now) + std::to_string(settings_.session);
    lines_ += ours ? " > " : " < ";
    (lines_ += text) += '\n';
}

}  // namespace sluice::qmail_log
