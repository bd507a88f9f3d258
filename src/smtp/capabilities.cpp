#include "smtp/capabilities.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::smtp {

namespace {

struct Flag {
    std::string_view keyword;
    bool Capabilities::*member;
};

constexpr Flag flags[] = {
    {"PIPELINING", &Capabilities::pipelining},
    {"8BITMIME", &Capabilities::eight_bit_mime},
    {"CHUNKING", &Capabilities::chunking},
    {"BINARYMIME", &Capabilities::binary_mime},
    {"DSN", &Capabilities::dsn},
    {"ENHANCEDSTATUSCODES", &Capabilities::enhanced_status_codes},
    {"ETRN", &Capabilities::etrn},
    {"SMTPUTF8", &Capabilities::smtputf8},
    {"STARTTLS", &Capabilities::starttls},
};

void add_mechanisms(Capabilities& found, const std::vector<std::string_view>& words) {
    for (std::size_t i = 1; i < words.size(); ++i) {
        std::string name = to_upper(words[i]);
        if (std::find(found.auth.begin(), found.auth.end(), name) == found.auth.end())
            found.auth.push_back(std::move(name));
    }
}

}  // namespace

Capabilities Capabilities::parse(const Reply& hello) {
    Capabilities found;
    found.esmtp = true;
    for (std::size_t i = 1; i < hello.lines.size(); ++i) {
        std::string line = hello.lines[i];
        // "AUTH=LOGIN" is an older form of "AUTH LOGIN".
        if (starts_with_ignoring_case(line, "AUTH=")) line[4] = ' ';
        const auto words = split_words(line);
        if (words.empty()) continue;
        for (const Flag& flag : flags)
            if (equals_ignoring_case(words[0], flag.keyword)) found.*flag.member = true;
        if (equals_ignoring_case(words[0], "AUTH")) add_mechanisms(found, words);
        if (equals_ignoring_case(words[0], "XLOOP") && words.size() > 1) found.loop_hash = words[1];
        if (equals_ignoring_case(words[0], "SIZE"))
            found.size = words.size() > 1 ? parse_unsigned(words[1]).value_or(0) : 0;
    }
    return found;
}

}  // namespace sluice::smtp
