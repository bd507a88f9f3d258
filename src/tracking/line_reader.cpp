#include "tracking/line_reader.h"

#include <memory>

#include "base/bytes.h"
#include "tracking/foreign_json.h"
#include "tracking/postoffice_reader.h"
#include "tracking/qmail_reader.h"
#include "tracking/structured_reader.h"
#include "tracking/sun_reader.h"

namespace sluice::tracking {

namespace {

// Syslog's stamp, host and tag; then perhaps the stamp of the program itself.
std::string_view take_stamps(std::string_view line, const StampSettings& settings, Record& record) {
    std::string_view rest = line;
    const auto first = take_stamp(rest, settings);
    if (!first) return line;
    record.stamp = *first;
    const bool may_be_syslog =
        first->form == Stamp::Form::syslog || first->form == Stamp::Form::readable;
    if (!may_be_syslog) return rest;
    std::string_view behind = rest;
    // A readable stamp without a tag is tai64nlocal's; those of qmail's programs end in ": " too,
    // with no host in front.
    if (take_syslog_tag(behind).empty()) return rest;
    std::string_view inner = behind;
    const auto second = take_stamp(inner, settings);
    record.syslog_prefix = line.substr(0, line.size() - behind.size());
    if (!second) return behind;
    record.stamp = *second;
    return inner;
}

std::uint64_t block_size(const ReaderSettings& settings) {
    return settings.expected ? settings.expected->options.block_size : log::LogOptions().block_size;
}

bool read_body(std::string_view body, const ReaderSettings& settings, Record& record) {
    if (record.stamp.form == Stamp::Form::postoffice) return read_postoffice(body, record);
    if (body.starts_with('<') || body.starts_with('{'))
        return read_structured(body, settings.stamps, block_size(settings), record);
    const bool may_be_sun = record.stamp.form == Stamp::Form::sun;
    if (may_be_sun && read_sun(body, settings.expected, record)) return true;
    return read_qmail(body, record);
}

// An object that is no entry of ours may be a line of another dialect; that one is no object.
std::optional<Record> read_made(std::string_view body, const LineReader& reader) {
    if (!body.starts_with('{')) return std::nullopt;
    auto line = line_of_foreign_json(body, reader.settings().stamps);
    if (!line || line->starts_with('{')) return std::nullopt;
    auto made = std::make_shared<const std::string>(std::move(*line));
    Record record = reader.read(*made);
    if (!record.understood() || is_native(record.dialect)) return std::nullopt;
    record.made = std::move(made);
    return record;
}

}  // namespace

Record LineReader::read(std::string_view line) const {
    if (line.ends_with('\r')) line.remove_suffix(1);
    Record record;
    record.line = line;
    if (read_postoffice_continuation(line, record)) return record;
    record.body = take_stamps(line, settings_.stamps, record);
    bool understood = read_body(record.body, settings_, record);
    if (!understood && record.syslog_prefix.empty() && record.stamp.form == Stamp::Form::readable) {
        // "2005-09-21 23:31:05 tcpserver: ..." was no syslog line after all.
        understood = read_qmail(record.body, record);
    }
    if (!understood) {
        if (auto made = read_made(record.body, *this)) return std::move(*made);
        record.dialect = Dialect::unknown;
        return record;
    }
    if (record.stamp.time) {
        for (log::Event& event : record.events) event.time = *record.stamp.time;
    }
    return record;
}

}  // namespace sluice::tracking
