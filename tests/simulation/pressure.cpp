#include "pressure.h"

#include <algorithm>
#include <utility>

namespace sluice::simulation {

namespace {

std::string in_seconds(Duration time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace

void Pressure::failed(
    const std::string& unique, const std::string& host, jobs::Priority priority, unsigned attempts
) {
    const Duration pause = backoff_.of(priority).after(attempts);
    // Many that are due in one second are spread by a twentieth; files know times to the second.
    messages_[unique] = {timeline_.mono_now() + pause * 19 / 20 - std::chrono::seconds(2), host};
}

void Pressure::host_failed(const std::string& host, jobs::Priority priority, unsigned attempts) {
    ramps_.erase(host);
    Failing& failing = hosts_[host];
    if (timeline_.mono_now() < failing.until) return;  // one of several that failed together
    ++failing.failures;
    const unsigned steps = std::max(failing.failures, attempts);
    failing.until =
        timeline_.mono_now() + (host_backoff_.empty() ? backoff_.of(priority).after(steps)
                                                      : host_backoff_.after(failing.failures));
}

void Pressure::host_is_back(const std::string& host, std::size_t waiting) {
    if (ramp_.count() > 0 && waiting > 1) ramps_[host] = {timeline_.mono_now(), waiting};
}

void Pressure::still_waiting(const std::string& host, std::size_t waiting) {
    const auto ramp = ramps_.find(host);
    if (ramp == ramps_.end()) return;
    const auto steps = static_cast<std::size_t>(ramp_.count());
    const std::size_t share = (ramp->second.waited + steps - 1) / steps;
    const auto passed =
        std::chrono::floor<std::chrono::seconds>(timeline_.mono_now() - ramp->second.began);
    const std::size_t released = share * (1 + static_cast<std::size_t>(passed.count()));
    if (released >= ramp->second.waited) {
        ramps_.erase(ramp);
    } else if (waiting < ramp->second.waited - released) {
        ledger_.complain(host + " is back, and gets more than its share at once");
    }
}

void Pressure::host_emptied(const std::string& host) {
    const auto failing = hosts_.find(host);
    if (failing != hosts_.end()) failing->second.was_empty = true;
    ramps_.erase(host);
}

void Pressure::handed_out(
    const std::string& unique, const std::string& host, std::size_t together, bool down
) {
    const MonoTime now = timeline_.mono_now();
    const auto message = messages_.find(unique);
    if (message != messages_.end()) {
        if (now < message->second.until)
            ledger_.complain(
                unique + " is tried " + in_seconds(message->second.until - now) + " early"
            );
        messages_.erase(message);
    }
    meet(host, together, down);
}

void Pressure::meet(const std::string& host, std::size_t together, bool down) {
    const auto failing = hosts_.find(host);
    if (failing == hosts_.end()) return;
    const MonoTime until = std::exchange(failing->second.until, MonoTime{});
    if (timeline_.mono_now() < until)
        ledger_.complain(host + " is tried " + in_seconds(until - timeline_.mono_now()) + " early");
    if (down) {
        if (together > 1) ledger_.complain(host + " is probed with more than one message");
        return;
    }
    // One without mail when its time came is forgotten, and is up for new mail.
    if (!failing->second.was_empty) ledger_.complain(host + " is up without an answer");
    hosts_.erase(failing);
}

void Pressure::run(const std::string& host) {
    std::erase_if(messages_, [&](const auto& one) {
        return host.empty() || one.second.host == host;
    });
    std::erase_if(ramps_, [&](const auto& one) { return host.empty() || one.first == host; });
    for (auto& [name, failing] : hosts_) {
        if (host.empty() || name == host) failing.until = {};
    }
}

void Pressure::restarted(bool wall_moved_ahead) {
    hosts_.clear();
    ramps_.clear();
    if (wall_moved_ahead) messages_.clear();
}

}  // namespace sluice::simulation
