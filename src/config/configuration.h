#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "alias/alias_table.h"
#include "base/diagnostic.h"
#include "config/channel_options.h"
#include "config/conversion_options.h"
#include "config/dispatcher_cnf.h"
#include "config/file_source.h"
#include "config/header_options.h"
#include "config/imta_cnf.h"
#include "config/job_controller_cnf.h"
#include "config/local_users.h"
#include "config/log_header.h"
#include "config/notice_locales.h"
#include "config/options.h"
#include "config/programs.h"
#include "config/security_cnf.h"
#include "config/spamfilter.h"
#include "config/tailor.h"
#include "conversion/entry.h"
#include "mapping/table.h"
#include "rewrite/context.h"
#include "service_log/settings.h"
#include "store/text_database.h"

// The configuration of an instance: one immutable snapshot of all its files. Processes hold a
// shared pointer to it; a message or session keeps the snapshot that it began with.
namespace sluice::config {

/// Lookup databases that are texts in the table directory: those that USE_TEXT_DATABASES names.
struct TextDatabases {
    std::optional<store::TextDatabase> general;
    std::optional<store::TextDatabase> reverse;
    std::optional<store::TextDatabase> forward;
};

struct Configuration {
    explicit Configuration(Tailor where) : tailor(std::move(where)) {}

    std::uint64_t generation = 0;  ///< of the published image; 0 when read from the texts
    Tailor tailor;
    Options options;
    ImtaCnf imta;
    mapping::TableSet mappings;
    alias::AliasTable aliases;
    LocalUsers local_users;
    TextDatabases text_databases;
    conversion::Entries conversions;
    JobControllerConfiguration job_controller;
    DispatcherConfiguration dispatcher;
    rewrite::Options rewrite_options;
    std::map<std::string, TcpChannelOptions, std::less<>> channel_options;  ///< by channel name
    SpamFilters spam_filters;
    service_log::Settings service_logs;
    NoticeLocales notices;           ///< the texts of notifications
    DeliveryPrograms programs;       ///< what pipe channels may run
    SecurityConfiguration security;  ///< who may log in, and how

    /// By channel name, of channels of the families `conversion` and `pipe`.
    std::map<std::string, ConversionOptions, std::less<>> conversion_options;

    /// By channel name, of channels with headertrim or headerread.
    std::map<std::string, ChannelHeaderOptions, std::less<>> header_options;

    /// Header lines that the transaction log shows; nullopt: none.
    std::optional<message::HeaderOptions> log_header;

    /// The channel's option file, or the defaults where it has none.
    [[nodiscard]] const TcpChannelOptions& options_of(std::string_view channel) const;
    /// The same of a conversion or pipe channel.
    [[nodiscard]] const ConversionOptions& conversion_options_of(std::string_view channel) const;
    /// The channel's header option files; empty where it has none.
    [[nodiscard]] const ChannelHeaderOptions& header_options_of(std::string_view channel) const;
    [[nodiscard]] std::string_view local_host() const { return imta.channels.local_host(); }
};

using ConfigurationPtr = std::shared_ptr<const Configuration>;

/// Reads all files of the instance whose tailor file is `tailor_path`. Reports everything that it
/// finds in one pass; null when there are errors: such a configuration must not be used.
ConfigurationPtr load_configuration(
    const std::string& tailor_path, FileSource& files, Diagnostics& diagnostics
);

/// Files that decide about addresses.
struct AddressFiles {
    std::string imta_cnf;
    std::string mapping_file;
    std::string option_file;
    std::string alias_file;
    bool without_mapping_file = false;  ///< not even the instance's
    bool without_option_file = false;
};

/// The part of a configuration that decides about addresses and conversions, with the files that
/// `trial` names in the place of the instance's: for trying them before they are put there.
/// `tailor_path` empty: there is no instance. What `trial` does not name is empty then, and as
/// nobody says who has a mailbox, every name has one. Files of the job controller, the dispatcher
/// and other channels' options are not read. Null when there are errors.
ConfigurationPtr load_for_trial(
    const std::string& tailor_path,
    const AddressFiles& trial,
    FileSource& files,
    Diagnostics& diagnostics
);

/// What a program that starts uses: the published image where there is one, else the texts. A
/// damaged image is reported as a warning and the texts are used. An Error says in its detail what
/// is wrong, one finding a line. `image`: this one instead of the instance's, and no texts.
Result<ConfigurationPtr> load_published(
    const std::string& tailor_path, const std::string& image = {}
);

/// Keywords and options that are set and have no effect yet, as warnings: for `cnbuild`.
void report_unhonoured(const Configuration& configuration, Diagnostics& diagnostics);

/// The tailor file of this process: environment variable IMTA_TAILOR; an Error that says so when it
/// is not set.
Result<std::string> tailor_path_from_environment();

}  // namespace sluice::config
