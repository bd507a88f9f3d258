// Log lines of every dialect from anywhere: none may break the reader, and what was understood is
// shown again without a control or a line end.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "log/render.h"
#include "tracking/line_reader.h"
#include "tracking/postoffice_reader.h"
#include "tracking/qmail_reader.h"
#include "tracking/rendering.h"

namespace {

using namespace sluice;
using tracking::Dialect;

void require(bool condition) {
    if (!condition) std::abort();
}

void check_rendered(const tracking::Record& record) {
    for (const log::Event& event : record.events) {
        log::LogOptions options = record.shows;
        for (options.format = 1; options.format <= 5; options.format += 2) {
            std::string out;
            log::render(out, event, options, TimeZone());
            for (std::size_t i = 0; i + 1 < out.size(); ++i) require(!is_control(out[i]));
        }
    }
}

// What was made an object of is read as the same line again, and never as more than one.
void check_as_object(const tracking::LineReader& reader, const tracking::Record& record) {
    tracking::Rendering json(Dialect::json, TimeZone(), tracking::StampStyle::copy);
    const auto lines = json.lines_of(record);
    require(lines.size() == 1);
    const tracking::Record again = reader.read(lines.front());
    if (!again.understood()) return;  // octets that no character is made of
    require(again.dialect == record.dialect);
    for (const char c : again.line) require(c == '\t' || !is_control(c));
}

void check(const tracking::LineReader& reader, std::string_view line) {
    const tracking::Record record = reader.read(line);
    if (!record.understood()) {
        require(record.events.empty());
        return;
    }
    require(!record.entry.empty());
    require(!tracking::is_native(record.dialect) || record.events.size() == 1);
    check_rendered(record);
    if (record.dialect == Dialect::postoffice) (void)tracking::write_postoffice(record);
    if (!tracking::is_native(record.dialect)) check_as_object(reader, record);
    const bool qmail = record.dialect == Dialect::qmail_send ||
                       record.dialect == Dialect::qmail_smtpd ||
                       record.dialect == Dialect::transcript;
    if (qmail) require(tracking::write_qmail(record) == record.body);
}

/// Lines have little to do with each other: more of them find nothing more, and take their time.
constexpr std::size_t most_lines = 24;

}  // namespace

// The first octet chooses the options that are expected; then lines.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    tracking::ReaderSettings settings;
    settings.stamps.zone = TimeZone();
    settings.stamps.now = WallTime(std::chrono::seconds(1'800'000'000));
    const tracking::LineReader by_looks(settings);
    log::LogOptions options;
    options.format = 1 + data[0] % 3;
    options.notary = options.filename = (data[0] & 4U) != 0;
    options.message_id = options.username = (data[0] & 8U) != 0;
    options.filter = (data[0] & 16U) != 0;
    options.reason = (data[0] & 32U) != 0 ? 1 : 0;
    options.connection = (data[0] & 64U) != 0 ? 255 : 0;
    options.node = (data[0] & 128U) != 0;
    options.session = options.timing = (data[0] & 3U) != 0;
    settings.expected = tracking::ExpectedOptions{options};
    const tracking::LineReader expecting(settings);
    auto lines = split(text, '\n');
    if (lines.size() > most_lines) lines.resize(most_lines);
    for (const std::string_view line : lines) {
        check(by_looks, line);
        check(expecting, line);
        (void)tracking::restamped(line, tracking::StampStyle::tai64n, settings.stamps);
    }
    return 0;
}
