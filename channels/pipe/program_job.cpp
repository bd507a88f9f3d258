#include "program_job.h"

#include <algorithm>
#include <cstdlib>

#include "base/bytes.h"

namespace sluice::pipe {

namespace {

Error unusable_address() {
    return Error::permanent(
        {5, 1, 3}, "address cannot be given to a program", "address cannot be given to a program"
    );
}

Error unusable_arguments(const config::DeliveryProgram& program) {
    const std::string text = "method " + program.method + ": arguments cannot be used";
    return Error::temporary({4, 3, 5}, text, text + ": " + program.arguments);
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return is_control(c); });
}

/// In the environment a control is no reason to keep somebody's mail back.
std::string without_controls(std::string_view text) {
    std::string out;
    std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char c) {
        return !is_control(c);
    });
    return out;
}

const std::string* value_of(
    char letter,
    const config::DeliveryProgram& program,
    const AddressParts& parts,
    const MessageFacts& facts
) {
    switch (letter) {
        case 's':
            return &parts.user;
        case 'd':
            return &parts.detail;
        case 'h':
            return &parts.host;
        case 'a':
            return &facts.recipient;
        case 'f':
            return &facts.sender;
        case 'm':
            return &program.method;
        default:
            return nullptr;
    }
}

}  // namespace

Result<std::vector<std::string>> expand_arguments(
    const config::DeliveryProgram& program, const AddressParts& parts, const MessageFacts& facts
) {
    const auto words = config::split_arguments(program.arguments);
    if (!words) return unusable_arguments(program);
    std::vector<std::string> expanded;
    for (const std::string& word : *words) {
        std::string out;
        for (std::size_t i = 0; i < word.size(); ++i) {
            if (word[i] != '%') {
                out += word[i];
                continue;
            }
            const char letter = ++i < word.size() ? word[i] : '\0';
            if (letter == '%') {
                out += letter;
                continue;
            }
            const std::string* const value = value_of(letter, program, parts, facts);
            if (value == nullptr) return unusable_arguments(program);
            // Whoever wrote the address must not write an option of the program.
            if (has_control(*value) || (out.empty() && value->starts_with('-')))
                return unusable_address();
            out += *value;
        }
        expanded.push_back(std::move(out));
    }
    return expanded;
}

std::string account_of(
    const config::DeliveryProgram& program, const AddressParts& parts, std::string_view of_channel
) {
    if (program.as_recipient) return parts.user;
    return program.account.empty() ? std::string(of_channel) : program.account;
}

std::vector<std::pair<std::string, std::string>> environment_of(
    const config::DeliveryProgram& program,
    const AddressParts& parts,
    const MessageFacts& facts,
    const std::string& home
) {
    std::vector<std::pair<std::string, std::string>> environment = {
        {"PATH", "/usr/local/bin:/usr/bin:/bin"},
        {"SHELL", "/bin/sh"},
        {"HOME", home},
        {"LANG", "C.UTF-8"},
        {"CHANNEL", facts.channel},
        {"METHOD", program.method},
        {"MESSAGE_SIZE", std::to_string(facts.size)}};
    const auto add = [&](const char* name, std::string_view value) {
        environment.emplace_back(name, without_controls(value));
    };
    add("SENDER", facts.sender);
    add("RECIPIENT", facts.recipient);
    add("ORIGINAL_RECIPIENT", facts.original_recipient);
    add("USER", parts.user);
    add("EXTENSION", parts.detail);
    add("HOST", parts.host);
    add("MESSAGE_ID", facts.message_id);
    add("ENVELOPE_ID", facts.envelope_id);
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it
    if (const char* zone = std::getenv("TZ")) environment.emplace_back("TZ", zone);
    return environment;
}

}  // namespace sluice::pipe
