#include "config/imta_cnf_keywords.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/ip_address.h"
#include "channel/period.h"

namespace sluice::config {

using channel::ArgumentForm;
using channel::Keyword;
using channel::Setting;

namespace {

constexpr std::size_t max_notices = 5;
constexpr std::size_t max_periods = 8;
constexpr std::size_t max_name_servers = 8;
constexpr std::size_t max_name = 40;
constexpr std::size_t max_string = 256;
constexpr std::size_t max_url = 1024;
// A line of thousands of unknown words is no channel line; each warning quotes it whole.
constexpr std::size_t max_unknown_words = 50;

struct Range {
    std::int64_t least;
    std::int64_t most;
};

Range range_of(Keyword keyword) {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    switch (keyword) {
        case Keyword::port:
            return {1, 65535};
        case Keyword::subdirs:
            return {1, 999};
        case Keyword::filesperjob:
        case Keyword::addrsperjob:
            return {-most, most};  // "0 or less": one job
        default:
            return {0, most};
    }
}

bool is_time(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto fields = split(text, ':');
    if (fields.size() > 3) return false;
    for (const std::string_view field : fields) {
        if (!parse_unsigned(field)) return false;
    }
    return true;
}

// "192.0.2.1", "::1", "127.0.0.1@5353".
bool is_server(std::string_view text) {
    const std::size_t at = text.find('@');
    if (!IpAddress::parse(text.substr(0, at))) return false;
    if (at == std::string_view::npos) return true;
    const auto port = parse_unsigned(text.substr(at + 1));
    return port && *port >= 1 && *port <= 65535;
}

// Nothing where the word can be used, else what is wrong with it.
std::string fault_of(Keyword keyword, std::string_view word) {
    const std::string shown = '"' + printable(word.substr(0, max_name)) + '"';
    switch (channel::info(keyword).form) {
        case ArgumentForm::integer: {
            const auto number = parse_signed(word);
            if (!number) return shown + " is not a number";
            const auto [least, most] = range_of(keyword);
            return *number < least || *number > most ? shown + " is out of range" : "";
        }
        case ArgumentForm::integers: {
            const auto number = parse_unsigned(word);
            if (!number) return shown + " is not a number";
            const bool fits = *number > 0 && *number <= std::numeric_limits<std::uint32_t>::max();
            return fits ? "" : shown + " is out of range";
        }
        case ArgumentForm::periods:
            return channel::parse_period(word) ? "" : shown + " is not an ISO 8601 period";
        case ArgumentForm::ip:
            return IpAddress::parse(word) ? "" : shown + " is not an IP address";
        case ArgumentForm::ips:
            return is_server(word) ? "" : shown + " is not an IP address, nor address@port";
        case ArgumentForm::time:
            return is_time(word) ? "" : shown + " is not a time";
        case ArgumentForm::string:
            return "";
        default:
            return word.empty() ? "the argument is empty" : "";
    }
}

std::size_t most_arguments(ArgumentForm form) {
    switch (form) {
        case ArgumentForm::none:
            return 0;
        case ArgumentForm::integers:
            return max_notices;
        case ArgumentForm::periods:
            return max_periods;
        case ArgumentForm::ips:
            return max_name_servers;
        case ArgumentForm::hosts:
            return 2;
        default:
            return 1;
    }
}

std::size_t longest(ArgumentForm form) {
    switch (form) {
        case ArgumentForm::url:
            return max_url;
        case ArgumentForm::pattern:
        case ArgumentForm::string:
        case ArgumentForm::value:
        case ArgumentForm::list:
        case ArgumentForm::address:
            return max_string;
        default:
            return max_name;
    }
}

// Whether a word after the first argument is one more of them.
bool continues(Keyword keyword, const Word& word) {
    if (channel::info(keyword).form == ArgumentForm::hosts) {
        return word.text.find('.') != std::string_view::npos;
    }
    return fault_of(keyword, word.text).empty();
}

bool ascend(const std::vector<std::string>& numbers) {
    for (std::size_t i = 1; i < numbers.size(); ++i) {
        if (parse_unsigned(numbers[i - 1]) >= parse_unsigned(numbers[i])) return false;
    }
    return true;
}

}  // namespace

/// The line being read: what is left of it, what came of it.
struct KeywordReader::Line {
    const LogicalLine& logical;
    std::span<const Word> rest;
    std::vector<Setting> settings{};
    std::string problems{};
    std::size_t first_problem = 0;
    Diagnostics warnings{};
    std::size_t unknown_words = 0;

    Word take() {
        const Word word = rest.front();
        rest = rest.subspan(1);
        return word;
    }
    [[nodiscard]] SourceLocation place(const Word& word) const {
        return at_column(logical.where, word.column);
    }
    void add_problem(std::size_t column, std::string_view keyword, const std::string& what) {
        if (problems.empty()) first_problem = column;
        problems += problems.empty() ? ": " : "; ";
        problems += std::string(keyword) + ": " + what;
    }
};

std::vector<Setting> KeywordReader::read(const LogicalLine& line, std::span<const Word> words) {
    Line state{line, words};
    while (!state.rest.empty()) {
        const auto keyword = channel::find_keyword(state.rest.front().text);
        if (keyword) {
            read_keyword(state, *keyword);
        } else {
            add_group(state);
        }
    }
    report(state);
    return std::move(state.settings);
}

void KeywordReader::read_keyword(Line& line, Keyword keyword) {
    const Word word = line.take();
    const bool is_complete = line.rest.empty() || line.rest.back().closed;
    Setting setting{keyword, std::string(word.text), {}, line.place(word)};
    const ArgumentForm form = channel::info(keyword).form;
    const std::size_t most = most_arguments(form);
    if (most > 0) {
        if (line.rest.empty()) {
            line.add_problem(word.column, channel::name_of(keyword), "the argument is missing");
            return;
        }
        const Word& first = line.rest.front();
        if (const std::string fault = fault_of(keyword, first.text); !fault.empty()) {
            line.add_problem(first.column, channel::name_of(keyword), fault);
            return;  // the word may be a keyword of its own
        }
        take_argument(line, setting);
        while (setting.arguments.size() < most && !line.rest.empty() &&
               continues(keyword, line.rest.front())) {
            take_argument(line, setting);
        }
        if (line.rest.empty() && !is_complete) {
            line.add_problem(
                word.column, channel::name_of(keyword), "the closing quotation mark is missing"
            );
            return;
        }
        if (form == ArgumentForm::integers && !ascend(setting.arguments)) {
            line.add_problem(first.column, channel::name_of(keyword), "the ages do not ascend");
            return;
        }
    }
    line.settings.push_back(std::move(setting));
}

void KeywordReader::take_argument(Line& line, Setting& setting) {
    const Word word = line.take();
    const std::string_view name = channel::name_of(*setting.keyword);
    const ArgumentForm form = channel::info(*setting.keyword).form;
    if (word.text.size() > longest(form)) {
        line.warnings.warning(
            line.place(word), "W302",
            "argument of " + std::string(name) + " is longer than " +
                std::to_string(longest(form)) + " characters",
            line.logical.text
        );
    }
    if (form == ArgumentForm::channel) {
        references_.push_back(
            {std::string(name), std::string(word.text), line.place(word), line.logical.text}
        );
    }
    setting.arguments.emplace_back(word.text);
}

void KeywordReader::add_group(Line& line) {
    const Word word = line.take();
    line.settings.push_back({std::nullopt, std::string(word.text), {}, line.place(word)});
    if (++line.unknown_words > max_unknown_words) return;
    std::string hint;
    if (suggestions_left_ > 0) {
        --suggestions_left_;
        if (const auto meant = channel::nearest_keyword(word.text)) {
            hint = "did you mean \"" + std::string(channel::name_of(*meant)) + "\"?";
        }
    }
    line.warnings.warning(
        line.place(word), "W301",
        "\"" + printable(word.text) + "\" is no keyword; taken as the name of a group",
        line.logical.text, std::move(hint)
    );
}

void KeywordReader::report(Line& line) {
    if (!line.problems.empty()) {
        diagnostics_.error(
            at_column(line.logical.where, line.first_problem), "E309",
            "missing or unusable keyword argument" + line.problems, line.logical.text
        );
    }
    diagnostics_.append(std::move(line.warnings));
}

}  // namespace sluice::config
