// One filter's configuration file: NAME=value lines, and sections [CHANNEL=name].
#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "config/option_file.h"
#include "config/option_value.h"
#include "config/spamfilter.h"

namespace sluice::config {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds hundredth{10};
constexpr std::int64_t longest_hundredths = 24LL * 3600 * 100;

constexpr std::string_view known_names[] = {
    "ADDRESS",      "CONNECT_TIMEOUT", "CONTEXT_EDITS",  "DEBUG",      "EOM_TIMEOUT",
    "HOST",         "MAX_CONNECTIONS", "MODE",           "PORT",       "REPLY_TIMEOUT",
    "SEND_TIMEOUT", "SOCKS_HOST",      "SOCKS_PASSWORD", "SOCKS_PORT", "SOCKS_USERNAME",
    "TIMEOUT",
};
constexpr std::string_view without_effect[] = {
    "CONTEXT_EDITS", "SOCKS_HOST", "SOCKS_PASSWORD", "SOCKS_PORT", "SOCKS_USERNAME"};

struct ModeName {
    std::string_view name;
    FilterFailure meaning;
};
constexpr ModeName modes[] = {
    {"tempfail", FilterFailure::tempfail},     {"fail-closed", FilterFailure::tempfail},
    {"accept", FilterFailure::accept},         {"fail-open", FilterFailure::accept},
    {"later", FilterFailure::later},           {"reject", FilterFailure::reject},
    {"quarantine", FilterFailure::quarantine},
};

/// "3600" is hundredths of a second, as in the family; "30s" and "5m" are what they say.
std::optional<milliseconds> parse_timeout(std::string_view text) {
    if (const auto hundredths = parse_unsigned(text)) {
        if (*hundredths == 0 || *hundredths > longest_hundredths) return std::nullopt;
        return hundredth * static_cast<std::int64_t>(*hundredths);
    }
    const auto duration = parse_option_duration(text);
    if (!duration || duration->count() <= 0 || *duration > std::chrono::hours(24))
        return std::nullopt;
    return *duration;
}

/// Applies the settings of one section to one set of values.
class SectionReader {
public:
    SectionReader(const Section& section, FilterSettings& target, Diagnostics& diagnostics)
        : section_(section), target_(target), diagnostics_(diagnostics) {}

    void read() {
        report_strangers();
        read_address();
        if (const Setting* timeout = section_.find("TIMEOUT")) {
            if (const auto value = timeout_of(*timeout)) {
                target_.connect = target_.send = target_.reply = *value;
                target_.end_of_message = std::max(target_.end_of_message, *value);
            }
        }
        read_timeout("CONNECT_TIMEOUT", target_.connect);
        read_timeout("SEND_TIMEOUT", target_.send);
        read_timeout("REPLY_TIMEOUT", target_.reply);
        read_timeout("EOM_TIMEOUT", target_.end_of_message);
        read_number("MAX_CONNECTIONS", target_.max_connections);
        read_number("DEBUG", target_.debug);
        if (const Setting* mode = section_.find("MODE")) read_mode(*mode);
    }

private:
    void report_strangers() {
        for (const Setting& setting : section_.settings) {
            const auto named = [&](std::string_view name) {
                return equals_ignoring_case(name, setting.name);
            };
            if (std::none_of(std::begin(known_names), std::end(known_names), named)) {
                report_unknown(setting, "option", known_names, diagnostics_);
            } else if (std::any_of(std::begin(without_effect), std::end(without_effect), named)) {
                diagnostics_.warning(
                    setting.where, "W471", "option " + setting.name + " has no effect", setting.line
                );
            }
        }
    }

    void read_address() {
        if (const Setting* address = section_.find("ADDRESS")) {
            const auto endpoint = milter::parse_endpoint(address->value);
            if (endpoint) {
                target_.endpoint = *endpoint;
            } else {
                diagnostics_.error(
                    address->value_where, "E472", "this is no address of a filter", address->line,
                    "inet:host:port, inet6:[address]:port or unix:/path"
                );
            }
            return;
        }
        if (const Setting* host = section_.find("HOST")) {
            target_.endpoint.family = milter::Endpoint::Family::any_inet;
            target_.endpoint.host = host->value;
        }
        if (const Setting* port = section_.find("PORT")) {
            const auto number = integer_of(*port, {1, 65535}, diagnostics_);
            if (number) target_.endpoint.port = static_cast<std::uint16_t>(*number);
        }
    }

    std::optional<milliseconds> timeout_of(const Setting& setting) {
        const auto value = parse_timeout(setting.value);
        if (!value)
            report_malformed(
                setting, "hundredths of a second, or a time such as 30s or 5m", diagnostics_
            );
        return value;
    }
    void read_timeout(std::string_view name, milliseconds& target) {
        const Setting* setting = section_.find(name);
        const auto value = setting != nullptr ? timeout_of(*setting) : std::nullopt;
        if (value) target = *value;
    }
    void read_number(std::string_view name, std::int64_t& target) {
        const Setting* setting = section_.find(name);
        const auto value =
            setting != nullptr ? integer_of(*setting, {0, 100'000}, diagnostics_) : std::nullopt;
        if (value) target = *value;
    }
    void read_mode(const Setting& setting) {
        for (const ModeName& mode : modes) {
            if (!equals_ignoring_case(mode.name, setting.value)) continue;
            target_.on_failure = mode.meaning;
            return;
        }
        diagnostics_.error(
            setting.value_where, "E474", "unknown MODE", setting.line,
            "tempfail (fail-closed), accept (fail-open), later, reject or quarantine"
        );
    }

    const Section& section_;
    FilterSettings& target_;
    Diagnostics& diagnostics_;
};

bool has_address(const FilterSettings& settings) {
    return !settings.endpoint.host.empty() &&
           (settings.endpoint.is_unix() || settings.endpoint.port != 0);
}

}  // namespace

void parse_filter_file(
    std::string_view text, std::string_view file_name, SpamFilter& filter, Diagnostics& diagnostics
) {
    OptionDialect dialect;
    dialect.sections = true;
    const OptionFile file = parse_option_file(text, file_name, dialect, diagnostics);
    SectionReader(file.globals(), filter.settings, diagnostics).read();
    for (std::size_t i = 1; i < file.sections.size(); ++i) {
        const Section& section = file.sections[i];
        if (section.kind != "CHANNEL") {
            diagnostics.error(
                section.where, "E403", "section of a kind that has no place here", section.line,
                "[CHANNEL=name]"
            );
            continue;
        }
        FilterSettings settings = filter.settings;
        SectionReader(section, settings, diagnostics).read();
        filter.by_channel.insert_or_assign(section.name, std::move(settings));
    }
    const bool complete =
        has_address(filter.settings) ||
        (!filter.by_channel.empty() &&
         std::all_of(filter.by_channel.begin(), filter.by_channel.end(), [](const auto& entry) {
             return has_address(entry.second);
         }));
    if (complete) return;
    diagnostics.error(
        {std::make_shared<const std::string>(file_name), 0, 0}, "E472", "no address of a filter",
        {}, "HOST and PORT, or ADDRESS"
    );
}

}  // namespace sluice::config
