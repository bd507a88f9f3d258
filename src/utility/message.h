#pragma once

#include <cstdint>
#include <functional>
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
    /// The same for what nobody may read over a shoulder: a terminal does not show it.
    virtual std::optional<std::string> read_secret(std::string_view prompt) {
        return read_line(prompt);
    }
    /// Whether a person is there to be asked.
    [[nodiscard]] virtual bool is_terminal() const = 0;
    /// Given what stands before the cursor, what its last word may be completed to. Null: nothing.
    using Completer = std::function<std::vector<std::string>(std::string_view before)>;
    virtual void complete_with(Completer /*completer*/) {}
    /// Rows of the terminal; 0: none, or not known.
    [[nodiscard]] virtual std::size_t rows() const { return 0; }
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
    void line(std::string_view text) {
        clear_status();
        out_ << text << '\n';
    }
    [[nodiscard]] std::ostream& out() { return out_; }
    /// S and I to out, W, E and F to err.
    void say(const Message& message);
    /// A line on err that belongs to the message before it.
    void explain(std::string_view text) { err_ << text << '\n'; }

    /// A line at the bottom of the terminal that comes and goes: progress. Empty: away with it.
    void show_status(std::string_view text);
    /// Whether there is a terminal for that.
    [[nodiscard]] bool has_status() const { return status_ != nullptr; }
    /// Null: there is none. Not owned.
    void set_status_stream(std::ostream* stream) { status_ = stream; }

    /// The next line of the input, if there is any.
    std::optional<std::string> read_line(std::string_view prompt);
    [[nodiscard]] Input* input() const { return input_; }
    /// The same with other ends; what is null stays. The result borrows them.
    [[nodiscard]] Console with(std::ostream* out, Input* input) {
        Console other(out != nullptr ? *out : out_, err_, input != nullptr ? input : input_);
        other.status_ = status_;
        return other;
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
    void clear_status() {
        if (status_shown_) show_status({});
    }

    std::ostream& out_;
    std::ostream& err_;
    Input* input_;
    std::ostream* status_ = nullptr;
    bool status_shown_ = false;
};

}  // namespace sluice::utility
