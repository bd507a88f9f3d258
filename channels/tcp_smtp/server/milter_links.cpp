#include "milter_links.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace sluice::smtp_server {

namespace asio = boost::asio;
using asio::generic::stream_protocol;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
/// How often a session looks whether another one has given its connection back.
constexpr milliseconds slot_wait{20};

std::string text_of(const boost::system::error_code& error) {
    return error.message();
}

}  // namespace

struct MilterLinks::Link : std::enable_shared_from_this<Link> {
    Link(asio::io_context& io, int filter_number) : number(filter_number), socket(io), timer(io) {}

    /// The operation on the socket ends with operation_aborted when the time is over.
    void expire_after(milliseconds length) {
        expired = false;
        timer.expires_after(length);
        const std::uint64_t mine = ++turn;
        timer.async_wait([self = shared_from_this(), mine](const boost::system::error_code& error) {
            if (error || mine != self->turn) return;
            self->expired = true;
            boost::system::error_code ignored;
            self->socket.cancel(ignored);
        });
    }
    void stop_clock() {
        ++turn;  // what has fired already and waits for its turn comes too late
        timer.cancel();
    }

    void shut(filter::ConnectionSlots& slots) {
        boost::system::error_code ignored;
        socket.close(ignored);
        if (std::exchange(has_slot, false)) slots.give_back(number);
    }

    int number;
    stream_protocol::socket socket;
    asio::steady_timer timer;
    std::uint64_t turn = 0;
    bool expired = false;
    bool has_slot = false;
    std::uint64_t generation = 0;
};

MilterLinks::MilterLinks(
    asio::io_context& io, filter::ConnectionSlots& slots, std::span<char> buffer
)
    : io_(io), slots_(slots), buffer_(buffer) {}

MilterLinks::~MilterLinks() {
    for (auto& link : links_) link->shut(slots_);
}

MilterLinks::Link& MilterLinks::link_of(const filter::FilterLine& line) {
    const int number = line.planned.number();
    for (auto& link : links_) {
        if (link->number == number) return *link;
    }
    return *links_.emplace_back(std::make_shared<Link>(io_, number));
}

asio::awaitable<void> MilterLinks::settle(filter::FilterLine& line) {
    Link& link = link_of(line);
    if (link.generation != line.generation || !link.socket.is_open()) {
        link.shut(slots_);
        link.generation = line.generation;
        co_await connect(link, line);
    }
    while (!line.session->is_failed()) {
        if (line.session->has_output()) co_await send(link, line);
        if (line.session->is_settled()) break;
        co_await receive(link, line);
    }
    if (line.session->is_failed()) link.shut(slots_);
    filter::note_limit(line);
}

asio::awaitable<void> MilterLinks::take_slot(Link& link, filter::FilterLine& line) {
    const config::FilterSettings& settings = *line.planned.settings;
    const Clock::time_point limit = Clock::now() + settings.connect;
    while (!slots_.take(link.number, settings.max_connections)) {
        if (Clock::now() >= limit) {
            line.session->fail("all connections are taken");
            co_return;
        }
        link.timer.expires_after(slot_wait);
        co_await link.timer.async_wait(as_result);
    }
    link.has_slot = true;
}

asio::awaitable<void> MilterLinks::connect(Link& link, filter::FilterLine& line) {
    co_await take_slot(link, line);
    if (line.session->is_failed()) co_return;
    const config::FilterSettings& settings = *line.planned.settings;
    const milter::Endpoint& where = settings.endpoint;
    std::vector<stream_protocol::endpoint> addresses;
    boost::system::error_code failure;
    if (where.is_unix()) {
        addresses.emplace_back(asio::local::stream_protocol::endpoint(where.host));
    } else {
        auto resolver = std::make_shared<asio::ip::tcp::resolver>(io_);
        link.timer.expires_after(settings.connect);
        link.timer.async_wait([resolver](const boost::system::error_code& error) {
            if (!error) resolver->cancel();
        });
        const std::string port = std::to_string(where.port);
        const auto [error, found] = co_await resolver->async_resolve(where.host, port, as_result);
        link.stop_clock();
        failure = error;
        for (const auto& entry : found) {
            const bool is_v6 = entry.endpoint().protocol() == asio::ip::tcp::v6();
            if (where.family == milter::Endpoint::Family::inet && is_v6) continue;
            if (where.family == milter::Endpoint::Family::inet6 && !is_v6) continue;
            addresses.emplace_back(entry.endpoint());
        }
    }
    for (const stream_protocol::endpoint& address : addresses) {
        boost::system::error_code ignored;
        link.socket.close(ignored);
        link.expire_after(settings.connect);
        const auto [error] = co_await link.socket.async_connect(address, as_result);
        link.stop_clock();
        failure = error;
        if (link.expired) failure = asio::error::timed_out;
        if (!failure) break;
    }
    if (addresses.empty() && !failure) failure = asio::error::host_not_found;
    if (!failure) {
        link.socket.native_non_blocking(true, failure);
        boost::system::error_code ignored;
        if (!where.is_unix()) link.socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    }
    if (failure) line.session->fail("connect to " + where.to_string() + ": " + text_of(failure));
}

asio::awaitable<void> MilterLinks::send(Link& link, filter::FilterLine& line) {
    const std::string output = line.session->take_output();
    std::string_view rest = output;
    while (!rest.empty()) {
        const ssize_t sent = ::send(
            link.socket.native_handle(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL
        );
        if (sent >= 0) {
            rest.remove_prefix(static_cast<std::size_t>(sent));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) {
            line.session->fail("connection lost");
            co_return;
        }
        link.expire_after(line.planned.settings->send);
        const auto [error] =
            co_await link.socket.async_wait(stream_protocol::socket::wait_write, as_result);
        link.stop_clock();
        if (error) {
            line.session->fail(link.expired ? "does not read" : text_of(error));
            co_return;
        }
    }
}

asio::awaitable<void> MilterLinks::receive(Link& link, filter::FilterLine& line) {
    const config::FilterSettings& settings = *line.planned.settings;
    const milliseconds patience =
        line.session->awaits_end_of_message() ? settings.end_of_message : settings.reply;
    // Each read counts anew only where it brings a packet: a filter that drips octets is silent.
    const Clock::time_point limit = Clock::now() + patience;
    const std::uint64_t packets = line.session->packets();
    while (line.session->packets() == packets && !line.session->is_failed()) {
        const ssize_t got =
            ::recv(link.socket.native_handle(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        if (got > 0) {
            line.session->feed({buffer_.data(), static_cast<std::size_t>(got)});
            continue;
        }
        if (got < 0 && errno == EINTR) continue;
        if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
            line.session->fail("closed the connection");
            co_return;
        }
        const auto left = std::chrono::ceil<milliseconds>(limit - Clock::now());
        if (left.count() <= 0) {
            line.session->fail("did not answer in time");
            co_return;
        }
        link.expire_after(left);
        const auto [error] =
            co_await link.socket.async_wait(stream_protocol::socket::wait_read, as_result);
        link.stop_clock();
        if (error && !link.expired) {
            line.session->fail(text_of(error));
            co_return;
        }
    }
}

void MilterLinks::close(std::vector<filter::FilterLine>& lines) {
    for (filter::FilterLine& line : lines) {
        if (!line.session) continue;
        Link& link = link_of(line);
        if (link.socket.is_open() && link.generation == line.generation) {
            line.session->abort();
            line.session->quit();
            const std::string last = line.session->take_output();
            if (!last.empty())
                ::send(
                    link.socket.native_handle(), last.data(), last.size(),
                    MSG_DONTWAIT | MSG_NOSIGNAL
                );
        }
        link.shut(slots_);
    }
}

}  // namespace sluice::smtp_server
