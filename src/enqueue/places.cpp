#include "enqueue/places.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "alias/mailing_list.h"
#include "config/containment_options.h"
#include "config/tls_settings.h"
#include "enqueue/event_sinks.h"

namespace sluice::enqueue {

namespace {

namespace fs = std::filesystem;
namespace place = containment::place;
namespace host = containment::host;
using config::TailorEntry;

/// Without final slashes.
class Places {
public:
    void insert(std::string path) {
        while (path.size() > 1 && path.ends_with('/')) path.pop_back();
        paths_.insert(std::move(path));
    }
    void insert_all(const std::vector<std::string>& paths) {
        for (const std::string& path : paths) insert(path);
    }
    [[nodiscard]] std::vector<std::string> list() const { return {paths_.begin(), paths_.end()}; }

private:
    std::set<std::string> paths_;
};

constexpr TailorEntry site_directories[] = {
    TailorEntry::table, TailorEntry::bin, TailorEntry::exe,  TailorEntry::lib,
    TailorEntry::com,   TailorEntry::dl,  TailorEntry::lang, TailorEntry::program};
constexpr TailorEntry site_files[] = {
    TailorEntry::config_file,         TailorEntry::config_data,
    TailorEntry::option_file,         TailorEntry::mapping_file,
    TailorEntry::alias_file,          TailorEntry::alias_database,
    TailorEntry::domain_database,     TailorEntry::forward_database,
    TailorEntry::general_database,    TailorEntry::reverse_database,
    TailorEntry::conversion_file,     TailorEntry::dispatcher_config,
    TailorEntry::jbc_config_file,     TailorEntry::security_config_file,
    TailorEntry::system_filter_file,  TailorEntry::charset_data,
    TailorEntry::charset_option_file, TailorEntry::name_content_file};

/// The directory of a file, since the file is another one when it was replaced, and where it is a
/// link that of what it leads to.
void add_directory_of(const std::string& path, Places& places) {
    if (!path.starts_with('/')) return;
    places.insert(fs::path(path).parent_path());
    std::error_code ignored;
    const fs::path target = fs::canonical(path, ignored);
    if (!ignored) places.insert(target.parent_path());
}

/// Finds what files a configuration names.
class SiteFiles {
public:
    explicit SiteFiles(const config::Configuration& configuration)
        : configuration_(configuration) {}

    void add_texts(Places& places) const {
        const config::Tailor& tailor = configuration_.tailor;
        for (const TailorEntry entry : site_directories) places.insert(tailor.path(entry));
        for (const TailorEntry entry : site_files) add_directory_of(tailor.path(entry), places);
        add_directory_of(tailor.file(), places);
    }

    void add_all(Places& places) const {
        add_texts(places);
        add_lists(places);
        add_passwords(places);
        add_certificates(places);
    }

    /// Files of numbers that messages get one after the other, `$#name#` and SEQUENCE_FILE.
    void add_sequences(Places& places) const {
        for (const auto& alias : configuration_.aliases.all()) {
            if (alias->list != nullptr) add_sequence(alias->list->sequence_file, places);
        }
        for (const auto& [name, table] : configuration_.mappings.tables()) {
            for (const mapping::Entry& entry : table.entries())
                add_sequences_of(entry.result.parts(), places);
        }
    }

private:
    void add_lists(Places& places) const {
        for (const auto& alias : configuration_.aliases.all()) {
            for (const auto& file : alias->files) add_directory_of(file.path, places);
            if (alias->list == nullptr) continue;
            const alias::MailingList& list = *alias->list;
            for (const std::string& path : {list.header_file, list.prefix_file, list.suffix_file})
                add_directory_of(path, places);
            for (const auto* clauses : {&list.access, &list.holds, &list.moderators}) {
                for (const alias::ListClause& clause : *clauses)
                    add_directory_of(clause.value, places);
            }
        }
    }

    void add_passwords(Places& places) const {
        for (const config::AuthSource& source : configuration_.security.sources) {
            if (source.type == config::AuthSource::Type::file) add_named(source.file, places);
        }
    }

    void add_certificates(Places& places) const {
        for (const channel::Channel& channel : configuration_.imta.channels) {
            const config::ServerTls server = config::server_tls(configuration_, channel);
            const config::ClientTls client = config::client_tls(configuration_, channel);
            for (const tls::CertificateFiles& files : server.settings.certificates)
                add_pair(files, places);
            add_pair(client.settings.certificate, places);
            add_directory_of(server.settings.trust_anchors, places);
            add_directory_of(client.settings.trust_anchors, places);
        }
    }

    static void add_pair(const tls::CertificateFiles& files, Places& places) {
        add_directory_of(files.certificate, places);
        add_directory_of(files.key, places);
    }

    void add_named(const std::string& name, Places& places) const {
        if (name.empty()) return;
        if (const auto path = configuration_.tailor.resolve_path(name, TailorEntry::table))
            add_directory_of(*path, places);
    }

    /// A name that is made at run time is taken to be in the directory that is written out.
    void add_sequences_of(const std::vector<mapping::Template::Part>& parts, Places& places) const {
        using Kind = mapping::Template::Kind;
        for (const mapping::Template::Part& part : parts) {
            if (part.kind == Kind::sequence) {
                const bool begins =
                    !part.argument.empty() && part.argument.front().kind == Kind::literal;
                add_sequence(begins ? part.argument.front().text : part.text, places);
            }
            add_sequences_of(part.argument, places);
        }
    }
    void add_sequence(const std::string& name, Places& places) const {
        add_named(name.empty() ? std::string("-") : name, places);
    }

    const config::Configuration& configuration_;
};

void add_logs(const config::Configuration& configuration, Places& places) {
    const config::Tailor& tailor = configuration.tailor;
    places.insert(tailor.path(TailorEntry::log));
    for (const TailorEntry entry :
         {TailorEntry::primary_log, TailorEntry::secondary_log, TailorEntry::tertiary_log})
        add_directory_of(tailor.path(entry), places);
    if (configuration.options.boolean(config::OptionId::log_postoffice))
        places.insert(postoffice_directory(configuration));
    for (const auto& [name, service] : configuration.service_logs.services) {
        if (service.directory.starts_with('/')) places.insert(service.directory);
    }
    if (configuration.service_logs.log_directory.starts_with('/'))
        places.insert(configuration.service_logs.log_directory);
}

void add_places(const config::Configuration& configuration, unsigned kinds, Places& places) {
    const config::Tailor& tailor = configuration.tailor;
    if ((kinds & place::site) != 0) SiteFiles(configuration).add_all(places);
    if ((kinds & place::texts) != 0) SiteFiles(configuration).add_texts(places);
    if ((kinds & place::queue) != 0) places.insert(tailor.path(TailorEntry::queue));
    if ((kinds & place::run) != 0) places.insert(tailor.path(TailorEntry::run));
    if ((kinds & place::scratch) != 0) {
        places.insert(tailor.path(TailorEntry::tmp));
        places.insert(tailor.path(TailorEntry::scratch));
    }
    if ((kinds & place::mail) != 0) places.insert(tailor.path(TailorEntry::store));
    if ((kinds & place::logs) != 0) add_logs(configuration, places);
}

bool asks_pam(const config::Configuration& configuration) {
    const auto& sources = configuration.security.sources;
    return std::any_of(sources.begin(), sources.end(), [](const config::AuthSource& source) {
        return source.type == config::AuthSource::Type::pam;
    });
}

bool has_services(const config::Configuration& configuration) {
    const auto& entries = configuration.conversions.entries;
    return std::any_of(entries.begin(), entries.end(), [](const auto& entry) {
        return entry.is_for_service();
    });
}

std::vector<std::string> hosts_of(const config::Configuration& configuration, unsigned kinds) {
    const std::string& directory = configuration.tailor.path(TailorEntry::bin);
    std::vector<std::string> hosts;
    if ((kinds & host::passwords) != 0 && asks_pam(configuration))
        hosts.push_back(directory + "pam_host");
    if ((kinds & host::routines) != 0 &&
        configuration.options.integer(config::OptionId::site_routines) > 0)
        hosts.push_back(directory + "callout_host");
    if ((kinds & host::commands) != 0 ||
        ((kinds & host::services) != 0 && has_services(configuration)))
        hosts.push_back(directory + "command_host");
    return hosts;
}

}  // namespace

containment::Rights rights_of(
    const config::Configuration& configuration, const containment::ProgramRow& program
) {
    Diagnostics reported;  // when the configuration was checked
    const auto more =
        config::read_containment_options(configuration.options, reported).places_of(program.name);
    Places read;
    Places updated;
    Places written;
    read.insert_all(more.read);
    written.insert_all(more.written);
    add_places(configuration, program.read, read);
    add_places(configuration, program.written, written);
    if ((program.read & (place::site | place::texts)) != 0)
        SiteFiles(configuration).add_sequences(updated);
    containment::Rights rights;
    rights.program = program.name;
    rights.read = read.list();
    rights.update = updated.list();
    rights.written = written.list();
    rights.connects = (program.network & containment::tcp::connects) != 0;
    rights.hosts = hosts_of(configuration, program.hosts);
    return rights;
}

}  // namespace sluice::enqueue
