#include "job_controller/job_controller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "base/log.h"
#include "base/log_versions.h"
#include "job_controller/child_process.h"
#include "job_controller/command_line.h"
#include "job_controller/debug.h"
#include "job_controller/event_loop.h"
#include "job_controller/live_changes.h"
#include "job_controller/peers.h"
#include "job_controller/periodic_schedule.h"
#include "job_controller/queue_reader.h"
#include "job_controller/requests.h"
#include "job_controller/scheduler.h"
#include "job_controller/state_text.h"
#include "queue/store.h"

namespace sluice::job_controller {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Files of a scan that are filed per turn of the loop, so that live traffic is served in between.
constexpr std::size_t scanned_per_turn = 2000;
constexpr unsigned most_scan_threads = 16;
/// After SIGTERM, before we leave without them.
constexpr seconds patience_after_term{10};

seconds local_time_of_day(const Clock& clock) {
    const std::time_t time = std::chrono::system_clock::to_time_t(
        std::chrono::time_point_cast<std::chrono::system_clock::duration>(clock.wall_now())
    );
    std::tm parts{};
    ::localtime_r(&time, &parts);
    return seconds(parts.tm_hour * 3600 + parts.tm_min * 60 + parts.tm_sec);
}

struct Periodic {
    PeriodicJobSettings settings;
    PeriodicSchedule schedule;
    bool running = false;
};

/// A running program: a channel's job, or a periodic one (job 0).
struct Child {
    ChildProcess process;
    std::string name;
    JobId job = 0;
    std::shared_ptr<Periodic> periodic;
};

}  // namespace

struct JobController::Impl {
    Impl(const JobControllerSettings& given, SettingsSource its_source, const Clock& its_clock);

    JobControllerSettings settings;
    SettingsSource source;
    std::function<void()> on_stopping;
    const Clock& clock;
    LiveChanges changes;
    Scheduler scheduler;
    EventLoop loop;
    Requests requests;
    Peers peers;
    UniqueFd stop_event;
    UniqueFd reader_event;
    std::unique_ptr<queue::Store> store;
    std::unique_ptr<QueueReader> reader;
    std::map<std::string, const ChannelSettings*> channels;
    std::vector<QueueReader::Scanned> scanned;  // being filed, last first
    std::size_t scanned_at = 0;
    std::map<pid_t, Child> children;
    std::vector<std::shared_ptr<Periodic>> periodic;
    std::optional<MonoTime> next_sweep;
    bool stopping = false;
    bool terminated = false;
    MonoTime give_up{};

    Result<void> open();
    Result<void> run();
    void begin_stop();
    void terminate_children();
    std::optional<milliseconds> time_to_wait() const;
    void take_reader_answers();
    void file_scanned();
    void decide();
    void obey(StartJob&& start);
    void obey(GiveWork&& give);
    void obey(TellWait&& wait);
    void obey(TellExit&& exit);
    void obey(ScanChannel&& scan);
    void obey(Identify&& identify);
    void obey(Note&& note);
    template <class Message>
    void tell(WorkerId worker, const Message& message);
    Result<pid_t> start(
        const std::string& command,
        bool shell_allowed,
        const std::vector<std::string>& arguments,
        std::optional<JobId> job,
        const std::string& log_name,
        Child child
    );
    [[nodiscard]] Debug debug() const { return Debug(settings.debug); }
    UniqueFd new_log(const std::string& name) const;
    void note_request(const Peer& peer, const jobs::Frame& frame) const;
    void note_work(const GiveWork& give) const;
    void peer_left(const Peer& peer);
    void child_ended(pid_t pid);
    void run_periodic();
    void take_lists();
    Result<jobs::Reloaded> reload();
    Result<std::uint32_t> change(const jobs::Change& request);
};

JobController::Impl::Impl(
    const JobControllerSettings& given, SettingsSource its_source, const Clock& its_clock
)
    : settings(given),
      source(std::move(its_source)),
      clock(its_clock),
      scheduler(settings, clock.mono_now()),
      requests(
          scheduler,
          clock,
          [this] { return reload(); },
          [this](const jobs::Change& request) { return change(request); }
      ),
      peers(
          loop,
          [this](Peer& peer, const jobs::Frame& frame) {
              note_request(peer, frame);
              return requests.handle(peer, frame);
          },
          [this](Peer& peer) { peer_left(peer); }
      ),
      stop_event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      reader_event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    take_lists();
}

// Periodic jobs that did not change keep their time.
void JobController::Impl::take_lists() {
    channels.clear();
    for (const ChannelSettings& channel : settings.channels) channels[channel.name] = &channel;
    const auto before = std::exchange(periodic, {});
    for (const PeriodicJobSettings& job : settings.periodic_jobs) {
        const auto known = std::find_if(before.begin(), before.end(), [&](const auto& one) {
            return one->settings == job;
        });
        periodic.push_back(
            known != before.end()
                ? *known
                : std::make_shared<Periodic>(Periodic{
                      job, PeriodicSchedule(job, local_time_of_day(clock), clock.mono_now()), false}
                  )
        );
    }
}

// Whatever fails, the old configuration stays as a whole.
Result<jobs::Reloaded> JobController::Impl::reload() {
    const auto refuse = [](Error error) {
        diag::warning("keeping the old configuration: " + error.detail());
        return error;
    };
    if (!source) return refuse(Error::permanent({5, 3, 5}, "no reload", "nowhere to read from"));
    auto fresh = source();
    if (!fresh) return refuse(std::move(fresh).error());
    if (stopping) return refuse(Error::temporary({4, 3, 2}, "stopping", "the MTA is stopping"));
    JobControllerSettings& next = fresh->settings;
    if (next.socket_path != settings.socket_path || next.queue_root != settings.queue_root ||
        next.log_directory != settings.log_directory) {
        return refuse(Error::permanent(
            {5, 3, 5}, "restart needed", "the tailor file names other directories: stop and start"
        ));
    }
    changes.apply_to(next);
    std::vector<std::string> notes = scheduler.reconfigure(next);
    if (next.rebuild_parallel != settings.rebuild_parallel)
        notes.emplace_back("REBUILD_PARALLEL_CHANNEL changes with the next restart");
    settings = std::move(next);
    take_lists();
    jobs::Reloaded reloaded;
    reloaded.generation = fresh->generation;
    for (const std::string& note : notes) {
        diag::warning(note);
        if (reloaded.notes.size() < jobs::max_reload_notes)
            reloaded.notes.push_back({jobs::cut_reason(note)});
    }
    diag::info(
        "configuration of generation " + std::to_string(fresh->generation) + ", " +
        std::to_string(channels.size()) + " channels"
    );
    return reloaded;
}

Result<std::uint32_t> JobController::Impl::change(const jobs::Change& request) {
    JobControllerSettings next = settings;
    auto concerned = changes.make(next, request);
    if (!concerned) return concerned;
    settings = std::move(next);
    take_lists();
    // What is only about the log ends no program.
    if (request.setting != jobs::Setting::debug) {
        for (const std::string& note : scheduler.reconfigure(settings)) diag::warning(note);
    }
    diag::info("an operator changed " + text_of(request));
    return concerned;
}

Result<void> JobController::Impl::open() {
    if (!stop_event || !reader_event) return Error::from_errno(errno, "eventfd");
    if (auto opened = loop.open(); !opened) return opened;
    if (auto listening = peers.listen(settings.socket_path); !listening) return listening;
    auto opened = queue::Store::open(settings.queue_root, {}, queue::posix_storage(), clock);
    if (!opened) return std::move(opened).error();
    store = std::move(*opened);
    const auto threads = std::min<std::size_t>(
        {settings.rebuild_parallel, std::max<std::size_t>(1, channels.size()), most_scan_threads}
    );
    reader =
        std::make_unique<QueueReader>(*store, static_cast<unsigned>(threads), reader_event.get());
    auto stop_watched = loop.watch(stop_event.get(), EPOLLIN, [this](auto) {
        eventfd_t count = 0;
        ::eventfd_read(stop_event.get(), &count);
        for (eventfd_t i = 0; i < std::min<eventfd_t>(count, 2); ++i) begin_stop();
    });
    if (!stop_watched) return stop_watched;
    return loop.watch(reader_event.get(), EPOLLIN, [this](auto) {
        eventfd_t count = 0;
        ::eventfd_read(reader_event.get(), &count);
        take_reader_answers();
    });
}

Result<void> JobController::Impl::run() {
    diag::info(
        "job controller started, " + std::to_string(channels.size()) + " channels, socket " +
        settings.socket_path
    );
    scheduler.begin(clock.mono_now());
    next_sweep = clock.mono_now();
    while (true) {
        file_scanned();
        run_periodic();
        decide();
        peers.flush();
        if (stopping) {
            if (children.empty()) break;
            if (clock.mono_now() >= give_up) {
                if (terminated) break;
                terminate_children();
            }
        }
        const auto most = time_to_wait();
        debug().note(debug_bit::waiting, [&] {
            return most ? "waiting " + std::to_string(most->count()) + " ms" : "waiting";
        });
        if (auto turned = loop.turn(most); !turned) return turned;
    }
    for (const auto& [pid, child] : children) {
        diag::warning(child.name + ", process " + std::to_string(pid) + ", is left behind");
    }
    diag::info("job controller ended");
    return {};
}

// An enqueuer that dies may leave files behind that were acknowledged but never told about.
void JobController::Impl::peer_left(const Peer& peer) {
    scheduler.worker_left(peer.id, clock.mono_now());
    if (stopping || peer.role != jobs::Role::enqueuer || peer.all_told) return;
    diag::info(
        "process " + std::to_string(peer.pid) + " went without a word: looking through the queue"
    );
    scheduler.synchronise({}, clock.mono_now());
}

void JobController::Impl::begin_stop() {
    if (stopping) {
        give_up = clock.mono_now();
        return;
    }
    diag::info("stopping, " + std::to_string(children.size()) + " processes are running");
    stopping = true;
    if (on_stopping) on_stopping();
    give_up = clock.mono_now() + settings.shutdown_wait;
    peers.stop_listening();
    peers.close_enqueuers();
    scheduler.shut_down();
}

void JobController::Impl::terminate_children() {
    terminated = true;
    give_up = clock.mono_now() + patience_after_term;
    for (const auto& [pid, child] : children) {
        diag::warning(child.name + ", process " + std::to_string(pid) + ", gets SIGTERM");
        ::kill(-pid, SIGTERM);
    }
}

std::optional<milliseconds> JobController::Impl::time_to_wait() const {
    if (!scanned.empty() || peers.output_pending()) return milliseconds(0);
    std::optional<MonoTime> next = scheduler.next_wakeup();
    const auto consider = [&next](MonoTime time) {
        if (!next || time < *next) next = time;
    };
    if (stopping) consider(give_up);
    if (next_sweep) consider(*next_sweep);
    for (const auto& job : periodic) consider(job->schedule.due());
    if (!next) return std::nullopt;
    const MonoTime now = clock.mono_now();
    if (*next <= now) return milliseconds(0);
    return std::chrono::ceil<milliseconds>(*next - now);
}

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
    diag::write(note.warning ? diag::Level::warning : diag::Level::info, note.text);
}

void JobController::Impl::obey(StartJob&& begin) {
    const ChannelSettings& channel = *channels.at(begin.channel);
    Child child;
    child.name = "job " + std::to_string(begin.job) + " of channel " + channel.name;
    child.job = begin.job;
    const std::string name = child.name;
    const auto pid = start(
        channel.master_command, channel.shell_allowed, {channel.name}, begin.job,
        channel.name + "_master.log", std::move(child)
    );
    if (pid) {
        diag::info(name + " started, process " + std::to_string(*pid));
        scheduler.job_started(begin.job, static_cast<std::uint32_t>(*pid), clock.mono_now());
    } else {
        diag::warning(name + " not started: " + pid.error().to_debug_string());
        scheduler.job_failed(begin.job, clock.mono_now());
    }
}

Result<pid_t> JobController::Impl::start(
    const std::string& command,
    bool shell_allowed,
    const std::vector<std::string>& arguments,
    std::optional<JobId> job,
    const std::string& log_name,
    Child child
) {
    auto words = command_words(command, shell_allowed, arguments);
    if (!words) return std::move(words).error();
    std::vector<std::string> environment = inherited_environment(settings.environment);
    if (job) environment.push_back("SLUICE_JOB=" + std::to_string(*job));
    const UniqueFd log = new_log(log_name);
    auto process = start_process(*words, environment, log.get());
    if (!process) return std::move(process).error();
    const pid_t pid = process->pid;
    child.process = std::move(*process);
    const int ended = child.process.ended.get();
    children[pid] = std::move(child);
    if (auto watched = loop.watch(ended, EPOLLIN, [this, pid](auto) { child_ended(pid); });
        !watched) {
        diag::fatal("cannot watch processes: " + watched.error().to_debug_string());
    }
    return pid;
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

UniqueFd JobController::Impl::new_log(const std::string& name) const {
    if (settings.log_directory.empty()) return {};
    auto version = create_log_version(settings.log_directory + '/' + name, settings.log_versions);
    if (version) return std::move(version->file);
    diag::warning("no log for a program: " + version.error().detail());
    return {};
}

void JobController::Impl::child_ended(pid_t pid) {
    const auto found = children.find(pid);
    if (found == children.end()) return;
    const auto end = reap(found->second.process);
    if (!end) return;
    loop.forget(found->second.process.ended.get());
    const Child child = std::move(found->second);
    children.erase(found);
    diag::write(
        end->clean ? diag::Level::info : diag::Level::warning,
        child.name + " ended, process " + std::to_string(pid) + ", " + end->text
    );
    if (child.periodic) {
        child.periodic->running = false;
    } else {
        scheduler.job_exited(child.job, end->clean, clock.mono_now());
    }
}

void JobController::Impl::run_periodic() {
    const MonoTime now = clock.mono_now();
    if (next_sweep && now >= *next_sweep) {
        next_sweep = now + settings.synch_time;
        reader->sweep();
    }
    for (const std::shared_ptr<Periodic>& one : periodic) {
        Periodic& job = *one;
        if (job.schedule.due() > now) continue;
        job.schedule.passed(local_time_of_day(clock), now);
        const std::string name = "periodic job " + job.settings.name;
        if (stopping || job.running) {
            if (job.running) diag::warning(name + " left out, the last one still runs");
            continue;
        }
        Child child;
        child.name = name;
        child.periodic = one;
        auto started = start(
            job.settings.command, job.settings.shell_allowed, {}, std::nullopt,
            job.settings.name + ".log", std::move(child)
        );
        if (started) {
            job.running = true;
            diag::info(name + " started, process " + std::to_string(*started));
        } else {
            diag::warning(name + " not started: " + started.error().to_debug_string());
        }
    }
}

JobController::JobController(
    const JobControllerSettings& settings, SettingsSource source, const Clock& clock
)
    : impl_(std::make_unique<Impl>(settings, std::move(source), clock)) {}

JobController::~JobController() = default;

Result<void> JobController::open() {
    return impl_->open();
}

Result<void> JobController::run() {
    return impl_->run();
}

void JobController::set_on_stopping(std::function<void()> on_stopping) {
    impl_->on_stopping = std::move(on_stopping);
}

void JobController::request_stop() {
    ::eventfd_write(impl_->stop_event.get(), 1);
}

namespace {

std::atomic<JobController*> running{nullptr};

void on_signal(int /*signal*/) {
    const int before = errno;
    if (JobController* controller = running.load()) controller->request_stop();
    errno = before;
}

}  // namespace

int run_job_controller(
    const JobControllerSettings& settings, SettingsSource source, std::function<void()> on_stopping
) {
    JobController controller(settings, std::move(source));
    controller.set_on_stopping(std::move(on_stopping));
    if (auto opened = controller.open(); !opened) {
        diag::warning("job controller not started: " + opened.error().to_debug_string());
        return 75;
    }
    running = &controller;
    struct sigaction action {};
    action.sa_handler = on_signal;
    ::sigaction(SIGTERM, &action, nullptr);
    ::sigaction(SIGINT, &action, nullptr);
    action.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &action, nullptr);
    auto ran = controller.run();
    // The handlers stay: a late signal finds nobody to stop.
    running = nullptr;
    if (ran) return 0;
    diag::warning("job controller failed: " + ran.error().to_debug_string());
    return 75;
}

}  // namespace sluice::job_controller
