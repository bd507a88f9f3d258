#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "job_controller/settings.h"
#include "job_controller/tracked_message.h"

namespace sluice::job_controller {

/// The messages of one channel: ready by host, delayed, unidentified; and the state of its hosts.
/// Knows nothing of jobs and workers beyond how many threads work for a host. Internal to the
/// room; every operation is O(log n) unless said otherwise.
class ChannelQueue {
public:
    explicit ChannelQueue(ChannelSettings settings) : settings_(std::move(settings)) {}
    ChannelQueue(const ChannelQueue&) = delete;
    ChannelQueue& operator=(const ChannelQueue&) = delete;

    [[nodiscard]] const ChannelSettings& settings() const { return settings_; }
    /// New settings for whatever comes. Whether hosts are alike (ANON_HOST) cannot change while
    /// messages are sorted by it, and stays.
    void reconfigure(ChannelSettings settings);
    /// All messages that belong to the channel, wherever they are.
    std::size_t messages = 0;

    /// Files an unlinked message; `host` names its destination and creates the host's record.
    /// Without ANON_HOST=0 all names are one.
    void set_host(TrackedMessage& message, std::string_view host);
    void make_ready(TrackedMessage& message, MonoTime now);
    void delay(TrackedMessage& message, std::chrono::seconds interval, MonoTime now);
    void delay_until(TrackedMessage& message, MonoTime due);
    /// Hands an unlinked message to a worker's set.
    void hand_out(TrackedMessage& message, InProgressSet& to, std::uint64_t worker, MonoTime now);
    /// Takes a message out of whatever queue it is in; `held_by` is its worker's set.
    void unlink(TrackedMessage& message, InProgressSet* held_by = nullptr);
    /// The same for one that leaves the channel for good.
    void detach(TrackedMessage& message);

    /// The host to be served next: one nobody works for before one that justifies another thread;
    /// by class, in each class who waits longest for a worker, those with a message that has waited
    /// very long one class higher. nullptr: none.
    Host* choose_host(MonoTime now);
    /// Its message to be handed out next. The host must have one ready.
    TrackedMessage& choose_message(Host& host, MonoTime now);
    /// Whether another host waits that nobody works for, of class `rank` or better.
    [[nodiscard]] bool idle_host_waits(std::uint8_t rank) const;
    /// The next message whose envelope should be read; it becomes `identifying`.
    TrackedMessage* next_unidentified();

    /// Another number of ready messages that are worth a thread, until reconfigure(); O(hosts).
    void set_thread_depth(unsigned depth);
    /// Whether more threads work for the host than its messages are worth.
    [[nodiscard]] bool has_surplus_thread(const Host& host) const;
    void add_thread(Host& host);
    void remove_thread(Host& host);
    void host_reached(Host& host, MonoTime now);
    /// `own_pause`: used when the channel has no schedule for hosts.
    void host_failed(
        Host& host, std::chrono::seconds own_pause, std::string_view reason, MonoTime now
    );
    /// A probe came back without an answer to its question.
    void probe_inconclusive(Host& host, std::chrono::seconds pause, MonoTime now);
    /// A probe was handed out.
    void probing(Host& host);

    /// Moves what is due. True when something became ready.
    bool advance(MonoTime now);
    [[nodiscard]] std::optional<MonoTime> next_time() const;
    /// Makes messages ready now, those of one host when `host` is not empty; O(n).
    std::uint32_t run(std::string_view host, MonoTime now);
    /// A host that is down is probed without waiting for its time, a ramp ends; false where neither
    /// holds anything back.
    bool release_now(Host& host);

    /// Further threads that the ready messages justify.
    [[nodiscard]] std::uint32_t wanted_threads() const { return wanted_; }
    /// Ready messages that may be handed out now.
    [[nodiscard]] std::size_t available() const { return available_; }
    /// Recipients of the messages that are ready or in progress.
    [[nodiscard]] std::uint64_t queued_recipients() const { return queued_recipients_; }
    [[nodiscard]] std::size_t unidentified() const { return unidentified_.size(); }
    [[nodiscard]] const DelayedSet& delayed() const { return delayed_; }
    using Hosts = std::map<std::string, std::unique_ptr<Host>, std::less<>>;
    [[nodiscard]] const Hosts& hosts() const { return hosts_; }
    /// How long messages wait on average until they are handed out.
    [[nodiscard]] MonoTime::duration average_wait() const { return average_wait_; }
    /// Whether the host can be down at all.
    [[nodiscard]] bool probes(const Host& host) const {
        return settings_.host_probe && !host.shared;
    }

private:
    Host& host_named(std::string_view name);
    void refresh(Host& host);
    void take_from_place(Host& host);
    void drop_if_unused(Host& host);
    void set_down(Host& host, MonoTime until);
    void leave_down(Host& host);
    void forget_failures();
    void begin_ramp(Host& host, MonoTime now);
    void step_ramp(Host& host);
    void end_ramp(Host& host);
    [[nodiscard]] bool overdue(MonoTime since, MonoTime now) const;

    ChannelSettings settings_;
    unsigned thread_depth_ = std::max(1U, settings_.thread_depth);
    Hosts hosts_;
    HostSet idle_;    // hosts with work and nobody working for them
    HostSet hungry_;  // hosts that justify one more thread
    ReadySet unidentified_;
    DelayedSet delayed_;
    using Clock = std::map<std::pair<MonoTime, std::uint64_t>, Host*>;  // by time and id
    Clock down_;
    Clock ramps_;
    std::uint64_t next_host_id_ = 1;
    std::uint64_t last_place_ = 0;
    std::uint32_t wanted_ = 0;
    std::size_t available_ = 0;
    std::uint64_t queued_recipients_ = 0;
    MonoTime::duration average_wait_{};
};

}  // namespace sluice::job_controller
