#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

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

/// Where a utility reads answers and commands from.
class Input {
public:
    Input() = default;
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;
    virtual ~Input() = default;

    /// Shows the prompt and reads one line, without its line end. nullopt at the end of the input,
    /// and for a line longer than max_input_line.
    virtual std::optional<std::string> read_line(std::string_view prompt) = 0;
    /// Whether a person is there to be asked.
    [[nodiscard]] virtual bool is_terminal() const = 0;
    /// Words that the person may want completed.
    virtual void offer(std::vector<std::string> /*words*/) {}
};
inline constexpr std::size_t max_input_line = 64UL << 10U;

/// Where a utility writes: listings and good news to the one stream, trouble to the other. Not
/// owned. Text from outside goes through printable_text() first; messages do that themselves.
class Console {
public:
    /// Without `input` there is nothing to read and nobody to ask.
    Console(std::ostream& out, std::ostream& err, Input* input = nullptr)
        : out_(out), err_(err), input_(input) {}

    /// One line of output.
    void line(std::string_view text) { out_ << text << '\n'; }
    [[nodiscard]] std::ostream& out() { return out_; }
    /// S and I to out, W, E and F to err.
    void say(const Message& message);
    /// A line on err that belongs to the message before it.
    void explain(std::string_view text) { err_ << text << '\n'; }

    /// The next line of the input, if there is any.
    std::optional<std::string> read_line(std::string_view prompt);
    [[nodiscard]] Input* input() const { return input_; }
    /// The same with other ends; what is null stays. The result borrows them.
    [[nodiscard]] Console with(std::ostream* out, Input* input) {
        return {out != nullptr ? *out : out_, err_, input != nullptr ? input : input_};
    }
    /// Whether somebody can be asked at all.
    [[nodiscard]] bool can_ask() const { return input_ != nullptr && input_->is_terminal(); }
    /// Asks "question [n] "; true only for the answers y and yes.
    bool confirm(std::string_view question);

    void success(std::string_view facility, std::string_view ident, std::string text);
    void info(std::string_view facility, std::string_view ident, std::string text);
    void warning(std::string_view facility, std::string_view ident, std::string text);
    void error(std::string_view facility, std::string_view ident, std::string text);
    void fatal(std::string_view facility, std::string_view ident, std::string text);

private:
    std::ostream& out_;
    std::ostream& err_;
    Input* input_;
};

}  // namespace sluice::utility
