#include "watchdog.h"

namespace sluice::smtp_server {

namespace asio = boost::asio;

void Watchdog::set(MonoTime deadline) {
    deadline_ = deadline;
    expired_ = false;
    if (deadline != no_deadline && (!armed_ || deadline < armed_for_)) arm();
}

void Watchdog::stop() {
    stopped_ = true;
    timer_.cancel();
}

void Watchdog::arm() {
    armed_ = true;
    armed_for_ = deadline_;
    timer_.expires_at(deadline_);
    timer_.async_wait([this, owner = owner_.lock()](const boost::system::error_code& error) {
        if (error != asio::error::operation_aborted) on_timer();
    });
}

void Watchdog::on_timer() {
    armed_ = false;
    if (stopped_ || deadline_ == no_deadline) return;
    if (std::chrono::steady_clock::now() < deadline_) return arm();
    expired_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

}  // namespace sluice::smtp_server
