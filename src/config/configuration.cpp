#include "config/configuration.h"

#include <cerrno>
#include <cstdlib>

#include "base/log.h"
#include "channel/channel_settings.h"
#include "channel/honoured_keywords.h"
#include "config/aliases_file.h"
#include "config/containment_options.h"
#include "config/conversions_file.h"
#include "config/image.h"
#include "config/mapping_file.h"
#include "config/meter_options.h"
#include "config/option_file.h"
#include "config/service_logs.h"

namespace sluice::config {

namespace {

const TcpChannelOptions default_channel_options;
const ConversionOptions default_conversion_options;
const ChannelHeaderOptions no_header_options;

/// Names like IMTA_TABLE that files may use in front of a colon.
LogicalNames logical_names(const Tailor& tailor) {
    LogicalNames names;
    for (std::size_t i = 0; i < tailor_entry_count; ++i) {
        const auto entry = static_cast<TailorEntry>(i);
        names.emplace(Tailor::name_of(entry), tailor.text(entry));
    }
    for (const auto& [name, value] : tailor.others()) names.emplace(name, value);
    return names;
}

void note_failure(const std::string& path, const Error& error, Diagnostics& diagnostics) {
    diagnostics.error({std::make_shared<const std::string>(path), 0, 0}, "E400", error.detail());
}

template <class Loaded>
Loaded loaded_or_default(Result<Loaded> result, const std::string& path, Diagnostics& diagnostics) {
    if (result) return std::move(*result);
    note_failure(path, result.error(), diagnostics);
    return Loaded{};
}

void load_channel_options(
    Configuration& configuration, FileSource& files, Diagnostics& diagnostics
) {
    for (const channel::Channel& channel : configuration.imta.channels) {
        if (!channel::is_smtp(channel) && !channel::is_lmtp(channel)) continue;
        const std::string path =
            configuration.tailor.path(TailorEntry::table) + channel.name() + "_option";
        auto options = load_tcp_channel_options(files, path, diagnostics);
        if (options) {
            configuration.channel_options.emplace(channel.name(), std::move(*options));
        } else {
            note_failure(path, options.error(), diagnostics);
        }
    }
}

void load_conversion_channel_options(
    Configuration& configuration, FileSource& files, Diagnostics& diagnostics
) {
    for (const channel::Channel& channel : configuration.imta.channels) {
        if (!starts_with_ignoring_case(channel.name(), "conversion") &&
            !starts_with_ignoring_case(channel.name(), "pipe"))
            continue;
        const std::string path =
            configuration.tailor.path(TailorEntry::table) + channel.name() + "_option";
        configuration.conversion_options.emplace(
            channel.name(),
            loaded_or_default(load_conversion_options(files, path, diagnostics), path, diagnostics)
        );
    }
}

SourceLocation place_of(const channel::Channel& channel, channel::Keyword keyword) {
    SourceLocation where = channel.where();
    for (const channel::Setting& setting : channel.settings()) {
        if (setting.keyword == keyword) where = setting.where;
    }
    return where;
}

void load_header_option_files(
    Configuration& configuration, FileSource& files, Diagnostics& diagnostics
) {
    using channel::Keyword;
    const std::string& directory = configuration.tailor.path(TailorEntry::table);
    for (const channel::Channel& channel : configuration.imta.channels) {
        ChannelHeaderOptions options;
        const auto load = [&](Keyword keyword, std::string_view suffix,
                              message::HeaderOptions& wanted) {
            if (!channel.is_given(keyword)) return;
            const std::string path = directory + channel.name() + std::string(suffix);
            wanted = loaded_or_default(
                load_header_options(files, path, place_of(channel, keyword), diagnostics), path,
                diagnostics
            );
        };
        load(Keyword::headerread, "_read_headers.opt", options.read);
        load(Keyword::headertrim, "_headers.opt", options.trim);
        load(Keyword::headerkeeporder, "_headers.opt", options.trim);
        if (!options.read.empty() || !options.trim.empty())
            configuration.header_options.emplace(channel.name(), std::move(options));
    }
}

// A file that anybody may write is anybody's configuration. Only the disk can tell; an image was
// checked before.
void check_permissions(const Tailor& tailor, FileSource& files, Diagnostics& diagnostics) {
    if (dynamic_cast<DiskFiles*>(&files) == nullptr) return;
    for (const TailorEntry entry :
         {TailorEntry::config_file, TailorEntry::option_file, TailorEntry::mapping_file,
          TailorEntry::alias_file, TailorEntry::jbc_config_file, TailorEntry::dispatcher_config,
          TailorEntry::conversion_file, TailorEntry::security_config_file}) {
        check_not_world_writable(tailor.path(entry), diagnostics);
    }
}

std::string first_error(const Diagnostics& diagnostics) {
    for (const Diagnostic& diagnostic : diagnostics.items()) {
        if (diagnostic.severity == Severity::error) return diagnostic.to_string();
    }
    return "configuration not usable";
}

Error unusable(const Diagnostics& diagnostics) {
    return Error::permanent({5, 3, 5}, "configuration error", first_error(diagnostics));
}

}  // namespace

const TcpChannelOptions& Configuration::options_of(std::string_view channel) const {
    const auto found = channel_options.find(channel);
    return found != channel_options.end() ? found->second : default_channel_options;
}

const ConversionOptions& Configuration::conversion_options_of(std::string_view channel) const {
    const auto found = conversion_options.find(channel);
    return found != conversion_options.end() ? found->second : default_conversion_options;
}

const ChannelHeaderOptions& Configuration::header_options_of(std::string_view channel) const {
    const auto found = header_options.find(channel);
    return found != header_options.end() ? found->second : no_header_options;
}

namespace {

TableNames tables_called_by(const rewrite::RuleSet& rules) {
    TableNames names;
    for (const auto& rule : rules.rules()) {
        for (const rewrite::Token& token : rule->templ.tokens) {
            if (token.kind == rewrite::TokenKind::mapping) names.insert(token.text);
        }
    }
    return names;
}

void read_text_databases(Configuration& c, FileSource& files, Diagnostics& diagnostics) {
    struct Source {
        std::int64_t bit;
        std::string_view name;
        std::optional<store::TextDatabase>* database;
    };
    TextDatabases& databases = c.text_databases;
    const Source sources[] = {
        {1, "general.txt", &databases.general},
        {2, "reverse.txt", &databases.reverse},
        {4, "forward.txt", &databases.forward},
    };
    for (const Source& source : sources) {
        if (!c.options.bit(OptionId::use_text_databases, source.bit)) continue;
        const std::string path = c.tailor.path(TailorEntry::table) + std::string(source.name);
        const auto text = files.read(path);
        if (text) {
            source.database->emplace(store::parse_text_database(*text, path, diagnostics));
        } else {
            note_failure(path, text.error(), diagnostics);
        }
    }
}

/// Everything that decides about addresses. A file without a name is not read: it counts as empty.
void read_address_files(
    Configuration& c, const AddressFiles& names, FileSource& files, Diagnostics& diagnostics
) {
    if (!names.option_file.empty()) {
        c.options = load_options(files, names.option_file, diagnostics);
        // For their findings; made where they are used.
        (void)read_meter_tables(c.options, diagnostics);
        (void)read_containment_options(c.options, diagnostics);
    }
    const bool has_instance = !c.tailor.file().empty();
    if (!names.imta_cnf.empty()) {
        c.imta = read_imta_cnf(
            names.imta_cnf, files, diagnostics,
            has_instance ? logical_names(c.tailor) : LogicalNames()
        );
    }
    if (!names.mapping_file.empty()) {
        c.mappings = read_mapping_file(
            names.mapping_file, files, diagnostics, {}, tables_called_by(c.imta.rules)
        );
    }
    if (has_instance) {
        c.local_users =
            read_local_users(c.tailor.path(TailorEntry::table) + "local_users", files, diagnostics);
        read_text_databases(c, files, diagnostics);
    } else {
        c.local_users.add_prefix("");
    }
    if (!names.alias_file.empty()) {
        AliasFileSettings settings;
        if (has_instance) settings.tailor = &c.tailor;
        settings.or_clauses = c.options.integer(OptionId::or_clauses) != 0;
        settings.postmaster_elsewhere = c.local_users.contains("postmaster");
        c.aliases = loaded_or_default(
            load_aliases(files, names.alias_file, settings, diagnostics), names.alias_file,
            diagnostics
        );
    }
    c.rewrite_options.unknown_host_text = c.options.text(OptionId::error_text_unknown_host);
    c.rewrite_options.subaddress_char = c.options.text(OptionId::subaddress_char).front();
    if (!c.options.text(OptionId::domain_failure).empty()) {
        c.rewrite_options.domain_failure = c.options.text(OptionId::domain_failure);
    }
}

void read_conversion_files(Configuration& c, FileSource& files, Diagnostics& diagnostics) {
    load_conversion_channel_options(c, files, diagnostics);
    c.conversions = read_conversions(
        c.tailor.path(TailorEntry::conversion_file), files, &c.tailor, diagnostics
    );
}

std::shared_ptr<Configuration> read_all(
    const std::string& tailor_path, FileSource& files, Diagnostics& diagnostics
) {
    auto tailor = load_tailor(files, tailor_path, {}, diagnostics);
    if (!tailor) {
        note_failure(tailor_path, tailor.error(), diagnostics);
        return nullptr;
    }
    auto configuration = std::make_shared<Configuration>(std::move(*tailor));
    Configuration& c = *configuration;
    const auto path = [&](TailorEntry entry) -> const std::string& { return c.tailor.path(entry); };
    check_permissions(c.tailor, files, diagnostics);
    read_address_files(
        c,
        {path(TailorEntry::config_file), path(TailorEntry::mapping_file),
         path(TailorEntry::option_file), path(TailorEntry::alias_file)},
        files, diagnostics
    );
    c.job_controller = loaded_or_default(
        load_job_controller_cnf(files, path(TailorEntry::jbc_config_file), diagnostics),
        path(TailorEntry::jbc_config_file), diagnostics
    );
    c.dispatcher = loaded_or_default(
        load_dispatcher_cnf(files, path(TailorEntry::dispatcher_config), diagnostics),
        path(TailorEntry::dispatcher_config), diagnostics
    );
    load_channel_options(c, files, diagnostics);
    read_conversion_files(c, files, diagnostics);
    load_header_option_files(c, files, diagnostics);
    const std::string log_header = path(TailorEntry::table) + "log_header.opt";
    c.log_header = loaded_or_default(
        load_log_header(files, log_header, c.options, c.imta.channels, diagnostics), log_header,
        diagnostics
    );
    c.spam_filters = read_spam_filters(c.options, c.tailor, files, diagnostics);
    check_filter_keywords(c.imta.channels, c.spam_filters, diagnostics);
    c.service_logs = read_service_logs(
        path(TailorEntry::table) + "msg.conf", path(TailorEntry::log), files, diagnostics
    );
    const std::string programs = path(TailorEntry::table) + std::string(programs_file);
    c.programs =
        loaded_or_default(load_programs(files, programs, diagnostics), programs, diagnostics);
    c.notices = load_notice_locales(files, c.tailor, diagnostics);
    c.security = loaded_or_default(
        load_security_cnf(files, path(TailorEntry::security_config_file), diagnostics),
        path(TailorEntry::security_config_file), diagnostics
    );
    if (diagnostics.has_errors()) return nullptr;
    return configuration;
}

}  // namespace

ConfigurationPtr load_configuration(
    const std::string& tailor_path, FileSource& files, Diagnostics& diagnostics
) {
    return read_all(tailor_path, files, diagnostics);
}

ConfigurationPtr load_for_trial(
    const std::string& tailor_path,
    const AddressFiles& trial,
    FileSource& files,
    Diagnostics& diagnostics
) {
    // What is named must be there, also where the instance may do without.
    for (const std::string* name :
         {&trial.imta_cnf, &trial.mapping_file, &trial.option_file, &trial.alias_file}) {
        if (name->empty()) continue;
        if (const auto text = files.read(*name); !text) {
            note_failure(*name, text.error(), diagnostics);
        }
    }
    if (diagnostics.has_errors()) return nullptr;
    AddressFiles names = trial;
    std::optional<Tailor> tailor;
    if (tailor_path.empty()) {
        tailor.emplace(".");
    } else {
        auto loaded = load_tailor(files, tailor_path, {}, diagnostics);
        if (!loaded) {
            note_failure(tailor_path, loaded.error(), diagnostics);
            return nullptr;
        }
        tailor.emplace(std::move(*loaded));
        const auto fill = [&](std::string& name, TailorEntry entry) {
            if (name.empty()) name = tailor->path(entry);
        };
        fill(names.imta_cnf, TailorEntry::config_file);
        if (!trial.without_mapping_file) fill(names.mapping_file, TailorEntry::mapping_file);
        if (!trial.without_option_file) fill(names.option_file, TailorEntry::option_file);
        fill(names.alias_file, TailorEntry::alias_file);
    }
    auto configuration = std::make_shared<Configuration>(std::move(*tailor));
    read_address_files(*configuration, names, files, diagnostics);
    if (!tailor_path.empty()) read_conversion_files(*configuration, files, diagnostics);
    if (diagnostics.has_errors()) return nullptr;
    return configuration;
}

Result<ConfigurationPtr> load_published(const std::string& tailor_path, const std::string& named) {
    Diagnostics diagnostics;
    DiskFiles disk;
    auto tailor = load_tailor(disk, tailor_path, {}, diagnostics);
    if (!tailor) return std::move(tailor).error();
    auto image = load_image(named.empty() ? tailor->path(TailorEntry::config_data) : named);
    if (image) {
        MemoryFiles files(std::move(image->texts));
        if (auto configuration = read_all(tailor_path, files, diagnostics)) {
            configuration->generation = image->generation;
            return ConfigurationPtr(std::move(configuration));
        }
        return unusable(diagnostics);
    }
    if (!named.empty()) return std::move(image).error();
    if (image.error().error_number() != ENOENT)
        diag::warning("image not used: " + image.error().detail());
    DiskFiles texts;
    Diagnostics findings;
    if (auto configuration = load_configuration(tailor_path, texts, findings)) return configuration;
    return unusable(findings);
}

void report_unhonoured(const Configuration& configuration, Diagnostics& diagnostics) {
    channel::report_unhonoured(configuration.imta.channels, diagnostics);
    for (const OptionId id : unhonoured_in_use(configuration.options)) {
        diagnostics.warning(
            configuration.options.where(id), "W420",
            "option " + option_row(id).name() + " has no effect yet"
        );
    }
    for (const auto& [channel, options] : configuration.channel_options) {
        for (const TcpChannelOptions::Unhonoured& option : options.unhonoured_in_use) {
            diagnostics.warning(
                option.where, "W420", "channel option " + option.name + " has no effect yet"
            );
        }
    }
}

Result<std::string> tailor_path_from_environment() {
    const char* path =
        std::getenv("IMTA_TAILOR");  // NOLINT(concurrency-mt-unsafe): read once at start
    if (path != nullptr && *path != '\0') return std::string(path);
    return Error::permanent(
        {5, 3, 5}, "no configuration",
        "the environment variable IMTA_TAILOR must name the tailor file"
    );
}

}  // namespace sluice::config
