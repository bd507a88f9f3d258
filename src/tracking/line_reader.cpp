#include "tracking/line_reader.h"

#include "base/bytes.h"
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

bool read_body(std::string_view body, const ReaderSettings& settings, Record& record) {
    if (record.stamp.form == Stamp::Form::postoffice) return read_postoffice(body, record);
    if (body.starts_with('<') || body.starts_with('{'))
        return read_structured(body, settings.stamps, record);
    const bool may_be_sun = record.stamp.form == Stamp::Form::sun;
    if (may_be_sun && read_sun(body, settings.expected, record)) return true;
    return read_qmail(body, record);
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
        record.dialect = Dialect::unknown;
        return record;
    }
    if (record.stamp.time) {
        for (log::Event& event : record.events) event.time = *record.stamp.time;
    }
    return record;
}

}  // namespace sluice::tracking
