#include "config/service_logs.h"

#include <array>
#include <cerrno>

#include "base/bytes.h"
#include "config/option_file.h"
#include "config/option_value.h"
#include "service_log/syslog_sink.h"

namespace sluice::config {

namespace {

using service_log::MessageTrace;
using service_log::ServiceSettings;

constexpr std::array<std::string_view, 7> services{"admin", "default",  "http", "imap",
                                                   "imta",  "msgtrace", "pop"};
/// Those that something here writes.
constexpr std::array<std::string_view, 3> written_services{"admin", "imta", "msgtrace"};
constexpr std::array<std::string_view, 11> parameters{
    "loglevel",   "logdir",           "maxlogfiles",   "maxlogfilesize",
    "maxlogsize", "minfreediskspace", "rollovertime",  "expirytime",
    "buffersize", "flushinterval",    "syslogfacility"};
constexpr std::string_view trace_name = "local.msgtrace.active";
constexpr std::string_view prefix = "logfile.";

bool contains(const auto& names, std::string_view name) {
    for (const std::string_view one : names) {
        if (equals_ignoring_case(one, name)) return true;
    }
    return false;
}

/// Values stand in quotation marks in files that other tools wrote.
Setting unquoted(Setting setting) {
    std::string& value = setting.value;
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
        value = value.substr(1, value.size() - 2);
    return setting;
}

class Reader {
public:
    Reader(service_log::Settings& result, Diagnostics& diagnostics)
        : result_(result), diagnostics_(diagnostics) {}

    void take(const Setting& setting) {
        if (equals_ignoring_case(setting.name, trace_name)) return take_trace(setting);
        if (!starts_with_ignoring_case(setting.name, prefix)) return unknown(setting);
        const std::string_view rest = std::string_view(setting.name).substr(prefix.size());
        const std::size_t dot = rest.find('.');
        const std::string service = to_lower(rest.substr(0, dot));
        if (dot == std::string_view::npos || !contains(services, service)) return unknown(setting);
        if (!contains(parameters, rest.substr(dot + 1))) return unknown(setting);
        if (!contains(written_services, service)) {
            diagnostics_.warning(
                setting.where, "W420", setting.name + " has no effect: nothing here writes that log"
            );
        }
        take_parameter(result_.services[service], to_lower(rest.substr(dot + 1)), setting);
    }

private:
    void unknown(const Setting& setting) {
        constexpr std::array<std::string_view, 1> known{trace_name};
        report_unknown(setting, "parameter", known, diagnostics_);
    }

    void take_trace(const Setting& setting) {
        if (equals_ignoring_case(setting.value, "msgtrace")) {
            result_.message_trace = MessageTrace::single;
        } else if (const auto on = parse_option_boolean(setting.value)) {
            result_.message_trace = *on ? MessageTrace::service : MessageTrace::off;
        } else {
            report_malformed(setting, "yes, no or msgtrace", diagnostics_);
        }
    }

    void take_parameter(ServiceSettings& service, std::string_view name, const Setting& setting) {
        if (name == "loglevel") return take_level(service, setting);
        if (name == "logdir") return take_directory(service, setting);
        if (name == "syslogfacility") return take_facility(service, setting);
        const auto number = integer_of(setting, range_of(name), diagnostics_);
        if (!number) return;
        const auto count = static_cast<std::uint64_t>(*number);
        const std::chrono::seconds time(*number);
        if (name == "maxlogfiles") service.max_files = count;
        if (name == "maxlogfilesize") service.max_file_size = count;
        if (name == "maxlogsize") service.max_total_size = count;
        if (name == "minfreediskspace") service.min_free_space = count;
        if (name == "rollovertime") service.rollover_time = time;
        if (name == "expirytime") service.expiry_time = time;
        if (name == "buffersize") service.buffer_size = count;
        if (name == "flushinterval") service.flush_interval = time;
    }

    static IntegerRange range_of(std::string_view name) {
        const bool may_be_zero = name == "minfreediskspace" || name == "buffersize";
        constexpr std::int64_t most = 1LL << 50U;
        return {may_be_zero ? 0 : 1, most};
    }

    void take_level(ServiceSettings& service, const Setting& setting) {
        const auto level = service_log::parse_level(setting.value);
        if (level) {
            service.threshold = level;
        } else if (equals_ignoring_case(setting.value, "nolog")) {
            service.threshold = std::nullopt;
        } else {
            report_malformed(
                setting,
                "nolog, emergency, alert, critical, error, warning, notice, information or debug",
                diagnostics_
            );
        }
    }

    void take_directory(ServiceSettings& service, const Setting& setting) {
        if (setting.value.starts_with('/')) {
            service.directory = setting.value;
        } else {
            report_malformed(setting, "the full path of a directory", diagnostics_);
        }
    }

    void take_facility(ServiceSettings& service, const Setting& setting) {
        service.syslog_facility = service_log::parse_facility(setting.value);
        if (!service.syslog_facility && !equals_ignoring_case(setting.value, "none"))
            report_malformed(setting, "none, user, mail, daemon or local0 to local7", diagnostics_);
    }

    service_log::Settings& result_;
    Diagnostics& diagnostics_;
};

}  // namespace

service_log::Settings read_service_logs(
    const std::string& path,
    const std::string& log_directory,
    FileSource& files,
    Diagnostics& diagnostics
) {
    service_log::Settings result;
    result.log_directory = log_directory;
    const auto file = load_option_file(files, path, {}, diagnostics);
    if (!file) {
        if (file.error().error_number() != ENOENT) {
            diagnostics.error(
                {std::make_shared<const std::string>(path), 0, 0}, "E400", file.error().detail()
            );
        }
        return result;
    }
    Reader reader(result, diagnostics);
    for (const Setting& setting : file->globals().settings) reader.take(unquoted(setting));
    return result;
}

service_log::Writer service_log_writer(const Tailor& tailor, const std::string& process) {
    service_log::Writer writer = service_log::writer_for(process);
    writer.syslog = service_log::syslog_to(tailor.path(TailorEntry::syslog_socket), process);
    return writer;
}

}  // namespace sluice::config
