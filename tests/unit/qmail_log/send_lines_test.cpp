#include "qmail_log/send_lines.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "log/message_number.h"
#include "qmail_log/entries.h"

namespace sluice::qmail_log {
namespace {

using log::DeliveryClass;
using log::Event;
using log::EventKind;
using namespace std::string_literals;

/// Counters of one process, in memory.
class Counters final : public SendCounters {
public:
    explicit Counters(std::uint64_t first = 1) : next_(first) {}
    void reset() override { next_ = 1; }
    void set_stopping() override { running_.stopping = true; }
    std::uint64_t begin_delivery(DeliveryKey key, bool remote) override {
        ++(remote ? running_.remote : running_.local);
        deliveries_[key.number] = {next_, remote};
        return next_++;
    }
    std::optional<std::uint64_t> end_delivery(DeliveryKey key) override {
        const auto found = deliveries_.find(key.number);
        if (found == deliveries_.end()) return std::nullopt;
        const auto [number, remote] = found->second;
        deliveries_.erase(found);
        --(remote ? running_.remote : running_.local);
        return number;
    }
    Running running() override { return running_; }
    void add_files(std::uint64_t message, std::uint64_t files, bool known) override {
        files_[message] += files;
        if (known && files_[message] == files) ++files_[message];
    }
    bool remove_file(std::uint64_t message) override {
        auto& left = files_[message];
        if (left > 0) --left;
        return left == 0;
    }

    Running running_;

private:
    std::uint64_t next_;
    std::map<std::uint64_t, std::pair<std::uint64_t, bool>> deliveries_;
    std::map<std::uint64_t, std::uint64_t> files_;
};

SendLineOptions plain() {
    SendLineOptions options;
    options.stamp = Stamp::none;
    options.local_limit = 30;
    options.remote_limit = 50;
    options.uid = 46;
    return options;
}

Event message_event(EventKind kind) {
    Event event;
    event.kind = kind;
    event.time = event.enqueued = WallTime(std::chrono::milliseconds(1127359865997));
    event.envelope_id = "84PHKX1L3Q0A0001@mail.example.com";
    event.file_name = "/queue/l/000/ZZ84PHKX1L3Q0A0001.00";
    event.process.pid = 27763;
    event.delivery_number = 5;
    event.delivery_class = DeliveryClass::mailbox;
    event.sender = "sender@domain.xyz";
    event.recipient = "recip@domain";
    return event;
}
std::string number() {
    const Event event = message_event(EventKind::enqueued);
    return std::to_string(log::message_number(event.envelope_id, event.enqueued));
}

std::string rendered(
    const std::vector<Event>& events, Counters& counters, const SendLineOptions& options = plain()
) {
    std::string out;
    render_send(out, events, options, counters);
    return out;
}

// postoffice-and-qmail-features.md section 8.4; message and delivery numbers are ours.
TEST(QmailSend, TellsOfANewMessageOnce) {
    Counters counters;
    Event event = message_event(EventKind::enqueued);
    event.bytes = 3189;
    Event second = event;
    second.file_name = "/queue/tcp_local/000/ZZ84PHKX1L3Q0A0002.00";
    EXPECT_EQ(
        rendered({event, second}, counters),
        "new msg " + number() + "\ninfo msg " + number() +
            ": bytes 3189 from <sender@domain.xyz> qp 27763 uid 46\n"
    );
    const Event gone = message_event(EventKind::message_gone);
    EXPECT_EQ(rendered({gone}, counters), "") << "another file is there";
    EXPECT_EQ(rendered({gone}, counters), "end msg " + number() + "\n");
}

TEST(QmailSend, MessageNumberFitsAndSorts) {
    EXPECT_EQ(number().size(), 19U);
    EXPECT_TRUE(number().starts_with("1127359865997")) << number();
    EXPECT_EQ(log::message_number("a", WallTime(std::chrono::microseconds(-5))) / 1000000, 0U);
    EXPECT_LT(log::message_number("a", WallTime::max()), 1ULL << 63U);
}

TEST(QmailSend, OneMoreChannelIsNotANewMessage) {
    Counters counters;
    Event event = message_event(EventKind::enqueued);
    rendered({event}, counters);
    event.goes_on = true;
    EXPECT_EQ(rendered({event}, counters), "");
    const Event gone = message_event(EventKind::message_gone);
    EXPECT_EQ(rendered({gone}, counters), "");
    EXPECT_EQ(rendered({gone}, counters), "end msg " + number() + "\n");
}

TEST(QmailSend, FileThatTakesThePlaceOfAnotherIsNotMissed) {
    Counters counters;
    Event event = message_event(EventKind::enqueued);
    rendered({event}, counters);
    event.goes_on = event.replaces_file = true;
    EXPECT_EQ(rendered({event}, counters), "");
    EXPECT_EQ(
        rendered({message_event(EventKind::message_gone)}, counters), "end msg " + number() + "\n"
    );
}

TEST(QmailSend, MessageThatIsThrownAwayAtOnceEndsAtOnce) {
    Counters counters;
    Event event = message_event(EventKind::enqueued);
    event.file_name.clear();
    const std::string lines = rendered({event}, counters);
    EXPECT_TRUE(lines.ends_with("end msg " + number() + "\n")) << lines;
}

TEST(QmailSend, NumbersDeliveriesAndCountsThem) {
    Counters counters(37051);
    counters.running_.remote = 7;
    Event event = message_event(EventKind::delivery_started);
    EXPECT_EQ(
        rendered({event}, counters), "starting delivery 37051: msg " + number() +
                                         " to local recip@domain\nstatus: local 1/30 remote 7/50\n"
    );
    event.kind = EventKind::dequeued;
    EXPECT_EQ(
        rendered({event}, counters),
        "delivery 37051: success: did_1+0+0/\nstatus: local 0/30 remote 7/50\n"
    );
    event.kind = EventKind::delivery_started;
    event.delivery_class = DeliveryClass::remote;
    EXPECT_EQ(
        rendered({event}, counters), "starting delivery 37052: msg " + number() +
                                         " to remote recip@domain\nstatus: local 0/30 remote 8/50\n"
    );
    EXPECT_EQ(
        rendered({message_event(EventKind::dequeued)}, counters).substr(0, 15), "delivery 37052:"
    );
    event.kind = EventKind::returned;
    event.delivery_number = 0;
    EXPECT_EQ(rendered({event}, counters), "") << "an operator's doing is no delivery";
}

TEST(QmailSend, SaysWhatADeliveryCameTo) {
    Event event = message_event(EventKind::dequeued);
    EXPECT_EQ(delivery_text(event), "did_1+0+0/");
    event.delivery_class = DeliveryClass::program;
    EXPECT_EQ(delivery_text(event), "did_0+0+1/");
    event.delivery_class = DeliveryClass::passage;
    EXPECT_EQ(delivery_text(event), "did_0+1+0/");

    event.delivery_class = DeliveryClass::remote;
    event.transport =
        log::Transport{{*IpAddress::parse("10.0.0.1"), 40000}, {*IpAddress::parse("1.2.3.4"), 25}};
    event.remote_text = "250 ok 1127359865 qp 4711";
    EXPECT_EQ(
        delivery_text(event),
        "1.2.3.4_accepted_message./Remote_host_said:_250_ok_1127359865_qp_4711/"
    );
    event.kind = EventKind::returned;
    event.remote_text = "550 recip@domain User unknown";
    EXPECT_EQ(
        delivery_text(event),
        "1.2.3.4_does_not_like_recipient./Remote_host_said:_550_recip@domain_User_unknown/"
        "Giving_up_on_1.2.3.4./"
    );
    event.kind = EventKind::deferred;
    event.transport.reset();
    event.remote_text.clear();
    event.status = StatusCode{4, 4, 1};
    EXPECT_EQ(
        delivery_text(event), "Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/"
    );
    event.delivery_class = DeliveryClass::mailbox;
    event.diagnostic = "mailbox full";
    event.status = StatusCode{4, 2, 2};
    EXPECT_EQ(delivery_text(event), "mailbox_full_(#4.2.2)/");
    event.diagnostic.clear();
    event.status.reset();
    EXPECT_EQ(delivery_text(event), "No_reason_given./");
}

TEST(QmailSend, SaysHowTheQueueManagerBeginsAndEnds) {
    Counters counters;
    counters.running_.local = 1;
    counters.running_.remote = 7;
    EXPECT_EQ(
        rendered({message_event(EventKind::deliveries_begun)}, counters),
        "status: local 1/30 remote 7/50\n"
    );
    EXPECT_EQ(
        rendered({message_event(EventKind::deliveries_stopping)}, counters),
        "status: local 1/30 remote 7/50 exitasap\nstatus: qmail-todo stop processing asap\n"
    );
    EXPECT_EQ(
        rendered({message_event(EventKind::deliveries_stopped)}, counters), "status: exiting\n"
    );
}

TEST(QmailSend, StampsAndSwitches) {
    Counters counters;
    SendLineOptions options = plain();
    options.stamp = Stamp::tai64n;
    options.switches = log::EventSwitches::parse("all,-status", entry_names());
    EXPECT_EQ(
        rendered({message_event(EventKind::message_gone)}, counters, options),
        "@40000000433225833b6d0340 end msg " + number() + "\n"
    );
    EXPECT_EQ(rendered({message_event(EventKind::deliveries_begun)}, counters, options), "");
    options.switches = log::EventSwitches::parse("delivery", entry_names());
    EXPECT_EQ(rendered({message_event(EventKind::enqueued)}, counters, options), "");
    EXPECT_FALSE(is_wanted(EventKind::enqueued, options.switches));
    EXPECT_TRUE(is_wanted(EventKind::dequeued, options.switches));
}

TEST(QmailSend, HostileTextStaysOneWord) {
    EXPECT_EQ(cleaned("a b\nc\r\nd\te\x80\x1b"), "a_b/c/d?e??");
    Counters counters;
    Event event = message_event(EventKind::enqueued);
    const std::string evil = "x> qp 1 uid 0\nend msg 1\r\n\0\x1b[2J\xFF"s;
    for (std::string* text :
         {&event.sender, &event.recipient, &event.remote_host, &event.remote_text,
          &event.diagnostic})
        *text = evil;
    event.delivery_class = DeliveryClass::remote;
    event.delivery_number = 1;
    for (int kind = 0; kind <= static_cast<int>(EventKind::deliveries_stopped); ++kind) {
        event.kind = static_cast<EventKind>(kind);
        const std::string lines = rendered({event}, counters);
        std::size_t from = 0;
        while (from < lines.size()) {
            const std::string line = lines.substr(from, lines.find('\n', from) - from);
            EXPECT_TRUE(std::all_of(line.begin(), line.end(), [](char c) {
                return c >= 0x20 && c < 0x7f;
            })) << line;
            const bool known = line.starts_with("new msg ") || line.starts_with("info msg ") ||
                               line.starts_with("starting delivery ") ||
                               line.starts_with("delivery ") || line.starts_with("status: ") ||
                               line == "end msg " + number();
            EXPECT_TRUE(known) << line;
            from += line.size() + 1;
        }
    }
    EXPECT_LT(cleaned(std::string(100000, 'x')).size(), 5000U);
}

}  // namespace
}  // namespace sluice::qmail_log
