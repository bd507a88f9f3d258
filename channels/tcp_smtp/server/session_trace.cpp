#include "session_trace.h"

#include "base/bytes.h"
#include "base/log.h"

namespace sluice::smtp_server {

namespace {

/// Longer commands are refused by the protocol; nobody wants to read them.
constexpr std::size_t longest_line = 1024;

}  // namespace

void SessionTrace::client_said(std::string_view octets) {
    if (!shows_dialogue()) return;
    line_ += octets;
    const std::size_t end = line_.rfind('\n');
    if (end != std::string::npos) {
        lines('<', std::string_view(line_).substr(0, end + 1));
        line_.erase(0, end + 1);
    } else if (line_.size() > longest_line) {
        line_.resize(longest_line);
    }
}

void SessionTrace::server_said(std::string_view octets) {
    if (shows_dialogue()) lines('>', octets);
}

void SessionTrace::decided(const policy::Trace& trace) const {
    if (!shows_policy()) return;
    for (const policy::TraceEntry& entry : trace) {
        const std::string text = entry.to_string();
        for (const std::string_view line : split(text, '\n')) note(line);
    }
}

void SessionTrace::note(std::string_view text) const {
    if (shows_dialogue()) diag::info(peer_ + "   " + std::string(text));
}

void SessionTrace::lines(char direction, std::string_view octets) {
    while (!octets.empty()) {
        const std::size_t end = octets.find('\n');
        std::string_view line = octets.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        const std::string shown =
            direction == '<' ? mask_.client_line(line) : mask_.server_line(line);
        diag::info(peer_ + ' ' + direction + ' ' + shown);
        if (end == std::string_view::npos) return;
        octets.remove_prefix(end + 1);
    }
}

}  // namespace sluice::smtp_server
