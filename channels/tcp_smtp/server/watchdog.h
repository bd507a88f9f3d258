#pragma once

#include <boost/asio.hpp>
#include <memory>

#include "base/clock.h"

namespace sluice::smtp_server {

constexpr MonoTime no_deadline = MonoTime::max();

/// One timer for all deadlines of a connection: what waits on the socket is cancelled when its time
/// is over. The timer is moved only when a deadline comes before the time it is set for; when it
/// fires too early it is set again. Includes Asio: for .cpp files of the shell only.
class Watchdog {
public:
    using Socket = boost::asio::ip::tcp::socket;

    Watchdog(boost::asio::io_context& io, Socket& socket) : timer_(io), socket_(socket) {}

    /// Whose lifetime includes that of the watchdog. Before the first set().
    void belongs_to(std::weak_ptr<void> owner) { owner_ = std::move(owner); }
    void set(MonoTime deadline);
    [[nodiscard]] bool expired() const { return expired_; }
    /// For good; lets go of the owner.
    void stop();

private:
    void arm();
    void on_timer();

    boost::asio::steady_timer timer_;
    Socket& socket_;
    std::weak_ptr<void> owner_;
    MonoTime deadline_ = no_deadline;
    MonoTime armed_for_{};
    bool armed_ = false;
    bool expired_ = false;
    bool stopped_ = false;
};

}  // namespace sluice::smtp_server
