#include "auth/pam_source.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "auth/pam_request.h"
#include "base/child_program.h"
#include "base/clock.h"

namespace sluice::auth {

namespace {

using std::chrono::milliseconds;

Answer unavailable(const std::string& user, std::string reason) {
    return {Answer::Kind::unavailable, {user, {}}, std::move(reason)};
}

/// nullopt: nothing in time, or the program is gone.
std::optional<pam::Verdict> receive(int channel, MonoTime deadline) {
    while (true) {
        const auto left = std::chrono::ceil<milliseconds>(deadline - system_clock().mono_now());
        if (left.count() <= 0) return std::nullopt;
        pollfd waiting{channel, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(left.count()));
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return std::nullopt;
        std::array<char, pam::longest_packet> packet{};
        const auto size = ::recv(channel, packet.data(), packet.size(), 0);
        if (size <= 0) return std::nullopt;
        return pam::decode_verdict({packet.data(), static_cast<std::size_t>(size)});
    }
}

}  // namespace

PamSource::PamSource(Settings settings) : settings_(std::move(settings)) {}

bool PamSource::serves(std::string_view mechanism) const {
    return mechanism == "PLAIN" || mechanism == "LOGIN";
}

Answer PamSource::check_password(
    const Circumstances& circumstances, const std::string& user, const Secret& password
) {
    const auto packet = pam::encode(pam::Request{
        settings_.service, settings_.directory, user, circumstances.remote.address.to_string(),
        password});
    if (!packet) return {Answer::Kind::refused, {user, {}}, "Bad password"};
    const MonoTime deadline = system_clock().mono_now() + settings_.patience;
    ChildProgram host;
    if (auto started = host.start(settings_.program, ChildProgram::Channel::packets); !started)
        return unavailable(user, started.error().detail());
    const std::string& octets = packet->reveal();
    if (::send(host.channel(), octets.data(), octets.size(), MSG_NOSIGNAL) < 0)
        return unavailable(user, "pam_host " + host.end(milliseconds(0)));
    const auto verdict = receive(host.channel(), deadline);
    const bool too_late = system_clock().mono_now() >= deadline;
    const std::string end = host.end(verdict ? milliseconds(500) : milliseconds(0));
    if (!verdict) return unavailable(user, too_late ? "PAM takes too long" : "pam_host " + end);
    switch (verdict->kind) {
        case pam::Verdict::Kind::accepted:
            return {
                Answer::Kind::accepted,
                {verdict->text, mail_of(verdict->text, settings_.domain)},
                {}};
        case pam::Verdict::Kind::refused:
            // PAM does not say whether it knows the user: others may.
            return {Answer::Kind::unknown, {user, {}}, verdict->text};
        case pam::Verdict::Kind::unavailable:
            break;
    }
    return unavailable(user, verdict->text);
}

}  // namespace sluice::auth
