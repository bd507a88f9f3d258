// qmail's lines from hostile text: printable ASCII, and each begins as one of these programs begins
// it. Behind them the reader of time stamps, which must agree with the writer and with itself
// however a stream is cut.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "multilog/tai64n.h"
#include "qmail_log/send_lines.h"
#include "qmail_log/smtp_lines.h"
#include "support/fuzzed_event.h"

namespace {

using namespace sluice;

void require(bool condition) {
    if (!condition) std::abort();
}

class Counters final : public qmail_log::SendCounters {
public:
    void reset() override {}
    void set_stopping() override {}
    std::uint64_t begin_delivery(DeliveryKey, bool) override { return 1; }
    std::optional<std::uint64_t> end_delivery(DeliveryKey) override { return 1; }
    Running running() override { return {}; }
    void add_files(std::uint64_t, std::uint64_t, bool) override {}
    bool remove_file(std::uint64_t) override { return true; }
};

void check(std::string_view lines) {
    while (!lines.empty()) {
        const std::size_t end = lines.find('\n');
        require(end != std::string_view::npos);
        const std::string_view line = lines.substr(0, end);
        require(multilog::parse_tai64n(line).has_value() && line[25] == ' ');
        const std::string_view body = line.substr(26);
        bool known = false;
        for (const std::string_view begin :
             {"new msg ", "info msg ", "end msg ", "starting delivery ", "delivery ",
              "status: ", "tcpserver: ", "rblsmtpd: ", "qmail-smtpd[", "jgreylist["})
            known = known || body.starts_with(begin);
        require(known);
        for (const char c : body) require(c >= 0x20 && c < 0x7f);
        lines.remove_prefix(end + 1);
    }
}

void check_stamps(std::string_view input) {
    if (const auto instant = multilog::parse_tai64n(input)) {
        const auto again = multilog::parse_tai64n(multilog::format_tai64n(*instant));
        require(again && *again == *instant);
    }
    const TimeZone zone;
    std::string whole;
    multilog::LocalTimeFilter one(zone);
    one.feed(input, whole);
    one.finish(whole);
    std::string cut;
    multilog::LocalTimeFilter other(zone);
    for (const char& c : input) other.feed({&c, 1}, cut);
    other.finish(cut);
    require(whole == cut);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const log::Event event = test::event_from(input);
    std::string out;
    qmail_log::SmtpLineOptions smtp;
    smtp.host = "mail.example.com";
    qmail_log::render_smtp(out, event, smtp);
    Counters counters;
    qmail_log::render_send(out, {&event, 1}, {}, counters);
    check(out);
    check_stamps(input);
    return 0;
}
