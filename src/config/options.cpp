#include "config/options.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "base/syslog_sender.h"
#include "config/option_file.h"
#include "config/option_value.h"

namespace sluice::config {

namespace {

constexpr std::int64_t no_least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t no_most = std::numeric_limits<std::int64_t>::max();

constexpr bool is_honoured(OptionId id) {
    // clang-format off
    switch (id) {
#define SLUICE_HONOURED(honoured_id) case OptionId::honoured_id: return true;
#include "config/honoured_options.inc"
#undef SLUICE_HONOURED
        default: return false;
    }
    // clang-format on
}

constexpr std::array<OptionRow, option_count> table = {{
#define SLUICE_OPTION(id, type, fallback, least, most, priority) \
    {#id,                                                        \
     OptionType::type,                                           \
     fallback,                                                   \
     least,                                                      \
     most,                                                       \
     OptionPriority::priority,                                   \
     is_honoured(OptionId::id)},
#include "config/option_table.inc"
#undef SLUICE_OPTION
}};

// Families of names that are kept without a row each.
constexpr std::string_view families[] = {
    "LDAP_", "BRIGHTMAIL_", "METERMAID.", "SPAMFILTER", "CONTAINMENT."};

using NameIndex =
    std::unordered_map<std::string_view, OptionId, HashIgnoringCase, EqualIgnoringCase>;
const NameIndex& name_index() {
    static const NameIndex index = [] {
        NameIndex built;
        for (std::size_t i = 0; i < option_count; ++i) {
            built.emplace(table[i].id, static_cast<OptionId>(i));
        }
        return built;
    }();
    return index;
}

bool is_integer_type(OptionType type) {
    switch (type) {
        case OptionType::boolean:
        case OptionType::integer:
        case OptionType::choice:
        case OptionType::positive:
        case OptionType::vital:
        case OptionType::octets:
            return true;
        default:
            return false;
    }
}

}  // namespace

const OptionRow& option_row(OptionId id) {
    return table[static_cast<std::size_t>(id)];
}

std::optional<OptionId> find_option(std::string_view name) {
    const auto found = name_index().find(name);
    if (found == name_index().end()) return std::nullopt;
    return found->second;
}

std::int64_t FreeSpaceLimit::of(std::int64_t total) const {
    const auto share = static_cast<std::int64_t>(
        std::ceil(static_cast<double>(total) * percent.value_or(100) / 100.0)
    );
    if (!units) return percent ? share : 0;
    return percent ? std::min(share, *units) : *units;
}

std::optional<FreeSpaceLimit> parse_free_space(std::string_view text) {
    FreeSpaceLimit limit;
    for (std::string_view part : split(text, ',')) {
        part = trim(part);
        if (part.ends_with('%')) {
            part.remove_suffix(1);
            limit.percent = parse_option_real(trim(part));
            if (!limit.percent || *limit.percent < 0 || *limit.percent > 100) return std::nullopt;
        } else {
            limit.units = parse_option_octets(part);
            if (!limit.units) return std::nullopt;
        }
    }
    return limit;
}

/// Fills an Options from settings; the only writer.
class OptionsReader {
public:
    OptionsReader(Options& options, Diagnostics& diagnostics)
        : options_(options), diagnostics_(diagnostics) {}

    void read(const OptionFile& file) {
        for (const auto& setting : file.globals().settings) take(setting);
        derive_defaults();
        check_together();
    }

    /// Whether the value was usable.
    bool set(OptionId id, const Setting& setting) {
        Options::Value next;
        if (!convert(option_row(id), setting, next)) return false;
        next.where = setting.where;
        next.is_set = true;
        options_.values_[static_cast<std::size_t>(id)] = std::move(next);
        return true;
    }

private:
    void take(const Setting& setting);
    bool convert(const OptionRow& row, const Setting& setting, Options::Value& value);
    bool convert_integer(const OptionRow& row, const Setting& setting, Options::Value& value);
    void not_allowed(const OptionRow& row, const Setting& setting);
    void derive_defaults();
    void check_together();
    void demand_one_character(OptionId id, std::string_view instead, const std::string& complaint);

    Options& options_;
    Diagnostics& diagnostics_;
};

namespace {

std::vector<std::string_view> known_names() {
    std::vector<std::string_view> names;
    names.reserve(option_count);
    for (const auto& row : table) names.push_back(row.id);
    return names;
}

}  // namespace

void OptionsReader::take(const Setting& setting) {
    if (const auto id = find_option(setting.name)) {
        set(*id, setting);
        return;
    }
    for (const std::string_view family : families) {
        if (!starts_with_ignoring_case(setting.name, family)) continue;
        options_.others_.insert_or_assign(
            to_upper(setting.name),
            Options::Other{setting.value, setting.where, setting.value_where, setting.line}
        );
        return;
    }
    static const std::vector<std::string_view> names = known_names();
    report_unknown(setting, "option", names, diagnostics_);
}

void OptionsReader::not_allowed(const OptionRow& row, const Setting& setting) {
    const bool vital = row.type == OptionType::vital;
    std::string text = row.name() + ": " + setting.value + " is not allowed";
    if (!vital) text += ", " + std::string(row.fallback) + " is used";
    const std::string hint = "from " + std::to_string(row.least) +
                             (row.most == no_most ? " upwards" : " to " + std::to_string(row.most));
    if (row.type == OptionType::positive) {
        diagnostics_.warning(setting.value_where, "W406", text, setting.line, hint);
    } else {
        diagnostics_.error(setting.value_where, vital ? "E407" : "E406", text, setting.line, hint);
    }
}

bool OptionsReader::convert_integer(
    const OptionRow& row, const Setting& setting, Options::Value& value
) {
    std::optional<std::int64_t> number;
    if (row.type == OptionType::boolean) {
        const auto word = boolean_of(setting, diagnostics_);
        if (word) number = *word ? 1 : 0;
    } else if (row.type == OptionType::octets) {
        number = parse_option_octets(setting.value);
        if (!number) report_malformed(setting, "a size such as 64M", diagnostics_);
    } else if (row.type == OptionType::integer) {
        number = integer_of(setting, {row.least, row.most}, diagnostics_);
    } else {
        number = integer_of(setting, any_integer, diagnostics_);
        if (number && (*number < row.least || *number > row.most)) {
            not_allowed(row, setting);
            return false;
        }
    }
    if (!number) return false;
    value.integer = *number;
    value.text = std::to_string(*number);
    return true;
}

bool OptionsReader::convert(const OptionRow& row, const Setting& setting, Options::Value& value) {
    value.text = setting.value;
    if (is_integer_type(row.type)) return convert_integer(row, setting, value);
    if (row.type == OptionType::text) return true;
    if (row.type == OptionType::integers) {
        if (auto numbers = integers_of(setting, diagnostics_)) {
            value.integers = std::move(*numbers);
            return true;
        }
        return false;
    }
    if (row.type == OptionType::real) {
        if (const auto number = parse_option_real(setting.value)) {
            value.real = *number;
            return true;
        }
        report_malformed(setting, "a number", diagnostics_);
        return false;
    }
    if (row.type == OptionType::duration) {
        if (const auto duration = parse_option_duration(setting.value)) {
            value.integer = duration->count();
            return true;
        }
        report_malformed(setting, "a duration such as 90s, 4h or 3d", diagnostics_);
        return false;
    }
    if (const auto limit = parse_free_space(setting.value)) {
        value.free_space = *limit;
        return true;
    }
    report_malformed(setting, "a limit such as 5%, 512M or 5%,512M", diagnostics_);
    return false;
}

// The XML form of the log is meant for programs, so it tells more unless told otherwise.
void OptionsReader::derive_defaults() {
    constexpr std::int64_t xml = 4;
    if (options_.integer(OptionId::log_format) != xml) return;
    for (const OptionId id :
         {OptionId::log_filename, OptionId::log_filter, OptionId::log_message_id,
          OptionId::log_notary, OptionId::log_priority, OptionId::log_process,
          OptionId::log_queue_time, OptionId::log_reason, OptionId::log_username}) {
        auto& value = options_.values_[static_cast<std::size_t>(id)];
        if (value.is_set) continue;
        value.integer = 1;
        value.text = "1";
    }
}

void OptionsReader::check_together() {
    if (options_.integer(OptionId::log_messages_syslog) < 0 &&
        options_.integer(OptionId::log_sndopr) == 0) {
        diagnostics_.warning(
            options_.where(OptionId::log_messages_syslog), "W407",
            "LOG_MESSAGES_SYSLOG is negative: entries go to syslog only, mail.log gets none", {},
            "set LOG_SNDOPR=1 to hear of failures to log"
        );
    }
    if (!syslog_facility(options_.text(OptionId::syslog_facility))) {
        diagnostics_.error(
            options_.where(OptionId::syslog_facility), "E406",
            "SYSLOG_FACILITY names no facility of syslog, mail is used"
        );
    }
    if (!options_.boolean(OptionId::fsync)) {
        diagnostics_.warning(
            options_.where(OptionId::fsync), "W407",
            "FSYNC=0: mail that was accepted may be lost when the machine stops"
        );
    }
    demand_one_character(
        OptionId::subaddress_char, "+", "SUBADDRESS_CHAR must be one character, + is used"
    );
    if (!options_.text(OptionId::mapping_paranoia).empty()) {
        demand_one_character(
            OptionId::mapping_paranoia, "_", "MAPPING_PARANOIA must be one character, _ is used"
        );
    }
}

void OptionsReader::demand_one_character(
    OptionId id, std::string_view instead, const std::string& complaint
) {
    if (options_.text(id).size() == 1) return;
    diagnostics_.error(options_.where(id), "E406", complaint);
    options_.values_[static_cast<std::size_t>(id)].text = instead;
}

Options::Options() : values_(option_count) {
    Diagnostics never;
    OptionsReader reader(*this, never);
    for (std::size_t i = 0; i < option_count; ++i) {
        Setting setting;
        setting.name = table[i].id;
        setting.value = table[i].fallback;
        [[maybe_unused]] const bool usable = reader.set(static_cast<OptionId>(i), setting);
        assert(usable && never.items().empty());
        values_[i].is_set = false;
    }
}

bool Options::boolean(OptionId id) const {
    return integer(id) != 0;
}

std::int64_t Options::integer(OptionId id) const {
    assert(is_integer_type(option_row(id).type));
    return value(id).integer;
}

double Options::real(OptionId id) const {
    assert(option_row(id).type == OptionType::real);
    return value(id).real;
}

const std::string& Options::text(OptionId id) const {
    return value(id).text;
}

const std::vector<std::int64_t>& Options::integers(OptionId id) const {
    assert(option_row(id).type == OptionType::integers);
    return value(id).integers;
}

std::chrono::seconds Options::duration(OptionId id) const {
    assert(option_row(id).type == OptionType::duration);
    return std::chrono::seconds(value(id).integer);
}

const FreeSpaceLimit& Options::free_space(OptionId id) const {
    assert(option_row(id).type == OptionType::free_space);
    return value(id).free_space;
}

bool Options::is_set(OptionId id) const {
    return value(id).is_set;
}

const SourceLocation& Options::where(OptionId id) const {
    return value(id).where;
}

std::string Options::source(OptionId id) const {
    const auto& place = value(id);
    if (!place.is_set) return "default";
    return SourceLocation{place.where.file, place.where.line, 0}.to_string();
}

Options Options::with(OptionId id, std::string_view value) const {
    Options copy = *this;
    Diagnostics ignored;
    Setting setting;
    setting.name = option_row(id).id;
    setting.value = value;
    static const auto origin = std::make_shared<const std::string>("command line");
    setting.where.file = origin;
    OptionsReader(copy, ignored).set(id, setting);
    return copy;
}

Options parse_options(std::string_view text, std::string_view file_name, Diagnostics& diagnostics) {
    Options options;
    OptionsReader(options, diagnostics)
        .read(parse_option_file(text, file_name, OptionDialect{}, diagnostics));
    return options;
}

Options load_options(FileSource& files, const std::string& path, Diagnostics& diagnostics) {
    const auto text = files.read(path);
    if (text) return parse_options(*text, path, diagnostics);
    if (text.error().error_number() != ENOENT) {
        diagnostics.error(
            {std::make_shared<const std::string>(path), 1, 1}, "E408",
            "cannot be read: " + text.error().detail()
        );
    }
    return {};
}

std::vector<OptionId> unhonoured_in_use(const Options& options) {
    static const Options defaults;
    std::vector<OptionId> found;
    for (std::size_t i = 0; i < option_count; ++i) {
        const auto id = static_cast<OptionId>(i);
        const auto& row = option_row(id);
        if (row.honoured || row.priority == OptionPriority::inert || !options.is_set(id)) continue;
        if (options.text(id) != defaults.text(id)) found.push_back(id);
    }
    return found;
}

}  // namespace sluice::config
