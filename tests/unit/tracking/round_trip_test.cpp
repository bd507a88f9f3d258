// What the transaction log writes is read again: random events with random options, every format.
#include <gtest/gtest.h>

#include <random>

#include "base/bytes.h"
#include "log/diagnostic.h"
#include "log/render.h"
#include "tracking/line_reader.h"

namespace sluice::tracking {
namespace {

using log::Event;
using log::EventKind;
using log::LogOptions;

class Generator {
public:
    explicit Generator(unsigned seed) : random_(seed) {}

    bool coin() { return number(2) == 1; }
    unsigned number(unsigned below) { return static_cast<unsigned>(random_() % below); }
    template <class... Texts>
    std::string one_of(Texts... texts) {
        const std::vector<std::string> all = {texts...};
        return all[number(static_cast<unsigned>(all.size()))];
    }

    LogOptions options() {
        LogOptions out;
        out.format = static_cast<int>(1 + number(5));
        for (bool* option :
             {&out.envelope_id, &out.filename, &out.message_id, &out.modifiers, &out.node,
              &out.notary, &out.priority, &out.process, &out.queue_time, &out.sensitivity,
              &out.session, &out.timing, &out.username})
            *option = coin();
        out.hold = out.mail_commands = out.recipient_commands = true;
        out.remote_mta = number(2);
        out.block_size = coin() ? 1024 : 512;
        out.connection = (coin() ? 3U : 2U) | (coin() ? 32U : 0U) | (coin() ? 64U : 0U) | 128U;
        out.intermediate = number(2);
        return out;
    }

    Event message() {
        Event event = common();
        constexpr std::array kinds = {
            EventKind::enqueued,
            EventKind::dequeued,
            EventKind::enqueue_refused,
            EventKind::deferred,
            EventKind::returned,
            EventKind::discarded,
            EventKind::requeued,
            EventKind::aborted,
            EventKind::warned,
            EventKind::held,
            EventKind::bad_command,
            EventKind::sender_accepted,
            EventKind::recipient_accepted};
        event.kind = kinds[number(kinds.size())];
        if (event.kind == EventKind::enqueued)
            event.destination_channel = one_of("l", "tcp_local", "a_very_long_channel_name");
        event.bytes = 1024ULL * number(100000);
        const bool is_command =
            event.kind == EventKind::sender_accepted || event.kind == EventKind::recipient_accepted;
        const bool has_no_message = event.kind == EventKind::enqueue_refused ||
                                    event.kind == EventKind::bad_command || is_command;
        if (has_no_message) event.bytes = 0;
        event.sender = one_of("", "a@b.example", "\"a b\"@c.example", "x+y=z@d.example");
        event.original_recipient = one_of("", "c@d.example", "\"q\\\" r\"@d.example");
        event.recipient = one_of("c", "c@d.example", "\"q r\"@d.example");
        event.intermediate_recipient = one_of("", "c@e.example");
        event.initial_recipient = one_of("", "c@f.example");
        event.notary_flags = number(512);
        event.file_name =
            one_of("/q/l/001/ZZ01ISKLSKLZLI90N15M.00", "queue/tcp_local/ZY84PHKX1L3Q0A0001.00");
        event.envelope_id = one_of("", "01ISKLSKLZLI90N15M");
        event.message_id = one_of("", "<a.b@c.example>", "<1$2=3@x>");
        if (event.kind == EventKind::enqueued && !event.message_id.empty() && coin())
            event.original_message_id = "<old@c.example>";
        event.username = one_of("", "mailsrv", "*adam");
        event.sensitivity = static_cast<int>(number(4));
        event.priority = static_cast<int>(number(10));
        event.queue_time = std::chrono::seconds(number(100000));
        event.application = one_of("SMTP", "SMTP/a.example/b.example");
        if (event.kind == EventKind::bad_command) event.recipient.clear();
        if (event.kind == EventKind::bad_command)
            event.command = one_of("XYZZY", "MAIL FROM:<a b> 20", "HELP me 500 times");
        set_far_side(event);
        return event;
    }

    Event connection() {
        Event event = common();
        constexpr std::array kinds = {
            EventKind::connection_opened, EventKind::connection_closed,
            EventKind::connection_failed};
        event.kind = kinds[number(kinds.size())];
        // Only the end of a session says what came of it.
        if (event.kind != EventKind::connection_closed) event.session_messages = 0;
        if (event.kind != EventKind::connection_closed) event.session_bytes = 0;
        event.direction = coin() ? log::Direction::inbound : log::Direction::outbound;
        event.application = one_of("SMTP", "LMTP", "SMTP/a.example/b.example");
        event.diagnostic = one_of("", "timed out after 300 s");
        return event;
    }

private:
    Event common() {
        Event event;
        event.time = WallTime(std::chrono::seconds(1700000000 + number(100000000))) +
                     std::chrono::milliseconds(10 * number(100));
        event.node = one_of("hosta", "mail.example.com");
        event.process.pid = number(100000);
        if (coin()) event.process.thread = number(50);
        event.process.count = number(1000);
        event.source_channel = one_of("l", "tcp_local", "conversion", "tcp_very_long_name");
        event.session = number(5) * number(1000);
        event.session_messages = number(3);
        event.session_bytes = 1000ULL * number(100);
        event.session_time = std::chrono::milliseconds(number(100000));
        event.transaction_time = std::chrono::milliseconds(number(1000));
        event.delivery_time = std::chrono::milliseconds(number(1000));
        event.transport = log::Transport{
            {IpAddress::v4({10, 0, 0, 1}), 25},
            {coin() ? IpAddress::v4({192, 0, 2, 7}) : *IpAddress::parse("2001:db8::1"), 4711}};
        return event;
    }
    void set_far_side(Event& event) {
        const bool is_command =
            event.kind == EventKind::sender_accepted || event.kind == EventKind::recipient_accepted;
        if (event.kind == EventKind::enqueued || is_command) {
            event.source = {
                "helo.example", one_of("", "rdns.example"), IpAddress::v4({192, 0, 2, 7}), {}};
            return;
        }
        if (event.kind == EventKind::enqueue_refused) {
            event.diagnostic = "550 5.1.1 unknown or illegal alias: c@d.example";
            event.source = {"helo.example", "", IpAddress::v4({192, 0, 2, 7}), {}};
            return;
        }
        if (event.kind == EventKind::bad_command) {
            event.diagnostic = "500 5.5.1 Unknown command specified";
            return;
        }
        if (event.kind == EventKind::held) {
            event.diagnostic = "held by root: a look at it";
            return;
        }
        const bool deferred = event.kind == EventKind::deferred;
        event.remote_host = "mx.example";
        event.diagnostic = deferred ? log::connect_failure(111)
                                    : one_of(
                                          "dns;mx.example (banner -- x) smtp;250 2.1.5 ok",
                                          "smtp;550 5.7.1 <c@d>: no"
                                      );
    }

    std::mt19937 random_;
};

std::string rendered(const Event& event, const LogOptions& options) {
    std::string out;
    log::render(out, event, options, TimeZone());
    if (out.ends_with('\n')) out.pop_back();
    return out;
}

// With the options it was written with a line is read so well that it is written again to the
// octet.
TEST(OwnLog, IsReadAsItWasWritten) {
    Generator make(20261121);
    for (int i = 0; i < 20000; ++i) {
        const LogOptions options = make.options();
        const Event event = i % 4 == 0 ? make.connection() : make.message();
        const std::string line = rendered(event, options);
        ReaderSettings settings;
        settings.stamps.zone = TimeZone();
        settings.expected = ExpectedOptions{options};
        const Record record = LineReader(settings).read(line);
        ASSERT_TRUE(record.understood()) << line;
        ASSERT_EQ(record.events.size(), 1U);
        LogOptions again = options;
        again.format = record.shows.format;
        if (options.format == 2) again.format = 2;
        ASSERT_EQ(rendered(record.events.front(), again), line);
    }
}

LogOptions usual(Generator& make, int format) {
    LogOptions out;
    out.format = format;
    out.filename = make.coin();
    out.message_id = make.coin();
    out.notary = make.coin();
    out.node = out.process = make.coin();
    out.connection = make.coin() ? 3U : 2U;
    out.mail_commands = out.recipient_commands = true;
    return out;
}

// Without the options, the subsets that the manuals recommend.
TEST(OwnLog, UsualOptionsAreToldByTheirLooks) {
    Generator make(7);
    for (int i = 0; i < 20000; ++i) {
        const LogOptions options = usual(make, 1 + i % 5);
        const Event event = i % 4 == 0 ? make.connection() : make.message();
        if (event.kind == EventKind::held || event.kind == EventKind::bad_command) continue;
        const std::string line = rendered(event, options);
        ReaderSettings settings;
        settings.stamps.zone = TimeZone();
        const Record record = LineReader(settings).read(line);
        ASSERT_TRUE(record.understood()) << line;
        const Event& read = record.events.at(0);
        EXPECT_EQ(read.kind, event.kind) << line;
        EXPECT_EQ(read.source_channel, event.source_channel) << line;
        if (!log::is_connection_entry(event.kind)) {
            EXPECT_EQ(read.sender, event.sender) << line;
            EXPECT_EQ(read.recipient, event.recipient) << line;
            EXPECT_EQ(read.original_recipient, event.original_recipient) << line;
            EXPECT_EQ(read.message_id, options.message_id ? event.message_id : "") << line;
            EXPECT_EQ(read.file_name, options.filename ? event.file_name : "") << line;
            EXPECT_EQ(read.diagnostic, event.diagnostic) << line;
        }
        if (HasFailure()) return;
    }
}

}  // namespace
}  // namespace sluice::tracking
