#include <algorithm>
#include <utility>
#include <variant>

#include "base/log.h"
#include "job_controller/job_controller_impl.h"

// What the scheduler decides, put into effect; what the reader has read, told to the scheduler.
namespace sluice::job_controller {

namespace {

/// Files of a scan that are filed per turn of the loop, so that live traffic is served in between.
constexpr std::size_t scanned_per_turn = 2000;

}  // namespace

void JobController::Impl::take_reader_answers() {
    const MonoTime now = clock.mono_now();
    for (QueueReader::Answer& answer : reader->take_answers()) {
        if (auto* identified = std::get_if<QueueReader::Identified>(&answer)) {
            scheduler.identified(identified->handle, identified->identity, now);
            continue;
        }
        auto& scan = std::get<QueueReader::Scanned>(answer);
        for (const std::string& alien : scan.aliens) {
            diag::warning("%JBC-W-ALIEN, " + alien);
        }
        std::reverse(scan.files.begin(), scan.files.end());  // taken from the back
        scanned.push_back(std::move(scan));
    }
}

void JobController::Impl::file_scanned() {
    if (scanned.empty()) return;
    // The channels in turn, so that a large one does not keep the others waiting.
    scanned_at %= scanned.size();
    QueueReader::Scanned& scan = scanned[scanned_at];
    const MonoTime now = clock.mono_now();
    const WallTime wall = clock.wall_now();
    for (std::size_t i = 0; i < scanned_per_turn && !scan.files.empty(); ++i) {
        scheduler.scan_offer(scan.channel, scan.files.back(), now, wall);
        scan.files.pop_back();
    }
    if (!scan.files.empty()) {
        ++scanned_at;
        return;
    }
    debug().note(debug_bit::rebuild, [&] { return "channel " + scan.channel + " was read"; });
    scheduler.scan_end(scan.channel, scan.result, now);
    scanned.erase(scanned.begin() + static_cast<std::ptrdiff_t>(scanned_at));
}

void JobController::Impl::decide() {
    auto decisions = scheduler.settle(clock.mono_now());
    for (Decision& decision : decisions)
        std::visit([this](auto& each) { obey(std::move(each)); }, decision);
    if (decisions.empty()) return;
    debug().note(debug_bit::queues, [&] {
        return describe(scheduler.channel_rows({}, clock.mono_now(), clock.wall_now()));
    });
}

template <class Message>
void JobController::Impl::tell(WorkerId worker, const Message& message) {
    if (Peer* peer = peers.find(worker)) {
        peer->send(message);
        peers.touch(*peer);
    }
}

void JobController::Impl::obey(GiveWork&& give) {
    note_work(give);
    tell(give.worker, give.work);
}

void JobController::Impl::obey(TellWait&& wait) {
    tell(wait.worker, jobs::Wait{static_cast<std::uint16_t>(wait.pause.count())});
}

void JobController::Impl::obey(TellExit&& exit) {
    tell(exit.worker, jobs::Exit{});
}

void JobController::Impl::obey(ScanChannel&& scan) {
    debug().note(debug_bit::rebuild, [&] { return "channel " + scan.channel + " is to be read"; });
    reader->scan(std::move(scan));
}

void JobController::Impl::obey(Identify&& identify) {
    reader->identify(std::move(identify));
}

void JobController::Impl::obey(Note&& note) {
    if (note.limit) return limits::hit(*note.limit, note.text);
    diag::write(note.warning ? diag::Level::warning : diag::Level::info, note.text);
}

void JobController::Impl::obey(StartJob&& begin) {
    const ChannelSettings& channel = *channels.at(begin.channel);
    Programs::Command command;
    command.name = "job " + std::to_string(begin.job) + " of channel " + channel.name;
    command.line = channel.master_command;
    command.shell_allowed = channel.shell_allowed;
    command.arguments = {channel.name};
    command.log_name = channel.name + "_master.log";
    command.job = begin.job;
    const auto pid = programs.start(command, [this, job = begin.job](bool clean) {
        scheduler.job_exited(job, clean, clock.mono_now());
    });
    if (pid) {
        diag::info(command.name + " started, process " + std::to_string(*pid));
        scheduler.job_started(begin.job, static_cast<std::uint32_t>(*pid), clock.mono_now());
    } else {
        diag::warning(command.name + " not started: " + pid.error().to_debug_string());
        scheduler.job_failed(begin.job, clock.mono_now());
    }
}

void JobController::Impl::note_request(const Peer& peer, const jobs::Frame& frame) const {
    debug().note(debug_bit::messages, [&] {
        return word_of(frame.verb) + " from process " + std::to_string(peer.pid);
    });
    debug().note(debug_bit::details, [&] {
        return word_of(frame.verb) + ": " + std::to_string(frame.body.size()) + " octets";
    });
    if (frame.verb != jobs::Verb::done || !debug().has(debug_bit::states)) return;
    const auto done = jobs::decode<jobs::Done>(frame.body);
    if (!done) return;
    for (const jobs::DoneItem& item : done->items)
        debug().note(debug_bit::states, [&] { return describe(item); });
}

void JobController::Impl::note_work(const GiveWork& give) const {
    debug().note(debug_bit::messages, [&] {
        return "work for connection " + std::to_string(give.worker) + ", messages " +
               std::to_string(give.work.items.size());
    });
    for (const jobs::WorkItem& item : give.work.items) {
        debug().note(debug_bit::states, [&] {
            return "message " + std::to_string(item.handle) + " handed out: " + item.file +
                   (item.host.empty() ? "" : " for " + item.host);
        });
    }
}

}  // namespace sluice::job_controller
