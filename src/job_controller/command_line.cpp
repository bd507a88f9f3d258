#include "job_controller/command_line.h"

#include "base/bytes.h"

namespace sluice::job_controller {

Result<std::vector<std::string>> command_words(
    std::string_view command, bool shell_allowed, const std::vector<std::string>& arguments
) {
    std::vector<std::string> words;
    if (command.find_first_of("|&;<>()$`\\\"'*?[]#~{}!\n") == std::string_view::npos) {
        for (const std::string_view word : split_words(command)) words.emplace_back(word);
    } else if (shell_allowed) {
        words = {"/bin/sh", "-c", std::string(command) + " \"$@\"", "job_controller"};
    } else {
        return Error::permanent(
            {5, 3, 5}, "local configuration error",
            "command needs a shell and its file is not trusted: " + std::string(command)
        );
    }
    if (words.empty()) {
        return Error::permanent({5, 3, 5}, "local configuration error", "empty command");
    }
    words.insert(words.end(), arguments.begin(), arguments.end());
    return words;
}

}  // namespace sluice::job_controller
