#include "pressure.h"

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

void Pressure::host_failed(const std::string& host, jobs::Priority priority) {
    hosts_.try_emplace(host, timeline_.mono_now() + backoff_.of(priority).after(1));
}

void Pressure::handed_out(const std::string& unique, const std::string& host) {
    const MonoTime now = timeline_.mono_now();
    const auto message = messages_.find(unique);
    if (message != messages_.end()) {
        if (now < message->second.until)
            ledger_.complain(
                unique + " is tried " + in_seconds(message->second.until - now) + " early"
            );
        messages_.erase(message);
    }
    const auto parked = hosts_.find(host);
    if (parked == hosts_.end()) return;
    if (now < parked->second)
        ledger_.complain(host + " is tried " + in_seconds(parked->second - now) + " early");
    hosts_.erase(parked);
}

void Pressure::run(const std::string& host) {
    std::erase_if(messages_, [&](const auto& one) {
        return host.empty() || one.second.host == host;
    });
    std::erase_if(hosts_, [&](const auto& one) { return host.empty() || one.first == host; });
}

void Pressure::restarted(bool wall_moved_ahead) {
    hosts_.clear();
    if (wall_moved_ahead) messages_.clear();
}

}  // namespace sluice::simulation
