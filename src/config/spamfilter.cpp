#include "config/spamfilter.h"

#include <algorithm>

#include "config/option_file.h"
#include "config/option_value.h"

namespace sluice::config {

namespace {

using channel::Keyword;

constexpr std::string_view honoured_suffixes[] = {
    "LIBRARY", "CONFIG_FILE", "OPTIONAL", "STRING_ACTION", "NULL_ACTION"};

/// "libmilter.so", "IMTA_LIB:libmilter.so", "/opt/x/lib/libmilter.so.1", "milter".
bool is_milter_library(std::string_view library) {
    library = trim(library);
    if (const std::size_t at = library.find_last_of(":/"); at != std::string_view::npos)
        library.remove_prefix(at + 1);
    library = library.substr(0, library.find('.'));
    return equals_ignoring_case(library, "milter") || equals_ignoring_case(library, "libmilter");
}

/// Options of one filter under its three spellings.
class FilterOptions {
public:
    FilterOptions(const Options& options, int number) : options_(options), number_(number) {}

    [[nodiscard]] const Options::Other* find(std::string_view suffix) const {
        const auto& others = options_.others();
        const auto look = [&](const std::string& prefix) -> const Options::Other* {
            const auto found = others.find(prefix + std::string(suffix));
            return found != others.end() ? &found->second : nullptr;
        };
        if (const auto* own = look("SPAMFILTER" + std::to_string(number_) + '_')) return own;
        if (number_ != 1) return nullptr;
        if (const auto* first = look("SPAMFILTER_")) return first;
        return look("BRIGHTMAIL_");
    }

private:
    const Options& options_;
    int number_;
};

void report(
    const Options::Other& option,
    std::string code,
    std::string text,
    std::string hint,
    Diagnostics& diagnostics
) {
    diagnostics.error(
        option.value_where, std::move(code), std::move(text), option.line, std::move(hint)
    );
}

void read_optional(const Options::Other& option, SpamFilter& filter, Diagnostics& diagnostics) {
    FilterSettings& settings = filter.settings;
    const auto value = parse_option_integer(option.value);
    const std::int64_t number = value.value_or(99);
    settings.tells_syslog = number == -2 || number == 2 || number == 4;
    if (number == 0 || number == -2) {
        settings.on_failure = FilterFailure::tempfail;
    } else if (number == 1 || number == 2) {
        settings.on_failure = FilterFailure::accept;
    } else if (number == 3 || number == 4) {
        settings.on_failure = FilterFailure::later;
    } else {
        report(option, "E474", "not a value of this option", "-2, 0, 1, 2, 3 or 4", diagnostics);
    }
}

void read_action(const Options::Other* option, FilterActions& actions, Diagnostics& diagnostics) {
    if (option == nullptr) return;
    auto parsed = parse_filter_actions(option->value);
    if (parsed) {
        actions = std::move(*parsed);
        return;
    }
    report(
        *option, "E473", "this action is not understood",
        "data:, and $M, keep, discard, hold, reject \"...\", addheader \"...\", addtag \"...\" or "
        "addconversiontag \"...\", each with a semicolon",
        diagnostics
    );
}

std::optional<SpamFilter> read_filter(
    const FilterOptions& options,
    int number,
    const Tailor& tailor,
    FileSource& files,
    Diagnostics& diagnostics
) {
    const Options::Other* library = options.find("LIBRARY");
    if (library == nullptr || trim(library->value).empty()) return std::nullopt;
    if (!is_milter_library(library->value)) {
        report(
            *library, "E470", "no filter library of this name", "milter, or a path to libmilter.so",
            diagnostics
        );
        return std::nullopt;
    }
    SpamFilter filter;
    filter.number = number;
    if (const auto* optional = options.find("OPTIONAL"))
        read_optional(*optional, filter, diagnostics);
    read_action(options.find("STRING_ACTION"), filter.string_action, diagnostics);
    read_action(options.find("NULL_ACTION"), filter.null_action, diagnostics);
    const Options::Other* file = options.find("CONFIG_FILE");
    const std::string name =
        file != nullptr ? file->value : "IMTA_TABLE:milter" + std::to_string(number) + ".opt";
    const auto path = tailor.resolve_path(name, TailorEntry::table);
    const auto text = path ? files.read(*path) : Result<std::string>(path.error());
    if (!text) {
        report(
            file != nullptr ? *file : *library, "E471",
            "configuration file of the filter: " + text.error().detail(), {}, diagnostics
        );
        return std::nullopt;
    }
    // Whoever may write it chooses who reads all mail. Only the disk can tell.
    if (dynamic_cast<DiskFiles*>(&files) != nullptr) check_not_world_writable(*path, diagnostics);
    parse_filter_file(*text, *path, filter, diagnostics);
    return filter;
}

/// Options of the family that nothing acts upon.
void report_unhonoured(const Options& options, Diagnostics& diagnostics) {
    for (const auto& [name, option] : options.others()) {
        std::string_view suffix = name;
        if (starts_with_ignoring_case(suffix, "BRIGHTMAIL_")) {
            suffix.remove_prefix(std::string_view("BRIGHTMAIL_").size());
        } else if (starts_with_ignoring_case(suffix, "SPAMFILTER")) {
            suffix.remove_prefix(std::min(suffix.find('_'), suffix.size() - 1) + 1);
        } else {
            continue;
        }
        bool known = false;
        for (const std::string_view honoured : honoured_suffixes)
            known = known || equals_ignoring_case(honoured, suffix);
        if (!known)
            diagnostics.warning(
                option.where, "W471", "option " + name + " has no effect", option.line
            );
    }
}

struct FilterKeywords {
    Keyword asks[4];
};

#define SLUICE_FILTER_KEYWORDS(n)                                                           \
    FilterKeywords {                                                                        \
        {                                                                                   \
            Keyword::sourcespamfilter##n, Keyword::sourcespamfilter##n##optin,              \
                Keyword::destinationspamfilter##n, Keyword::destinationspamfilter##n##optin \
        }                                                                                   \
    }
constexpr FilterKeywords keywords[most_filters] = {
    SLUICE_FILTER_KEYWORDS(1), SLUICE_FILTER_KEYWORDS(2), SLUICE_FILTER_KEYWORDS(3),
    SLUICE_FILTER_KEYWORDS(4), SLUICE_FILTER_KEYWORDS(5), SLUICE_FILTER_KEYWORDS(6),
    SLUICE_FILTER_KEYWORDS(7), SLUICE_FILTER_KEYWORDS(8)};
#undef SLUICE_FILTER_KEYWORDS

}  // namespace

const FilterSettings& SpamFilter::settings_for(std::string_view channel) const {
    const auto own = by_channel.find(channel);
    return own != by_channel.end() ? own->second : settings;
}

SpamFilters read_spam_filters(
    const Options& options, const Tailor& tailor, FileSource& files, Diagnostics& diagnostics
) {
    SpamFilters filters;
    report_unhonoured(options, diagnostics);
    for (int number = 1; number <= most_filters; ++number) {
        filters[static_cast<std::size_t>(number - 1)] =
            read_filter(FilterOptions(options, number), number, tailor, files, diagnostics);
    }
    return filters;
}

void check_filter_keywords(
    const channel::ChannelTable& channels, const SpamFilters& filters, Diagnostics& diagnostics
) {
    for (const channel::Channel& channel : channels) {
        for (std::size_t i = 0; i < filters.size(); ++i) {
            if (filters[i]) continue;
            for (const Keyword keyword : keywords[i].asks) {
                if (!channel.has(keyword)) continue;
                diagnostics.warning(
                    channel.where(), "W470",
                    "channel " + channel.name() + " asks for filter " + std::to_string(i + 1) +
                        ", which is not configured: nothing is filtered by it",
                    {}, "SPAMFILTER" + std::to_string(i + 1) + "_LIBRARY in the option file"
                );
            }
        }
    }
}

}  // namespace sluice::config
