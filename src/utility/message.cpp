#include "utility/message.h"

#include <utility>

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

void Console::say(const Message& message) {
    const bool good =
        message.severity == MessageSeverity::success || message.severity == MessageSeverity::info;
    (good ? out_ : err_) << message.to_string() << '\n';
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
