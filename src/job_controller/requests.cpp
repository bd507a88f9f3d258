#include "job_controller/requests.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/bytes.h"
#include "job_controller/queue_files.h"
#include "job_controller/state_text.h"

namespace sluice::job_controller {

namespace {

constexpr std::size_t rows_at_a_time = 500;
/// The log is for people.
constexpr std::size_t most_walked_hosts = 1000;

bool no_such_channel(Peer& peer, const std::string& channel) {
    peer.send(jobs::Problem{"no such channel: " + printable(channel)});
    return true;
}

/// Rows in frames that keep below the ceilings.
template <class Rows, class Row>
void send_rows(Peer& peer, std::vector<Row> rows) {
    for (std::size_t at = 0; at < rows.size(); at += rows_at_a_time) {
        const auto first = rows.begin() + static_cast<std::ptrdiff_t>(at);
        const auto count = std::min(rows_at_a_time, rows.size() - at);
        Rows frame;
        frame.rows.assign(
            std::make_move_iterator(first),
            std::make_move_iterator(first + static_cast<std::ptrdiff_t>(count))
        );
        peer.send(frame);
    }
}

}  // namespace

template <class Message>
bool Requests::with(Peer& peer, const jobs::Frame& frame) {
    auto request = jobs::decode<Message>(frame.body);
    return request && answer(peer, std::move(*request));
}

bool Requests::handle(Peer& peer, const jobs::Frame& frame) {
    using jobs::Verb;
    switch (frame.verb) {
        case Verb::enqueue:
            return with<jobs::Enqueue>(peer, frame);
        case Verb::ask:
            return with<jobs::Ask>(peer, frame);
        case Verb::done:
            return with<jobs::Done>(peer, frame);
        case Verb::stress:
            return with<jobs::Stress>(peer, frame);
        case Verb::run:
            return with<jobs::Run>(peer, frame);
        case Verb::list:
            return with<jobs::List>(peer, frame);
        case Verb::sync:
            return with<jobs::Sync>(peer, frame);
        case Verb::stop:
            return with<jobs::Stop>(peer, frame);
        case Verb::start:
            return with<jobs::Start>(peer, frame);
        case Verb::forget:
            return with<jobs::Forget>(peer, frame);
        case Verb::reload:
            return with<jobs::Reload>(peer, frame);
        case Verb::change:
            return with<jobs::Change>(peer, frame);
        case Verb::walk:
            return with<jobs::Walk>(peer, frame);
        case Verb::status:
            return with<jobs::Status>(peer, frame);
        default:
            return false;
    }
}

bool Requests::answer(Peer& peer, const jobs::Enqueue& request) {
    const MonoTime now = clock_.mono_now();
    jobs::Accepted accepted;
    for (const jobs::NewMessage& message : request.messages) {
        const bool taken = is_deliverable_file(message.file) &&
                           scheduler_.enqueue(message, now) != EnqueueResult::refused;
        ++(taken ? accepted.accepted : accepted.refused);
    }
    peer.all_told = request.messages.empty();
    peer.send(accepted);
    return true;
}

bool Requests::answer(Peer& peer, const jobs::Ask& request) {
    if (peer.role != jobs::Role::worker) return false;
    if (!scheduler_.knows_channel(request.channel)) {
        no_such_channel(peer, request.channel);
        peer.closing = true;
        return true;
    }
    return scheduler_.ask(peer.id, request, clock_.mono_now());
}

bool Requests::answer(Peer& peer, jobs::Done request) {
    if (peer.role != jobs::Role::worker) return false;
    const MonoTime now = clock_.mono_now();
    for (jobs::DoneItem& item : request.items) {
        if (!item.new_file.empty() && !is_deliverable_file(item.new_file)) {
            diag::warning("bad new file name in a report: " + item.new_file);
            item.new_file.clear();
        }
        scheduler_.done(peer.id, item, now);
    }
    return true;
}

bool Requests::answer(Peer& peer, const jobs::Stress& report) {
    if (peer.role != jobs::Role::worker) return false;
    return scheduler_.stress(report.channel, clock_.mono_now());
}

bool Requests::answer(Peer& peer, const jobs::Run& request) {
    const auto affected = scheduler_.run(request, clock_.mono_now());
    if (!affected) return no_such_channel(peer, request.channel);
    peer.send(jobs::Okay{*affected});
    return true;
}

bool Requests::answer(Peer& peer, const jobs::Sync& request) {
    if (!request.channel.empty() && !scheduler_.knows_channel(request.channel)) {
        return no_such_channel(peer, request.channel);
    }
    peer.send(jobs::Okay{scheduler_.synchronise(request.channel, clock_.mono_now())});
    return true;
}

bool Requests::answer(Peer& peer, const jobs::Stop& request) {
    if (!scheduler_.stop_channel(request.channel)) return no_such_channel(peer, request.channel);
    diag::info("channel " + request.channel + " stopped");
    peer.send(jobs::Okay{1});
    return true;
}

bool Requests::answer(Peer& peer, const jobs::Start& request) {
    if (!scheduler_.start_channel(request.channel)) return no_such_channel(peer, request.channel);
    diag::info("channel " + request.channel + " started");
    peer.send(jobs::Okay{1});
    return true;
}

bool Requests::answer(Peer& peer, const jobs::Forget& request) {
    if (!scheduler_.knows_channel(request.channel)) return no_such_channel(peer, request.channel);
    peer.send(jobs::Okay{scheduler_.forget(request.channel, request.file)});
    return true;
}

bool Requests::answer(Peer& peer, const jobs::Status& /*request*/) {
    peer.send(jobs::StatusReply{scheduler_.status_rows()});
    return true;
}

bool Requests::answer(Peer& peer, const jobs::Reload& /*request*/) {
    if (peer.role != jobs::Role::control) return false;
    auto reloaded = reload_();
    if (reloaded) {
        peer.send(*reloaded);
    } else {
        peer.send(jobs::Problem{jobs::cut_reason(reloaded.error().detail())});
    }
    return true;
}

bool Requests::answer(Peer& peer, const jobs::Change& request) {
    if (peer.role != jobs::Role::control) return false;
    const auto concerned = change_(request);
    if (concerned) {
        peer.send(jobs::Okay{*concerned});
    } else {
        peer.send(jobs::Problem{jobs::cut_reason(concerned.error().text())});
    }
    return true;
}

bool Requests::answer(Peer& peer, const jobs::Walk& /*request*/) {
    if (peer.role != jobs::Role::control) return false;
    for (const std::string& line :
         state_text(scheduler_, clock_.mono_now(), clock_.wall_now(), most_walked_hosts)) {
        diag::info(line);
    }
    peer.send(jobs::Okay{});
    return true;
}

bool Requests::answer(Peer& peer, const jobs::List& request) {
    if (peer.listing) return false;
    if (!request.channel.empty() && !scheduler_.knows_channel(request.channel)) {
        return no_such_channel(peer, request.channel);
    }
    switch (request.scope) {
        case jobs::ListScope::channels:
            send_rows<jobs::ChannelRows>(
                peer, scheduler_.channel_rows(request.channel, clock_.mono_now(), clock_.wall_now())
            );
            break;
        case jobs::ListScope::jobs:
            send_rows<jobs::JobRows>(peer, scheduler_.job_rows(request.channel, clock_.mono_now()));
            break;
        case jobs::ListScope::hosts:
            list_hosts(peer, request.channel);
            return true;
        case jobs::ListScope::messages:
            list_messages(peer, request.channel);
            return true;
    }
    peer.send(jobs::ListEnd{});
    return true;
}

void Requests::list_messages(Peer& peer, const std::string& channel) {
    peer.listing = [this, channel, cursor = std::size_t{0}](Peer& to) mutable {
        auto rows = scheduler_.message_rows(
            channel, cursor, rows_at_a_time, clock_.mono_now(), clock_.wall_now()
        );
        const bool more = !rows.empty();
        if (more) {
            to.send(jobs::MessageRows{std::move(rows)});
        } else {
            to.send(jobs::ListEnd{});
        }
        return more;
    };
}

void Requests::list_hosts(Peer& peer, const std::string& channel) {
    peer.listing = [this, channel, cursor = Scheduler::HostCursor{}](Peer& to) mutable {
        auto rows = scheduler_.host_rows(
            channel, cursor, rows_at_a_time, clock_.mono_now(), clock_.wall_now()
        );
        const bool more = !rows.empty();
        if (more) {
            to.send(jobs::HostRows{std::move(rows)});
        } else {
            to.send(jobs::ListEnd{});
        }
        return more;
    };
}

}  // namespace sluice::job_controller
