#include "callout/site_process.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace sluice::callout {

namespace {

static_assert(ChildProgram::channel_fd == host_channel_fd);

constexpr std::chrono::seconds first_rest{1};
constexpr std::chrono::seconds longest_rest{60};

Error failure(std::string detail) {
    return Error::temporary({4, 3, 0}, "site routine failed", std::move(detail));
}

}  // namespace

Result<SiteReply> SiteProcess::call(const SiteCall& call, std::chrono::milliseconds limit) {
    if (call.library.size() > most_name_octets || call.routine.size() > most_name_octets ||
        call.argument.size() > site_buffer_size)
        return SiteReply{SiteReply::Kind::unusable, "the argument is too long"};
    if (!process_.is_started()) {
        auto started = process_.start(program_, ChildProgram::Channel::packets);
        if (!started) {
            give_up();
            return std::move(started).error();
        }
    }
    const std::string packet = encode_call(call);
    const auto sent = ::send(process_.channel(), packet.data(), packet.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(packet.size())) return failure(give_up());
    const MonoTime end = clock_.mono_now() + limit;
    pollfd readable{process_.channel(), POLLIN, 0};
    while (true) {
        using std::chrono::milliseconds;
        const auto left = std::chrono::ceil<milliseconds>(end - clock_.mono_now());
        const int ready =
            ::poll(&readable, 1, static_cast<int>(std::max(left, milliseconds(0)).count()));
        if (ready > 0) break;
        if (ready < 0 && errno == EINTR) continue;
        give_up();
        return failure("no answer within " + std::to_string(limit.count()) + " ms, killed");
    }
    std::string reply(most_packet_octets, '\0');
    const ssize_t size = ::recv(process_.channel(), reply.data(), reply.size(), 0);
    if (size <= 0) return failure(give_up());
    reply.resize(static_cast<std::size_t>(size));
    auto decoded = decode_reply(reply);
    if (!decoded) {
        give_up();
        return failure("spoke nonsense, killed");
    }
    rest_ = std::chrono::seconds(0);
    return std::move(*decoded);
}

std::string SiteProcess::give_up() {
    // A process whose channel has closed by its crash is dead already or about to be; the kill is
    // for one that hangs.
    std::string how = process_.end(std::chrono::milliseconds(200));
    rest_ = rest_.count() == 0 ? first_rest : std::min(2 * rest_, longest_rest);
    rests_until_ = clock_.mono_now() + rest_;
    return how;
}

}  // namespace sluice::callout
