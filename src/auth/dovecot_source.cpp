#include "auth/dovecot_source.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "auth/base64.h"
#include "auth/dovecot_protocol.h"
#include "auth/mechanism.h"
#include "base/clock.h"
#include "base/file.h"

namespace sluice::auth {

namespace {

using std::chrono::milliseconds;

constexpr std::string_view request_id = "1";

/// A connection to the service, lines in and out, until a deadline.
class Line {
public:
    Result<void> connect(const std::string& path, MonoTime deadline) {
        deadline_ = deadline;
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (path.size() >= sizeof address.sun_path)
            return Error::permanent({5, 3, 5}, "socket not usable", path + " is too long");
        std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
        socket_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (!socket_) return Error::from_errno(errno, "socket");
        const timeval patience{
            std::chrono::ceil<std::chrono::seconds>(deadline - system_clock().mono_now()).count(),
            0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        const auto* name = reinterpret_cast<const sockaddr*>(&address);
        if (::connect(socket_.get(), name, sizeof address) != 0)
            return Error::from_errno(errno, "connect " + path);
        return {};
    }

    Result<void> send(std::string line) {
        auto sent = send_all(line);
        wipe(line);
        return sent;
    }

    Result<std::string> receive() {
        while (true) {
            const std::size_t end = buffer_.find('\n');
            if (end != std::string::npos) {
                std::string line = buffer_.substr(0, end);
                buffer_.erase(0, end + 1);
                return line;
            }
            if (buffer_.size() > dovecot::longest_line) return problem("a line without end");
            if (auto more = read_more(); !more) return std::move(more).error();
        }
    }

private:
    static Error problem(std::string text) {
        return Error::temporary({4, 7, 0}, "authentication service", std::move(text));
    }

    Result<void> send_all(std::string_view octets) {
        while (!octets.empty()) {
            const auto sent = ::send(socket_.get(), octets.data(), octets.size(), MSG_NOSIGNAL);
            if (sent < 0 && errno == EINTR) continue;
            if (sent < 0) return Error::from_errno(errno, "send to the authentication service");
            octets.remove_prefix(static_cast<std::size_t>(sent));
        }
        return {};
    }

    Result<void> read_more() {
        const auto left = std::chrono::ceil<milliseconds>(deadline_ - system_clock().mono_now());
        pollfd waiting{socket_.get(), POLLIN, 0};
        const int ready =
            left.count() <= 0 ? 0 : ::poll(&waiting, 1, static_cast<int>(left.count()));
        if (ready == 0) return problem("no answer in time");
        if (ready < 0 && errno == EINTR) return {};
        std::array<char, 4096> octets{};
        const auto got = ::recv(socket_.get(), octets.data(), octets.size(), 0);
        if (got == 0) return problem("it has closed the connection");
        if (got < 0) return Error::from_errno(errno, "receive from the authentication service");
        buffer_.append(octets.data(), static_cast<std::size_t>(got));
        return {};
    }

    UniqueFd socket_;
    std::string buffer_;
    MonoTime deadline_;
};

/// One exchange, which is the service's: we carry its words.
class CarriedExchange final : public Exchange {
public:
    CarriedExchange(
        std::string socket,
        std::string domain,
        std::string mechanism,
        Circumstances circumstances,
        milliseconds patience
    )
        : socket_(std::move(socket)),
          domain_(std::move(domain)),
          mechanism_(std::move(mechanism)),
          circumstances_(std::move(circumstances)),
          patience_(patience) {}

    Step start(const std::optional<Secret>& initial) override {
        if (auto ready = shake_hands(); !ready)
            return Step::unavailable({}, ready.error().detail());
        std::vector<std::string> request{
            "AUTH",
            std::string(request_id),
            mechanism_,
            "service=smtp",
            "lip=" + circumstances_.local.address.to_string(),
            "rip=" + circumstances_.remote.address.to_string(),
            "lport=" + std::to_string(circumstances_.local.port),
            "rport=" + std::to_string(circumstances_.remote.port)};
        if (circumstances_.encrypted) request.emplace_back("secured");
        // RFC 4422 section 4: an empty initial response is not the same as none. It has to be last.
        if (initial) request.push_back("resp=" + to_base64(initial->reveal()));
        return ask(request);
    }

    Step respond(const Secret& response) override {
        if (verified_) {
            if (!response.empty()) return Step::malformed("more than the mechanism has");
            return Step::success(*verified_);
        }
        return ask({"CONT", std::string(request_id), to_base64(response.reveal())});
    }

private:
    Result<void> shake_hands() {
        const MonoTime deadline = system_clock().mono_now() + patience_;
        if (auto connected = line_.connect(socket_, deadline); !connected) return connected;
        auto sent = line_.send(
            dovecot::line_of({"VERSION", "1", "1"}) +
            dovecot::line_of({"CPID", std::to_string(::getpid())})
        );
        if (!sent) return sent;
        dovecot::Handshake handshake;
        while (!handshake.done && handshake.fault.empty()) {
            auto line = line_.receive();
            if (!line) return std::move(line).error();
            handshake.take(*line);
        }
        if (handshake.fault.empty() && !contains(handshake.mechanisms, mechanism_))
            handshake.fault = "it has no mechanism " + mechanism_;
        if (!handshake.fault.empty())
            return Error::temporary({4, 7, 0}, "authentication service", handshake.fault);
        return {};
    }

    Step ask(const std::vector<std::string>& request) {
        if (auto sent = line_.send(dovecot::line_of(request)); !sent)
            return Step::unavailable({}, sent.error().detail());
        while (true) {
            const auto line = line_.receive();
            if (!line) return Step::unavailable({}, line.error().detail());
            if (const auto reply = dovecot::parse_reply(*line, request_id)) return step_of(*reply);
        }
    }

    Step step_of(const dovecot::Reply& reply) {
        using Kind = dovecot::Reply::Kind;
        if (reply.kind == Kind::go_on) return Step::challenge(reply.response);
        if (reply.kind == Kind::fail) {
            if (reply.temporary)
                return Step::unavailable(reply.user, "temporary failure " + reply.reason);
            if (reply.disabled) return Step::refused(reply.user, "account disabled");
            return Step::refused(
                reply.user, reply.reason.empty() ? std::string("Bad password") : reply.reason
            );
        }
        if (reply.user.empty()) return Step::unavailable({}, "it names no user");
        const Identity who{reply.user, mail_of(reply.user, domain_)};
        if (reply.response.empty()) return Step::success(who);
        verified_ = who;
        return Step::challenge(reply.response);
    }

    std::string socket_;
    std::string domain_;
    std::string mechanism_;
    Circumstances circumstances_;
    milliseconds patience_;
    Line line_;
    std::optional<Identity> verified_;
};

}  // namespace

DovecotSource::DovecotSource(std::string socket, std::string domain, milliseconds patience)
    : socket_(std::move(socket)), domain_(std::move(domain)), patience_(patience) {}

// What is bound to TLS or shown by its certificate we know, and the service does not.
bool DovecotSource::serves(std::string_view mechanism) const {
    return !is_bound(mechanism) && mechanism != "EXTERNAL";
}

Answer DovecotSource::check_password(
    const Circumstances& circumstances, const std::string& user, const Secret& password
) {
    CarriedExchange exchange(socket_, domain_, "PLAIN", circumstances, patience_);
    const Secret response(std::string(1, '\0') + user + '\0' + password.reveal());
    Step step = exchange.start(response);
    switch (step.kind) {
        case Step::Kind::success:
            return {Answer::Kind::accepted, std::move(step.identity), {}};
        case Step::Kind::refused:
            // It does not say whether it knows the user: others may.
            return {Answer::Kind::unknown, {user, {}}, std::move(step.reason)};
        case Step::Kind::unavailable:
            return {Answer::Kind::unavailable, {user, {}}, std::move(step.reason)};
        case Step::Kind::challenge:
        case Step::Kind::malformed:
            break;
    }
    return {Answer::Kind::unavailable, {user, {}}, "nonsense from the authentication service"};
}

std::unique_ptr<Exchange> DovecotSource::begin(
    std::string_view mechanism, const Circumstances& circumstances
) {
    // Names and passwords are asked for here: other sources may know the user as well.
    if (mechanism == "PLAIN" || mechanism == "LOGIN") return nullptr;
    return std::make_unique<CarriedExchange>(
        socket_, domain_, std::string(mechanism), circumstances, patience_
    );
}

}  // namespace sluice::auth
