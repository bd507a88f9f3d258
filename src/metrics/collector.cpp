#include "metrics/collector.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/bytes.h"
#include "base/file.h"
#include "base/log.h"
#include "base/version.h"
#include "config/image.h"
#include "counters/waiting.h"
#include "enqueue/disk_guard.h"
#include "enqueue/runtime.h"
#include "jobs/inflow_state.h"
#include "queue/message_file.h"
#include "queue/scan.h"
#include "queue/store.h"

namespace sluice::metrics {

namespace {

using config::TailorEntry;

/// A monitoring system does not wait long either.
constexpr std::chrono::milliseconds controller_patience{2000};
/// Held messages are found by reading directories: not for every question.
constexpr std::chrono::seconds held_every{60};
/// More than these are not opened for their reason.
constexpr std::size_t most_reasons = 10000;
constexpr std::size_t longest_label = 24;

/// Whether the process of that file lives, and is that program: numbers come again.
bool runs(const std::string& run_directory, const std::string& program) {
    const std::string pid_file = run_directory + program + ".pid";
    const auto text = read_file(pid_file, 64);
    if (!text) return false;
    const auto pid = parse_unsigned(std::string_view(*text).substr(0, text->find('\n')));
    if (!pid || *pid == 0 || *pid > INT32_MAX) return false;
    const auto name = read_file("/proc/" + std::to_string(*pid) + "/comm", 64);
    return name && std::string_view(*name).substr(0, name->find('\n')) == program;
}

}  // namespace

std::string reason_label(std::string_view reason) {
    const std::string_view word = reason.substr(0, reason.find_first_of(": "));
    const bool is_word =
        !word.empty() && word.size() <= longest_label &&
        std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    return is_word ? std::string(word) : "other";
}

struct Collector::Impl {
    explicit Impl(config::ConfigurationPtr its_configuration)
        : configuration(std::move(its_configuration)),
          run_directory(configuration->tailor.path(TailorEntry::run)),
          queue_root(configuration->tailor.path(TailorEntry::queue)) {}

    config::ConfigurationPtr configuration;
    std::string run_directory;
    std::string queue_root;
    std::unique_ptr<queue::Store> store;
    std::optional<MonoTime> held_at;
    std::optional<std::vector<counters::HeldMessages>> held;
    std::pair<ino_t, std::int64_t> image_seen{};
    std::uint64_t generation = configuration->generation;

    /// Of the published configuration: another than ours once somebody has published one.
    [[nodiscard]] std::uint64_t published_generation();
    jobs::FreshInflow freshness;

    void add_overload(counters::Exposition& exposition);
    /// What the job controller knows.
    void ask_controller(counters::Exposition& exposition) const;
    void look_for_held();
    Result<void> count_held();
};

void Collector::Impl::ask_controller(counters::Exposition& exposition) const {
    auto controller = jobs::ControlClient::connect(
        enqueue::job_controller_socket(*configuration), controller_patience
    );
    if (!controller) return;
    if (auto waiting = counters::ask_for_waiting(*controller))
        exposition.waiting = std::move(*waiting);
    const auto named = configuration->options.integer(config::OptionId::metrics_hosts);
    if (auto hosts = counters::ask_for_hosts(*controller, static_cast<std::size_t>(named)))
        exposition.hosts = std::move(*hosts);
}

std::uint64_t Collector::Impl::published_generation() {
    const std::string& path = configuration->tailor.path(TailorEntry::config_data);
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return generation;
    const std::pair<ino_t, std::int64_t> seen{
        status.st_ino, status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
    if (std::exchange(image_seen, seen) == seen) return generation;
    if (const auto image = config::load_image(path)) generation = image->generation;
    return generation;
}

void Collector::Impl::look_for_held() {
    const MonoTime now = system_clock().mono_now();
    if (held_at && now < *held_at + held_every) return;
    held_at = now;
    if (auto counted = count_held(); !counted) {
        diag::warning("held messages not counted: " + counted.error().detail());
        held.reset();
    }
}

Result<void> Collector::Impl::count_held() {
    if (!store) {
        std::string root = queue_root;
        while (root.size() > 1 && root.back() == '/') root.pop_back();
        auto opened = queue::Store::open(root, enqueue::store_options_of(*configuration));
        if (!opened) return std::move(opened).error();
        store = std::move(*opened);
    }
    std::map<std::pair<std::string, std::string>, std::uint64_t> counts;
    std::size_t opened = 0;
    queue::ScanVisitor visitor;
    visitor.message = [&](const queue::ScannedMessage& scanned) {
        const queue::MessageState state = scanned.name.state();
        if (state == queue::MessageState::eligible) return;
        std::string reason = state == queue::MessageState::bad ? "damage" : "other";
        if (state == queue::MessageState::held && ++opened <= most_reasons) {
            auto file = queue::MessageFile::open(*store, scanned.location(), queue::Access::read);
            if (file) reason = reason_label(file->hold_reason().value_or(""));
        }
        ++counts[{std::string(scanned.channel), reason}];
    };
    if (auto scanned = queue::scan_queue(*store, visitor); !scanned) return scanned;
    held.emplace();
    for (const auto& [key, count] : counts) held->push_back({key.first, key.second, count});
    return {};
}

void Collector::Impl::add_overload(counters::Exposition& exposition) {
    const auto stress = read_file(run_directory + "stress_state", 64);
    exposition.stress = SharedSwitch::parse(stress ? *stress : std::string());
    const auto inflow = read_file(jobs::inflow_state_path(run_directory), 1UL << 20U);
    auto state = jobs::InflowState::parse(inflow ? *inflow : std::string());
    exposition.channels_behind = freshness.heard(state, system_clock().mono_now());
    exposition.inflow_changes = state.changes;
}

Collector::Collector(config::ConfigurationPtr configuration)
    : impl_(std::make_unique<Impl>(std::move(configuration))) {}

Collector::~Collector() = default;

counters::Exposition Collector::collect() {
    counters::Exposition exposition;
    exposition.version = product_version_number;
    exposition.generation = impl_->published_generation();
    exposition.now = system_clock().wall_now();
    const auto segment =
        counters::Segment::open_existing(counters::segment_path(impl_->run_directory));
    if (segment) {
        exposition.counts = (*segment)->read();
        exposition.limits = (*segment)->read_limits();
    }
    impl_->ask_controller(exposition);
    impl_->look_for_held();
    exposition.held = impl_->held;
    struct statvfs room {};
    if (::statvfs(impl_->queue_root.c_str(), &room) == 0) {
        exposition.free_room = counters::FreeRoom{
            std::uint64_t{room.f_bavail} * room.f_frsize, std::uint64_t{room.f_favail}};
    }
    const auto noted = read_file(enqueue::disk_state_path(*impl_->configuration), 64);
    const auto shared = enqueue::SharedDiskState::parse(noted ? *noted : std::string());
    exposition.room_state =
        counters::RoomState{static_cast<unsigned>(shared.state), shared.changes};
    impl_->add_overload(exposition);
    return exposition;
}

bool Collector::is_ready() const {
    return runs(impl_->run_directory, "dispatcher") && runs(impl_->run_directory, "job_controller");
}

}  // namespace sluice::metrics
