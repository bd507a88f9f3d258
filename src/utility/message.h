#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace sluice::utility {

enum class MessageSeverity : std::uint8_t { success, info, warning, error, fatal };

/// "%QM-I-HELD, text". The ident is stable: operators grep for it.
struct Message {
    std::string_view facility;
    MessageSeverity severity = MessageSeverity::error;
    std::string_view ident;
    std::string text;

    [[nodiscard]] std::string to_string() const;
};

/// Where a utility writes: listings and good news to the one stream, trouble to the other. Not
/// owned. Text from outside goes through printable_text() first; messages do that themselves.
class Console {
public:
    Console(std::ostream& out, std::ostream& err) : out_(out), err_(err) {}

    /// One line of output.
    void line(std::string_view text) { out_ << text << '\n'; }
    [[nodiscard]] std::ostream& out() { return out_; }
    /// S and I to out, W, E and F to err.
    void say(const Message& message);
    /// A line on err that belongs to the message before it.
    void explain(std::string_view text) { err_ << text << '\n'; }

    void success(std::string_view facility, std::string_view ident, std::string text);
    void info(std::string_view facility, std::string_view ident, std::string text);
    void warning(std::string_view facility, std::string_view ident, std::string text);
    void error(std::string_view facility, std::string_view ident, std::string text);
    void fatal(std::string_view facility, std::string_view ident, std::string text);

private:
    std::ostream& out_;
    std::ostream& err_;
};

}  // namespace sluice::utility
