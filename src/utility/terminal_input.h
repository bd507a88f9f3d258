#pragma once

#include <string>
#include <vector>

#include "utility/message.h"

namespace sluice::utility {

/// Standard input. At a terminal with editing, history and completion (libedit);
/// otherwise plain lines, and no prompt is shown. One object in a process.
class TerminalInput final : public Input {
public:
    TerminalInput();
    std::optional<std::string> read_line(std::string_view prompt) override;
    std::optional<std::string> read_secret(std::string_view prompt) override;
    [[nodiscard]] bool is_terminal() const override { return terminal_; }
    void complete_with(Completer completer) override;
    [[nodiscard]] std::size_t rows() const override;

private:
    bool terminal_;
};

}  // namespace sluice::utility
