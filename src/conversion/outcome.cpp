#include "conversion/outcome.h"

#include <array>
#include <charconv>

#include "base/bytes.h"

namespace sluice::conversion {

namespace {

struct Status {
    Directive directive;
    std::string_view name;
    unsigned long number;  ///< 0: by name only
};
constexpr std::array statuses = {
    Status{Directive::force_return, "FORCERETURN", 178029946},
    Status{Directive::force_hold, "FORCEHOLD", 178030250},
    Status{Directive::force_delete, "FORCEDELETE", 178030178},
    Status{Directive::force_discard, "FORCEDISCARD", 178030259},
    Status{Directive::again, "AGN", 178028698},
    Status{Directive::no_change, "NOCHANGE", 0},
};
static_assert(statuses[0].number == 0x0A9C857A && statuses[1].number == 0x0A9C86AA);
static_assert(statuses[2].number == 0x0A9C8662 && statuses[3].number == 0x0A9C86B3);
static_assert(statuses[4].number == 0x0A9C809A);

constexpr int ex_tempfail = 75;
constexpr const char* asks_again = "conversion command asks for another attempt";

std::optional<unsigned long> parse_number(std::string_view text) {
    int base = 10;
    if (starts_with_ignoring_case(text, "0x")) {
        text.remove_prefix(2);
        base = 16;
    }
    unsigned long number = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
    return number;
}

std::string unquoted(std::string_view text) {
    text = trim(text);
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
    std::string out;
    text = text.substr(1, text.size() - 2);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        out += text[i];
    }
    return out;
}

}  // namespace

std::string_view to_string(Directive directive) {
    for (const Status& status : statuses) {
        if (status.directive == directive) return status.name;
    }
    return "none";
}

std::optional<Directive> parse_status(std::string_view text) {
    text = trim(text);
    if (const auto number = parse_number(text)) {
        for (const Status& status : statuses) {
            if (status.number != 0 && status.number == *number) return status.directive;
        }
        return std::nullopt;
    }
    constexpr std::string_view prefix = "PMDF__";
    if (starts_with_ignoring_case(text, prefix)) text.remove_prefix(prefix.size());
    for (const Status& status : statuses) {
        if (equals_ignoring_case(status.name, text)) return status.directive;
    }
    return std::nullopt;
}

OutputOptions parse_output_options(std::string_view text, std::vector<std::string>& warnings) {
    OutputOptions options;
    const auto set = [&](std::string_view name, std::string value) {
        const auto is = [&](std::string_view one) { return equals_ignoring_case(name, one); };
        if (is("OUTPUT_TYPE")) {
            options.type = std::move(value);
        } else if (is("OUTPUT_SUBTYPE")) {
            options.subtype = std::move(value);
        } else if (is("OUTPUT_DESCRIPTION")) {
            options.description = std::move(value);
        } else if (is("OUTPUT_DISPOSITION")) {
            options.disposition = std::move(value);
        } else if (is("OUTPUT_ENCODING")) {
            options.encoding = std::move(value);
        } else if (is("OUTPUT_MODE")) {
            options.mode = std::move(value);
        } else if (is("OUTPUT_DIAGNOSTIC")) {
            options.diagnostic = std::move(value);
        } else if (is("STATUS")) {
            options.status = std::move(value);
        } else {
            warnings.push_back("OUTPUT_OPTIONS: unknown option " + printable(name.substr(0, 64)));
        }
    };
    for (std::string_view line : split(text, '\n')) {
        line = trim(line);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.front() == '!') continue;
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) {
            warnings.push_back("OUTPUT_OPTIONS: not understood: " + printable(line.substr(0, 64)));
            continue;
        }
        set(trim(line.substr(0, equals)), unquoted(line.substr(equals + 1)));
    }
    return options;
}

void apply_options(const OutputOptions& options, Labels& labels) {
    const bool retyped = (options.type && to_lower(*options.type) != labels.type) ||
                         (options.subtype && to_lower(*options.subtype) != labels.subtype);
    if (options.type && !options.type->empty()) labels.type = to_lower(*options.type);
    if (options.subtype && !options.subtype->empty()) labels.subtype = to_lower(*options.subtype);
    // The character set of a text is not that of what it became.
    if (retyped) labels.type_parameters.clear();
    if (options.description) labels.description = *options.description;
    if (options.disposition) labels.disposition = to_lower(*options.disposition);
    if (options.encoding && !options.encoding->empty())
        labels.encoding = to_lower(*options.encoding);
    if (options.mode) labels.text_mode = equals_ignoring_case(*options.mode, "text");
}

// An exit status is a crude word: what it cannot say is taken for the kindest meaning, which is to
// leave the part alone. Death by a signal, a limit reached and EX_TEMPFAIL are no verdict on the
// message at all: it is tried again.
Verdict judge(const CommandEnd& end, const OutputOptions& options, bool has_output) {
    Verdict verdict;
    verdict.text = options.diagnostic;
    using Kind = CommandEnd::Kind;
    const auto wait = [&](std::string why) {
        verdict.directive = Directive::again;
        if (verdict.text.empty()) verdict.text = std::move(why);
        return verdict;
    };
    if (end.kind == Kind::limited) return wait("conversion command stopped: " + end.limit);
    if (end.kind == Kind::failed) return wait("conversion command not run: " + end.limit);
    if (options.status) {
        if (const auto directive = parse_status(*options.status)) {
            verdict.directive = *directive;
            if (*directive == Directive::again) return wait(asks_again);
            return verdict;
        }
        verdict.warnings.push_back("STATUS not understood: " + printable(*options.status));
    }
    if (end.kind == Kind::killed)
        return wait("conversion command died of signal " + std::to_string(end.code));
    if (end.code == ex_tempfail) return wait(asks_again);
    if (end.code != 0) {
        verdict.directive = Directive::no_change;
        verdict.warnings.push_back(
            "conversion command ended with status " + std::to_string(end.code) +
            ", the part stays as it was"
        );
    } else if (!has_output) {
        verdict.directive = Directive::no_change;
    }
    return verdict;
}

}  // namespace sluice::conversion
