#include "tracking/foreign_form.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/bytes.h"
#include "postoffice_log/render.h"
#include "qmail_log/send_lines.h"
#include "qmail_log/smtp_lines.h"
#include "tracking/progress.h"

namespace sluice::tracking {

namespace {

using log::DeliveryClass;
using log::Event;
using log::EventKind;

// Bounded: the messages that are under way in a log at a time are far fewer.
constexpr std::size_t most_messages = 200'000;

bool is_outcome(EventKind kind) {
    return kind == EventKind::dequeued || kind == EventKind::deferred ||
           kind == EventKind::requeued || kind == EventKind::returned ||
           kind == EventKind::discarded;
}

DeliveryClass class_of(std::string_view channel) {
    if (is_hop(channel)) return DeliveryClass::passage;
    if (channel.starts_with("tcp_") || channel == "remote" || channel == "SMTP-Deliver")
        return DeliveryClass::remote;
    if (channel.starts_with("pipe") || channel == "Program-Deliver") return DeliveryClass::program;
    return DeliveryClass::mailbox;
}

/// Counts for one log that is read; nothing is shared.
class Counters final : public qmail_log::SendCounters {
public:
    void reset() override { deliveries_ = 0; }
    void set_stopping() override {}
    std::uint64_t begin_delivery(DeliveryKey, bool remote) override {
        (remote ? running_.remote : running_.local) = 1;
        return ++deliveries_;
    }
    std::optional<std::uint64_t> end_delivery(DeliveryKey) override {
        running_ = {};
        return deliveries_;
    }
    Running running() override { return running_; }
    void add_files(std::uint64_t, std::uint64_t, bool) override {}
    bool remove_file(std::uint64_t) override { return true; }

private:
    std::uint64_t deliveries_ = 0;
    Running running_;
};

}  // namespace

struct ForeignForm::Impl {
    struct Message {
        WallTime enqueued{};
        Progress progress;
    };

    bool postoffice = false;
    postoffice_log::RenderOptions postoffice_options;
    qmail_log::SendLineOptions send_options;
    qmail_log::SmtpLineOptions smtp_options;
    Counters counters;
    std::unordered_map<std::string, Message> messages;
    std::vector<Event> pending;  // recipients of one message that came in
    std::uint64_t delivery = 0;

    void render(std::string& out, std::span<const Event> events) {
        if (postoffice) {
            postoffice_log::render(out, events, postoffice_options);
            return;
        }
        qmail_log::render_send(out, events, send_options, counters);
        for (const Event& event : events) qmail_log::render_smtp(out, event, smtp_options);
    }

    Message& message_of(Event& event) {
        if (event.envelope_id.empty()) event.envelope_id = event.message_id;
        if (messages.size() > most_messages && !messages.contains(event.envelope_id))
            messages.clear();
        Message& message = messages[event.envelope_id];
        if (message.enqueued == WallTime()) message.enqueued = event.time;
        event.enqueued = message.enqueued;
        return message;
    }

    void flush(std::string& out) {
        render(out, pending);
        pending.clear();
    }

    /// `first` of its record's events.
    void add(std::string& out, const Record& record, Event event, bool first) {
        event.time = record.stamp.time.value_or(WallTime());
        // An entry says it by the reply only.
        if (event.kind == EventKind::authentication)
            event.modifiers.authenticated = event.diagnostic.starts_with('2');
        const bool enqueued = event.kind == EventKind::enqueued;
        if (!enqueued && !is_outcome(event.kind)) {
            flush(out);
            render(out, {&event, 1});
            return;
        }
        Message& message = message_of(event);
        if (first) message.progress.note_message(record);
        if (enqueued) {
            event.goes_on = is_hop(event.source_channel);
            if (!pending.empty() && (pending.front().envelope_id != event.envelope_id ||
                                     pending.front().goes_on != event.goes_on))
                flush(out);
            pending.push_back(std::move(event));
            return;
        }
        flush(out);
        attempt(out, std::move(event), message.progress.ended);
    }

    void attempt(std::string& out, Event event, bool last) {
        event.delivery_class = class_of(event.source_channel);
        event.delivery_number = ++delivery;
        std::vector<Event> events(last ? 3 : 2, event);
        events.front().kind = EventKind::delivery_started;
        // LOG_TIMING, or a JSON record, says how long it took.
        events.front().time -= std::max(event.delivery_time, std::chrono::milliseconds(0));
        if (last) events.back().kind = EventKind::message_gone;
        render(out, events);
        if (last) messages.erase(event.envelope_id);
    }
};

ForeignForm::ForeignForm(Dialect form, const TimeZone& zone) : impl_(std::make_unique<Impl>()) {
    impl_->postoffice = form == Dialect::postoffice;
    impl_->postoffice_options.zone = zone;
    impl_->postoffice_options.host = "localhost";
    impl_->smtp_options.host = "localhost";
}
ForeignForm::~ForeignForm() = default;

namespace {

std::vector<std::string> lines_in(const std::string& text) {
    std::vector<std::string> lines;
    for (const std::string_view line : split(text, '\n')) lines.emplace_back(line);
    lines.pop_back();  // behind the last line feed there is none
    return lines;
}

}  // namespace

std::vector<std::string> ForeignForm::lines_of(const Record& record) {
    std::string out;
    for (std::size_t i = 0; i < record.events.size(); ++i)
        impl_->add(out, record, record.events[i], i == 0);
    return lines_in(out);
}

std::vector<std::string> ForeignForm::finish() {
    std::string out;
    impl_->flush(out);
    return lines_in(out);
}

}  // namespace sluice::tracking
