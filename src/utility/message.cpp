#include "utility/message.h"

#include <utility>

#include "base/bytes.h"
#include "utility/printable.h"

namespace sluice::utility {

std::string Message::to_string() const {
    constexpr std::string_view letters = "SIWEF";
    std::string out = "%";
    out += facility;
    out += '-';
    out += letters[static_cast<std::size_t>(severity)];
    out += '-';
    out += ident;
    return out + ", " + printable_text(text);
}

void Console::show_status(std::string_view text) {
    if (status_ == nullptr) return;
    out_.flush();
    // Back to the begin of the line, and what stood there goes.
    *status_ << '\r' << text << "\x1b[K";
    if (text.empty()) *status_ << '\r';
    status_->flush();
    status_shown_ = !text.empty();
}

void Console::say(const Message& message) {
    clear_status();
    const bool good =
        message.severity == MessageSeverity::success || message.severity == MessageSeverity::info;
    (good ? out_ : err_) << message.to_string() << '\n';
}

std::optional<std::string> Console::read_line(std::string_view prompt) {
    if (input_ == nullptr) return std::nullopt;
    clear_status();
    out_.flush();
    return input_->read_line(prompt);
}

bool Console::confirm(std::string_view question) {
    if (!can_ask()) return false;
    const auto answer = read_line(printable_text(question) + " [n] ");
    if (!answer) return false;
    const std::string_view word = trim(*answer);
    return equals_ignoring_case(word, "y") || equals_ignoring_case(word, "yes");
}

void Console::success(std::string_view facility, std::string_view ident, std::string text) {
    say({facility, MessageSeverity::success, ident, std::move(text)});
}
void Console::info(std::string_view facility, std::string_view ident, std::string text) {
    say({facility, MessageSeverity::info, ident, std::move(text)});
}
void Console::warning(std::string_view facility, std::string_view ident, std::string text) {
    say({facility, MessageSeverity::warning, ident, std::move(text)});
}
void Console::error(std::string_view facility, std::string_view ident, std::string text) {
    say({facility, MessageSeverity::error, ident, std::move(text)});
}
void Console::fatal(std::string_view facility, std::string_view ident, std::string text) {
    say({facility, MessageSeverity::fatal, ident, std::move(text)});
}

}  // namespace sluice::utility
