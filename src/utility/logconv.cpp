// imsimta logconv: logs from one dialect into another, and their time stamps.
#include "base/bytes.h"
#include "log_index/log_cursor.h"
#include "tracking/rendering.h"
#include "utility/logconv_rotate.h"
#include "utility/tracked_logs.h"
#include "utility/utilities.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "LOGCONV";

using tracking::Dialect;
using tracking::Record;

struct Conversion {
    std::optional<Dialect> from;
    std::optional<Dialect> to;  ///< only stamps are converted without
    tracking::StampStyle stamps = tracking::StampStyle::copy;
    bool strip_syslog = false;
};

std::optional<Dialect> parse_dialect(std::string_view word) {
    if (word == "sun" || word == "pmdf") return Dialect::sun;
    if (word == "xml") return Dialect::xml;
    if (word == "json") return Dialect::json;
    if (word == "postoffice") return Dialect::postoffice;
    if (word == "qmail" || word == "qmail-send") return Dialect::qmail_send;
    if (word == "qmail-smtpd") return Dialect::qmail_smtpd;
    if (word == "transcript") return Dialect::transcript;
    return std::nullopt;
}

std::optional<Conversion> read_request(Invocation& invocation) {
    const CommandLine& line = invocation.line();
    Conversion conversion;
    const auto bad = [&](std::string_view name) {
        invocation.console().error(
            facility, "VALUE",
            "-" + std::string(name) +
                ": not understood: " + printable(line.value(name).value_or(""))
        );
        return std::nullopt;
    };
    if (const auto from = line.value("from")) {
        conversion.from = parse_dialect(*from);
        if (!conversion.from) return bad("from");
    }
    if (const auto to = line.value("to")) {
        conversion.to = parse_dialect(*to);
        if (!conversion.to) return bad("to");
    }
    if (line.has("json")) conversion.to = Dialect::json;
    if (const auto time = line.value("time")) {
        const auto style = tracking::parse_stamp_style(*time);
        if (!style) return bad("time");
        conversion.stamps = *style;
    }
    conversion.strip_syslog = line.has("syslog_strip");
    return conversion;
}

class Converter {
public:
    Converter(Console& console, const Conversion& conversion, tracking::ReaderSettings settings)
        : console_(console),
          conversion_(conversion),
          reader_(std::move(settings)),
          rendering_(
              conversion.to.value_or(Dialect::unknown),
              reader_.settings().stamps.zone,
              conversion.stamps
          ) {}

    void convert(std::string_view line) {
        Record record = reader_.read(line);
        const bool other_dialect = conversion_.from && record.dialect != *conversion_.from;
        if (!conversion_.to) return convert_stamp(record, line);
        if (!record.understood() || other_dialect) {
            if (!line.empty()) ++not_understood_;
            console_.line(line);
            return;
        }
        const bool has_form = !record.events.empty() || record.dialect == *conversion_.to ||
                              *conversion_.to == Dialect::json;
        if (!has_form) ++without_form_;
        for (const std::string& text : rendering_.lines_of(std::move(record))) console_.line(text);
    }

    ExitCode finish() {
        for (const std::string& text : rendering_.finish()) console_.line(text);
        if (without_form_ > 0)
            console_.explain(
                "%LOGCONV-I-NOFORM, lines that have no counterpart in this format, left out: " +
                std::to_string(without_form_)
            );
        if (not_understood_ == 0) return ExitCode::done;
        console_.warning(
            facility, "UNKNOWN",
            "lines that were not understood, passed on as they are: " +
                std::to_string(not_understood_)
        );
        return ExitCode::partly_done;
    }

private:
    void convert_stamp(const Record& record, std::string_view line) {
        std::string_view text = line;
        if (conversion_.strip_syslog) text.remove_prefix(record.syslog_prefix.size());
        console_.line(tracking::restamped(text, conversion_.stamps, reader_.settings().stamps));
    }

    Console& console_;
    Conversion conversion_;
    tracking::LineReader reader_;
    tracking::Rendering rendering_;
    std::uint64_t not_understood_ = 0;
    std::uint64_t without_form_ = 0;
};

ExitCode convert_files(Invocation& invocation, const Conversion& conversion) {
    Console& console = invocation.console();
    // A filter like any other: without files it reads what it is given.
    auto names = invocation.line().parameters();
    if (names.empty()) names.emplace_back("-");
    auto files = open_log_files(names, nullptr);
    if (!files) {
        console.error(facility, "NOLOG", files.error().detail());
        return ExitCode::failed;
    }
    auto settings = reader_settings(invocation, false);
    if (!settings) return ExitCode::configuration;
    Converter converter(console, conversion, std::move(*settings));
    if (files->standard_input) {
        for_lines_of_input(console, [&](std::string_view line) {
            converter.convert(line);
            console.out().flush();  // somebody may be watching
            return static_cast<bool>(console.out());
        });
    } else {
        log_index::LogCursor cursor(files->messages);
        while (const auto line = cursor.next()) {
            converter.convert(*line);
            if (!console.out()) return ExitCode::failed;
        }
    }
    return converter.finish();
}

ExitCode run_logconv(Invocation& invocation) {
    const auto conversion = read_request(invocation);
    if (!conversion) return ExitCode::usage;
    const CommandLine& line = invocation.line();
    if (!line.has("rotate")) return convert_files(invocation, *conversion);
    if (!line.value("dir") || !line.value("out")) {
        invocation.console().error(facility, "MISSING", "-rotate needs -dir and -out");
        return ExitCode::usage;
    }
    RotateRequest request;
    request.directory = *line.value("dir");
    request.pattern = *line.value("out");
    request.keep = line.has("keep");
    return convert_rotated(invocation.console(), request);
}

constexpr Switch switches[] = {
    {"to", Switch::Value::required, "sun, xml, json, postoffice or qmail"},
    {"json", Switch::Value::none, "the same as -to=json"},
    {"from", Switch::Value::required, "only lines of this dialect are understood"},
    {"time", Switch::Value::required, "stamps: copy (default), local, utc or tai64n"},
    {"syslog_strip", Switch::Value::none, "take off what syslog put in front"},
    {"option_file", Switch::Value::required, "the options that a text log was written with"},
    {"rotate", Switch::Value::none, "collect the rotated files of a multilog directory"},
    {"dir", Switch::Value::required, "that directory"},
    {"out", Switch::Value::required, "file to append to; SERVICE and DATE stand for themselves"},
    {"keep", Switch::Value::none, "leave the rotated files there"},
};

}  // namespace

const Command logconv_command = {
    .name = "logconv",
    .summary = "convert logs between formats and time stamps",
    .parameters = "[file ...]",
    .switches = switches,
    .most_parameters = any_number,
    .run = run_logconv,
};

}  // namespace sluice::utility
