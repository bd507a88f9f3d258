#include "utility/terminal_input.h"

#include <editline/readline.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>

#include "base/bytes.h"
#include "base/deleter.h"

namespace sluice::utility {

namespace {

using CString = std::unique_ptr<char, Deleter<::free>>;

// libedit calls back without a context of ours.
Input::Completer& current_completer() {
    static Input::Completer completer;
    return completer;
}

/// Called with state 0 for a new beginning of a word, then until it returns null.
char* next_completion(const char* beginning, int state) {
    static std::size_t next = 0;
    static std::vector<std::string> words;
    if (state == 0) {
        next = 0;
        words.clear();
        const auto before = static_cast<std::size_t>(std::max(::rl_point, 0));
        const std::string_view line(::rl_line_buffer);
        if (current_completer()) words = current_completer()(line.substr(0, before));
    }
    while (next < words.size()) {
        const std::string& word = words[next++];
        if (starts_with_ignoring_case(word, beginning)) return ::strdup(word.c_str());
    }
    return nullptr;
}

/// Words as they are: without this function libedit takes them for names of files and puts
/// backslashes into them. Behind "-from=" the value follows without a blank.
char** find_completions(const char* beginning, int /*start*/, int /*end*/) {
    ::rl_attempted_completion_over = 1;
    char** const matches = ::rl_completion_matches(beginning, next_completion);
    const bool is_open =
        matches != nullptr && matches[0] != nullptr && std::string_view(matches[0]).ends_with('=');
    ::rl_completion_append_character = is_open ? '\0' : ' ';
    return matches;
}

std::optional<std::string> plain_line() {
    std::string line;
    for (int c = std::cin.get(); c != std::char_traits<char>::eof(); c = std::cin.get()) {
        if (c == '\n') return line;
        if (line.size() >= max_input_line) return std::nullopt;
        line += static_cast<char>(c);
    }
    return line.empty() ? std::nullopt : std::optional(line);
}

/// A terminal that does not show what is typed, as long as this lives.
class NoEcho {
public:
    NoEcho() {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
        termios hidden = before_;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        hidden.c_lflag |= ECHONL;
        changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
    }
    ~NoEcho() {
        if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;

private:
    termios before_{};
    bool changed_ = false;
};

}  // namespace

TerminalInput::TerminalInput() : terminal_(::isatty(STDIN_FILENO) == 1) {}

std::optional<std::string> TerminalInput::read_line(std::string_view prompt) {
    if (!terminal_) return plain_line();
    if (::isatty(STDOUT_FILENO) != 1) {
        std::cerr << prompt << std::flush;
        return plain_line();
    }
    const CString line(::readline(std::string(prompt).c_str()));
    if (line == nullptr || std::strlen(line.get()) > max_input_line) return std::nullopt;
    std::string text(line.get());
    // Answers to questions are no commands.
    if (!trim(text).empty() && prompt.ends_with("> ")) ::add_history(text.c_str());
    return text;
}

std::optional<std::string> TerminalInput::read_secret(std::string_view prompt) {
    if (!terminal_) return plain_line();
    std::cerr << prompt << std::flush;
    const NoEcho hidden;
    return plain_line();
}

void TerminalInput::complete_with(Completer completer) {
    current_completer() = std::move(completer);
    ::rl_attempted_completion_function = find_completions;
}

std::size_t TerminalInput::rows() const {
    winsize size{};
    if (!terminal_ || ::isatty(STDOUT_FILENO) != 1 ||
        ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) {
        return 0;
    }
    return size.ws_row;
}

}  // namespace sluice::utility
