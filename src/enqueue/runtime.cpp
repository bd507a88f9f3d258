#include "enqueue/runtime.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "base/log.h"
#include "base/system_log.h"
#include "config/log_options.h"
#include "converter/reformatter.h"
#include "counters/recorder.h"
#include "counters/segment.h"
#include "enqueue/event_sinks.h"

namespace sluice::enqueue {

using config::OptionId;
using config::TailorEntry;

namespace {

std::string text_or(const std::string& text, std::string_view fallback) {
    return text.empty() ? std::string(fallback) : text;
}

std::string account_name() {
    std::vector<char> buffer(16384);
    passwd entry{};
    passwd* found = nullptr;
    ::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found);
    return found != nullptr ? found->pw_name : std::to_string(::geteuid());
}

std::string node_name() {
    std::vector<char> buffer(256);
    return ::gethostname(buffer.data(), buffer.size() - 1) == 0 ? std::string(buffer.data())
                                                                : std::string();
}

LoopAction loop_action_of(const config::Options& options) {
    const std::string& word = options.text(OptionId::loop_action);
    if (equals_ignoring_case(word, "reject")) return LoopAction::reject;
    if (equals_ignoring_case(word, "return")) return LoopAction::return_to_sender;
    return LoopAction::hold;
}

}  // namespace

log::LogOptions log_options_of(const config::Configuration& configuration) {
    return config::transaction_log_options(configuration.options, configuration.local_host());
}

log::LogOptions log_options_of(
    const config::Configuration& configuration, std::string_view channel
) {
    log::LogOptions options = log_options_of(configuration);
    const auto& own = configuration.options_of(channel).log_connection;
    if (own) options.connection = static_cast<unsigned>(*own);
    return options;
}

std::shared_ptr<filter::CopyFilters> copy_filters_of(config::ConfigurationPtr configuration) {
    const auto& filters = configuration->spam_filters;
    const bool any =
        std::any_of(filters.begin(), filters.end(), [](const auto& f) { return f.has_value(); });
    return any ? std::make_shared<filter::CopyFilters>(std::move(configuration)) : nullptr;
}

MessageLimits message_limits_of(const config::Configuration& configuration) {
    const config::Options& options = configuration.options;
    const auto number = [&](OptionId id) { return static_cast<unsigned>(options.integer(id)); };
    MessageLimits limits;
    limits.trace.received = number(OptionId::max_received_lines);
    limits.trace.local_received = number(OptionId::max_local_received_lines);
    limits.trace.mr_received = number(OptionId::max_mr_received_lines);
    limits.trace.x400_received = number(OptionId::max_x400_received_lines);
    limits.trace.total = number(OptionId::max_total_received_lines);
    limits.loop_action = loop_action_of(options);
    limits.block_size = static_cast<std::uint64_t>(options.integer(OptionId::block_size));
    const auto header_blocks = static_cast<std::uint64_t>(options.integer(OptionId::header_limit));
    if (header_blocks > 0) limits.header_bytes = header_blocks * limits.block_size;
    limits.one_header_limit = header_blocks > 0 && options.is_set(OptionId::header_limit);
    limits.header_shares.header_octets = options.real(OptionId::max_header_block_use);
    limits.header_shares.header_lines = options.real(OptionId::max_header_line_use);
    if (configuration.log_header)
        limits.logged_headers =
            std::make_shared<const message::HeaderOptions>(*configuration.log_header);
    limits.log_header = options.integer(OptionId::log_header) != 0;
    limits.local_host = configuration.local_host();
    limits.local_names.push_back(limits.local_host);
    limits.local_names.push_back(text_or(options.text(OptionId::received_domain), limits.local_host)
    );
    return limits;
}

log::LogSettings log_settings_of(const config::Configuration& configuration) {
    const std::string& directory = configuration.tailor.path(TailorEntry::log);
    const config::Options& options = configuration.options;
    log::LogSettings settings;
    settings.message_log = configuration.tailor.path(TailorEntry::primary_log);
    settings.connection_log = directory + "connection.log_current";
    settings.lock_file = directory + "mail.log_lock";
    settings.options = log_options_of(configuration);
    settings.rotation.size = static_cast<std::uint64_t>(options.integer(OptionId::log_rotate_size));
    settings.rotation.keep = static_cast<std::size_t>(options.integer(OptionId::log_rotate_num));
    settings.buffer_max =
        static_cast<std::size_t>(configuration.options.integer(OptionId::log_buffer_max));
    if (options.integer(OptionId::log_sndopr) != 0) settings.alarm = operator_notice(options);
    settings.full_action =
        equals_ignoring_case(configuration.options.text(OptionId::log_full_action), "stop")
            ? log::FullAction::stop
            : log::FullAction::drop;
    return settings;
}

std::vector<std::unique_ptr<log::EventSink>> log_sinks_of(const config::ConfigurationPtr& snapshot
) {
    const config::Configuration& configuration = *snapshot;
    std::vector<std::unique_ptr<log::EventSink>> sinks = event_sinks_of(snapshot);
    const std::string path = counters::segment_path(configuration.tailor.path(TailorEntry::run));
    const auto channels =
        static_cast<std::size_t>(configuration.options.integer(OptionId::channel_table_size));
    sinks.push_back(std::make_unique<counters::Recorder>(path, channels));
    counters::Recorder::count_limits(path, channels);
    return sinks;
}

queue::StoreOptions store_options_of(const config::Configuration& configuration) {
    const config::Options& options = configuration.options;
    queue::StoreOptions out;
    out.history_sync = options.boolean(OptionId::queue_history_sync);
    out.history_max = static_cast<std::size_t>(options.integer(OptionId::queue_history_max));
    out.sync_interval = options.duration(OptionId::queue_sync_interval);
    out.young_limit = static_cast<std::size_t>(options.integer(OptionId::queue_young_limit));
    return out;
}

std::string job_controller_socket(const config::Configuration& configuration) {
    return configuration.tailor.path(TailorEntry::run) + "job_controller.sock";
}

namespace {

jobs::EnqueueNotifier::Options notifier_options(
    const config::Configuration& configuration, std::chrono::milliseconds farewell, bool debugs
) {
    jobs::EnqueueNotifier::Options options;
    options.socket_path = job_controller_socket(configuration);
    options.flush_at_end = farewell;
    if (debugs && configuration.options.integer(OptionId::cache_debug) != 0)
        options.say = diag::info;
    return options;
}

}  // namespace

std::optional<std::string> needs_fresh_process(
    const config::Configuration& before, const config::Configuration& after
) {
    for (const TailorEntry entry :
         {TailorEntry::queue, TailorEntry::run, TailorEntry::log, TailorEntry::tmp,
          TailorEntry::user, TailorEntry::bin, TailorEntry::syslog_socket}) {
        if (before.tailor.text(entry) != after.tailor.text(entry))
            return "the tailor file names another " + std::string(config::Tailor::name_of(entry));
    }
    const log::LogSettings old_log = log_settings_of(before);
    const log::LogSettings new_log = log_settings_of(after);
    if (old_log.message_log != new_log.message_log || old_log.buffer_max != new_log.buffer_max ||
        old_log.full_action != new_log.full_action || old_log.rotation != new_log.rotation ||
        old_log.options != new_log.options) {
        return "options of the log changed";
    }
    if (store_options_of(before) != store_options_of(after)) return "options of the queue changed";
    for (const OptionId id :
         {OptionId::id_domain, OptionId::queue_commit_delay_ms, OptionId::log_sndopr,
          OptionId::sndopr_priority, OptionId::syslog_tag, OptionId::syslog_facility}) {
        if (before.options.text(id) != after.options.text(id))
            return "option " + config::option_row(id).name() + " changed";
    }
    return std::nullopt;
}

Result<std::unique_ptr<Runtime>> Runtime::open(
    config::ConfigurationPtr configuration, std::chrono::milliseconds farewell, bool debugs
) {
    std::string root = configuration->tailor.path(TailorEntry::queue);
    while (root.size() > 1 && root.back() == '/') root.pop_back();
    const bool traced = debugs && configuration->options.integer(OptionId::os_debug) != 0;
    const queue::StoreOptions options = store_options_of(*configuration);
    auto store = traced ? queue::Store::open_traced(root, options, diag::info)
                        : queue::Store::open(root, options);
    if (!store) return std::move(store).error();
    auto notifier = notifier_options(*configuration, farewell, debugs);
    return std::unique_ptr<Runtime>(
        new Runtime(std::move(configuration), std::move(*store), std::move(notifier))
    );
}

std::unique_ptr<Runtime> Runtime::on(
    config::ConfigurationPtr configuration,
    std::unique_ptr<queue::Store> store,
    std::chrono::milliseconds farewell
) {
    auto notifier = notifier_options(*configuration, farewell, false);
    return std::unique_ptr<Runtime>(
        new Runtime(std::move(configuration), std::move(store), std::move(notifier))
    );
}

Runtime::Runtime(
    config::ConfigurationPtr configuration,
    std::unique_ptr<queue::Store> store,
    jobs::EnqueueNotifier::Options notifier
)
    : configuration_(std::move(configuration)),
      store_(std::move(store)),
      log_(log_settings_of(*configuration_), log_sinks_of(configuration_)),
      notifier_(std::move(notifier)),
      message_ids_(
          text_or(configuration_->options.text(OptionId::id_domain), configuration_->local_host())
      ),
      limits_(message_limits_of(*configuration_)),
      account_(account_name()),
      site_{*store_, log_, notifier_},
      sources_(configuration_) {
    use_system_log(configuration_->tailor.path(TailorEntry::syslog_socket));
    site_.node = node_name();
    sink_settings_ = event_sink_settings(*configuration_);
    limits_.filters = copy_filters_of(configuration_);
    limits_.reformatter = converter::reformatter_of(configuration_);
}

void Runtime::take_sinks(const config::ConfigurationPtr& fresh) {
    std::string settings = event_sink_settings(*fresh);
    if (settings == sink_settings_) return;
    sink_settings_ = std::move(settings);
    log_.replace_sinks(log_sinks_of(fresh));
}

}  // namespace sluice::enqueue
