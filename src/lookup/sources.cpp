#include "lookup/sources.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <random>
#include <set>
#include <stdexcept>

#include "base/bytes.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text_file_cache.h"
#include "callout/check_metermaid.h"
#include "callout/client_checks.h"
#include "callout/conn_throttle.h"
#include "callout/dns_verify.h"
#include "callout/local_block.h"
#include "callout/registry.h"
#include "callout/site_routines.h"
#include "lookup/meter_tables.h"
#include "lookup/sequence_file.h"
#include "lookup/valid_recipients.h"
#include "net/dns.h"
#include "store/entry_line.h"
#include "store/lookup_table.h"

namespace sluice::lookup {

using config::OptionId;
using config::TailorEntry;
using mapping::Answer;
using mapping::Question;

namespace {

/// For one question to the DNS; a call-out asks two or three.
constexpr std::chrono::seconds dns_limit{2};
constexpr std::chrono::seconds least_caching{10};
constexpr std::chrono::seconds most_caching{3600};

/// A database on disk, or the text in its place.
/// A message asks a dozen times; that a database is replaced is rare.
constexpr std::chrono::milliseconds new_file_noticed{250};

struct Database {
    Database(std::string path, const std::optional<store::TextDatabase>* its_text)
        : table(std::move(path), new_file_noticed), text(its_text) {}

    Answer find(const std::string& key) {
        if (text != nullptr && text->has_value()) {
            const std::string* value = (*text)->find(key);
            return value != nullptr ? Answer::literal(*value) : Answer::none();
        }
        if (table.path().empty()) return Answer::none();
        auto found = table.find(key);
        if (!found) return Answer::temporary();
        return found->has_value() ? Answer::literal(std::move(**found)) : Answer::none();
    }

    store::LookupTable table;
    const std::optional<store::TextDatabase>* text;
};

/// Says each thing once, a limited number of things.
class SaidOnce {
public:
    void warn(const std::string& text) {
        constexpr std::size_t most = 1000;
        const std::lock_guard lock(mutex_);
        if (said_.size() < most && said_.insert(text).second) diag::warning(text);
    }

private:
    std::mutex mutex_;
    std::set<std::string> said_;
};

/// Time, process and a count, in base 36.
class UniqueStrings {
public:
    std::string next() {
        const auto now = system_clock().wall_now().time_since_epoch().count();
        return base36(static_cast<std::uint64_t>(now)) +
               base36(static_cast<std::uint64_t>(::getpid())) + 'Z' + base36(++count_);
    }

private:
    static std::string base36(std::uint64_t number) {
        constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        std::string text;
        do {
            text.insert(text.begin(), digits[number % 36]);
            number /= 36;
        } while (number != 0);
        return text;
    }

    std::atomic<std::uint64_t> count_{0};
};

std::string draw() {
    thread_local std::mt19937_64 generator{std::random_device{}()};
    std::uniform_real_distribution<double> distribution(0.0, 100.0);
    return std::to_string(std::min(distribution(generator), 99.999999));
}

/// A value that is an address, not a template.
Answer plain(Answer answer) {
    answer.text = store::without_quoting(answer.text);
    return answer;
}

}  // namespace

struct Sources::Impl {
    Impl(config::ConfigurationPtr its_configuration, Settings its_settings)
        : configuration(std::move(its_configuration)), settings(std::move(its_settings)) {
        callout::add_throttle_routines(registry, system_clock());
        callout::add_dns_routines(
            registry, [this]() -> net::Resolver& { return dns(); }, system_clock()
        );
        const auto backend = [this]() -> meter::Backend& { return meter_tables(); };
        callout::add_meter_routines(registry, meter_tables_configured, backend);
        callout::add_client_checks(
            registry, [this]() -> net::Resolver& { return dns(); }, backend
        );
        callout::add_block_routines(
            registry, configuration->options.duration(OptionId::honeypot_ttl), system_clock(),
            backend
        );
        add_valid_recipients(registry, valid_recipients_path(*configuration));
    }

    [[nodiscard]] std::string path_of(TailorEntry entry) const {
        return has_instance() ? configuration->tailor.path(entry) : std::string();
    }
    [[nodiscard]] bool has_instance() const { return !configuration->tailor.file().empty(); }

    net::Resolver& dns() {
        std::call_once(resolver_made, [this] {
            net::ResolverSettings wanted;
            wanted.servers = settings.name_servers;
            wanted.time_limit = dns_limit;
            wanted.least_caching = least_caching;
            wanted.most_caching = most_caching;
            resolver = net::make_resolver(wanted);
        });
        return *resolver;
    }

    meter::Backend& meter_tables() {
        std::call_once(meter_made, [this] {
            if (!has_instance()) throw std::runtime_error("there is no instance to keep tables in");
            meter = std::make_unique<meter::SharedBackend>(
                meter_settings(*configuration), system_clock()
            );
        });
        return *meter;
    }

    callout::SiteRoutines* site_routines() {
        const auto processes = configuration->options.integer(OptionId::site_routines);
        if (processes <= 0 || !has_instance()) return nullptr;
        std::call_once(site_made, [&] {
            callout::SiteRoutines::Settings wanted;
            wanted.program = configuration->tailor.path(TailorEntry::bin) + "callout_host";
            wanted.processes = static_cast<unsigned>(processes);
            site = std::make_unique<callout::SiteRoutines>(wanted, system_clock());
        });
        return site.get();
    }

    /// A file that is missing may come back: nobody is told that its list has no members.
    Answer text_of(const std::string& path) {
        const auto text = files.read(path);
        if (text) return Answer::literal(**text);
        diag::warning("cannot read " + path + ": " + text.error().detail());
        return Answer::temporary();
    }

    Answer sequence_number(const std::string& name) {
        if (!has_instance()) return Answer::none();
        const auto path = configuration->tailor.resolve_path(name, TailorEntry::table);
        // Part of the name may come from outside; it shall not lead elsewhere.
        if (!path || path->find('\0') != std::string::npos || name.find("..") != std::string::npos)
            return Answer::none();
        const auto number = next_in_sequence(*path);
        if (number) return Answer::literal(std::to_string(*number));
        said.warn("sequence number: " + number.error().detail());
        return Answer::none();
    }

    Answer call_out(const Question& question) {
        if (callout::Routine* built_in = registry.find(question.subject, question.routine)) {
            try {
                return built_in->call(question.argument);
            } catch (const std::runtime_error& problem) {  // no resolver can be made
                said.warn("call-out " + question.routine + ": " + problem.what());
                return Answer::temporary();
            }
        }
        const std::string name = "$[" + question.subject + ',' + question.routine + ",...]";
        callout::SiteRoutines* const routines = site_routines();
        if (routines == nullptr) {
            said.warn("call-out fails, there is no such routine: " + name);
            return Answer::none();
        }
        auto library = configuration->tailor.resolve_path(question.subject, TailorEntry::lib);
        if (!library) {
            said.warn("call-out fails: " + name + ": " + library.error().detail());
            return Answer::none();
        }
        if (!library->ends_with(".so")) *library += ".so";
        return routines->call(*library, question.routine, question.argument);
    }

    Answer find_unless_off(OptionId option, Database& database, const std::string& key) const {
        return configuration->options.boolean(option) ? database.find(key) : Answer::none();
    }

    const config::ConfigurationPtr configuration;
    const Settings settings;
    const config::TextDatabases& texts = configuration->text_databases;
    Database general{path_of(TailorEntry::general_database), &texts.general};
    Database reverse{path_of(TailorEntry::reverse_database), &texts.reverse};
    Database forward{path_of(TailorEntry::forward_database), &texts.forward};
    Database alias{path_of(TailorEntry::alias_database), nullptr};
    Database domain{path_of(TailorEntry::domain_database), nullptr};
    const callout::MeterTables meter_tables_configured = configured_meter_tables(*configuration);
    callout::Registry registry;
    TextFileCache files;
    std::once_flag resolver_made;
    std::unique_ptr<net::Resolver> resolver;
    std::once_flag meter_made;
    std::unique_ptr<meter::SharedBackend> meter;
    std::once_flag site_made;
    std::unique_ptr<callout::SiteRoutines> site;
    UniqueStrings unique_strings;
    SaidOnce said;
};

Sources::Sources(config::ConfigurationPtr configuration)
    : Sources(std::move(configuration), Settings()) {}

Sources::Sources(config::ConfigurationPtr configuration, Settings settings)
    : impl_(std::make_unique<Impl>(std::move(configuration), std::move(settings))) {}

Sources::~Sources() = default;

bool Sources::may_block(const Question& question) const {
    switch (question.kind) {
        case Question::Kind::sequence_number:
            return true;
        case Question::Kind::call_out: {
            const callout::Routine* const built_in =
                impl_->registry.find(question.subject, question.routine);
            return built_in == nullptr || built_in->may_block();
        }
        default:
            return false;
    }
}

Answer Sources::answer(const Question& question) {
    Impl& impl = *impl_;
    switch (question.kind) {
        case Question::Kind::general_value:
            return impl.general.find(question.subject);
        case Question::Kind::domain_template:
            return impl.find_unless_off(
                OptionId::use_domain_database, impl.domain, question.subject
            );
        case Question::Kind::alias_value:
            return impl.find_unless_off(OptionId::use_alias_database, impl.alias, question.subject);
        case Question::Kind::forward_value:
            return plain(impl.forward.find(question.subject));
        case Question::Kind::reverse_value:
            return plain(impl.reverse.find(question.subject));
        case Question::Kind::sequence_number:
            return impl.sequence_number(question.subject);
        case Question::Kind::call_out:
            return impl.call_out(question);
        case Question::Kind::chance:
            return Answer::literal(draw());
        case Question::Kind::day_number: {
            const auto today = std::chrono::floor<std::chrono::days>(system_clock().wall_now());
            return Answer::literal(std::to_string(today.time_since_epoch().count()));
        }
        case Question::Kind::unique_string:
            return Answer::literal(impl.unique_strings.next());
        case Question::Kind::file_text:
            return impl.text_of(question.subject);
        case Question::Kind::directory:
        case Question::Kind::domain_attribute:
        case Question::Kind::is_local_domain:
            break;
    }
    return Answer::none();
}

}  // namespace sluice::lookup
