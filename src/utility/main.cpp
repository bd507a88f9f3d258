// imsimta: every utility of the MTA in one program (docs/man/imsimta.8).
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>

#include "base/log.h"
#include "utility/terminal_input.h"
#include "utility/utility.h"

int main(int argc, char** argv) {
    using namespace sluice;
    try {
        const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
        utility::TerminalInput input;
        utility::Console console(std::cout, std::cerr, &input);
        if (::isatty(STDERR_FILENO) == 1) console.set_status_stream(&std::cerr);
        const utility::Environment environment{[](const char* name) -> std::optional<std::string> {
            // One thread so far, and nothing here changes the environment.
            const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
            if (value == nullptr) return std::nullopt;
            return value;
        }};
        const auto code = utility::run_imsimta(words, console, environment);
        std::cout.flush();
        // A listing that did not reach its reader was not a listing.
        if (!std::cout && code == utility::ExitCode::done) {
            return static_cast<int>(utility::ExitCode::failed);
        }
        return static_cast<int>(code);
    } catch (const std::exception& failure) {
        diag::fatal(failure.what());
    }
}
