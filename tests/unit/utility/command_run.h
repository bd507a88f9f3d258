#pragma once

#include <deque>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "utility/utility.h"

namespace sluice::utility {

/// What a test types; remembers the prompts.
class ScriptedInput final : public Input {
public:
    ScriptedInput(std::deque<std::string> lines, bool terminal)
        : lines_(std::move(lines)), terminal_(terminal) {}
    std::optional<std::string> read_line(std::string_view prompt) override {
        prompts += std::string(prompt) + '\n';
        if (lines_.empty()) return std::nullopt;
        std::string line = lines_.front();
        lines_.pop_front();
        if (before_line) before_line(line);
        return line;
    }
    [[nodiscard]] bool is_terminal() const override { return terminal_; }

    std::string prompts;
    /// Called with each line as it is read, to let something happen meanwhile.
    std::function<void(const std::string&)> before_line;

private:
    std::deque<std::string> lines_;
    bool terminal_;
};

/// One run of the program in this process.
struct CommandRun {
    explicit CommandRun(
        std::vector<std::string> words, const std::string& tailor = {}, Input* input = nullptr
    ) {
        std::ostringstream out_stream;
        std::ostringstream err_stream;
        Console console(out_stream, err_stream, input);
        const Environment environment{
            [&](const char* name) -> std::optional<std::string> {
                if (std::string_view(name) != "IMTA_TAILOR" || tailor.empty()) return std::nullopt;
                return tailor;
            },
            [](const std::string&, const std::string&) { return Result<void>(); }};
        code = run_imsimta(words, console, environment);
        out = out_stream.str();
        err = err_stream.str();
    }
    std::string out;
    std::string err;
    ExitCode code;
};

}  // namespace sluice::utility
