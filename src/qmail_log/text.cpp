#include "qmail_log/text.h"

#include "log/sanitise.h"
#include "multilog/tai64n.h"

namespace sluice::qmail_log {

namespace {

constexpr std::size_t longest = 4 * log::max_diagnostic;

std::string clean(std::string_view text, char blank) {
    std::string out;
    out.reserve(std::min(text.size(), longest));
    for (std::size_t i = 0; i < text.size() && out.size() < longest; ++i) {
        const char c = text[i];
        if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
        if (c == ' ')
            out += blank;
        else if (c == '\n')
            out += '/';
        else
            out += c > 0x20 && c < 0x7f ? c : '?';
    }
    return out;
}

}  // namespace

std::string stamp_text(Stamp stamp, WallTime time) {
    if (stamp == Stamp::none) return {};
    return multilog::format_tai64n(multilog::instant_of(time)) + ' ';
}

std::string cleaned(std::string_view text) {
    return clean(text, '_');
}

std::string cleaned_text(std::string_view text) {
    return clean(text, ' ');
}

}  // namespace sluice::qmail_log
