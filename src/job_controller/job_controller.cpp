#include "job_controller/job_controller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/log.h"
#include "job_controller/job_controller_impl.h"
#include "job_controller/state_text.h"

namespace sluice::job_controller {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr unsigned most_scan_threads = 16;
/// After SIGTERM, before we leave without them.
constexpr seconds patience_after_term{10};

}  // namespace

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
      programs(loop, settings),
      stop_event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      reader_event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    take_lists();
}

void JobController::Impl::take_lists() {
    channels.clear();
    for (const ChannelSettings& channel : settings.channels) channels[channel.name] = &channel;
    periodic.configure(settings.periodic_jobs, clock);
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
    tell_inflow(0);  // whatever one left behind that was killed
    while (true) {
        file_scanned();
        sweep();
        periodic.run_due(programs, clock, stopping);
        decide();
        watch_inflow();
        peers.flush();
        if (stopping) {
            if (programs.running() == 0) break;
            if (clock.mono_now() >= give_up) {
                if (terminated) break;
                terminate_programs();
            }
        }
        const auto most = time_to_wait();
        debug().note(debug_bit::waiting, [&] {
            return most ? "waiting " + std::to_string(most->count()) + " ms" : "waiting";
        });
        if (auto turned = loop.turn(most); !turned) return turned;
    }
    brake = {};
    tell_inflow(0);
    programs.name_those_left();
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
    diag::info("stopping, " + std::to_string(programs.running()) + " processes are running");
    stopping = true;
    if (on_stopping) on_stopping();
    give_up = clock.mono_now() + settings.shutdown_wait;
    peers.stop_listening();
    peers.close_enqueuers();
    scheduler.shut_down();
}

void JobController::Impl::terminate_programs() {
    terminated = true;
    give_up = clock.mono_now() + patience_after_term;
    programs.terminate_all();
}

std::optional<milliseconds> JobController::Impl::time_to_wait() const {
    if (!scanned.empty() || peers.output_pending()) return milliseconds(0);
    std::optional<MonoTime> next = scheduler.next_wakeup();
    const auto consider = [&next](MonoTime time) {
        if (!next || time < *next) next = time;
    };
    if (stopping) consider(give_up);
    if (next_sweep) consider(*next_sweep);
    if (must_watch_inflow()) consider(next_inflow_look);
    if (const auto due = periodic.next_due()) consider(*due);
    if (!next) return std::nullopt;
    const MonoTime now = clock.mono_now();
    if (*next <= now) return milliseconds(0);
    return std::chrono::ceil<milliseconds>(*next - now);
}

void JobController::Impl::sweep() {
    const MonoTime now = clock.mono_now();
    if (!next_sweep || now < *next_sweep) return;
    next_sweep = now + settings.synch_time;
    reader->sweep(settings.tmp_max_age);
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

}  // namespace sluice::job_controller
