#include "asio_session.h"

namespace sluice::smtp_server {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

}  // namespace

asio::awaitable<void> AsioSession::wait_for_wake(MonoTime limit) {
    wake_.expires_at(limit);
    co_await wake_.async_wait(as_result);
}

asio::awaitable<void> AsioSession::sleep(milliseconds length) {
    const MonoTime until = Clock::now() + length;
    while (Clock::now() < until && !shutting_down_) co_await wait_for_wake(until);
}

/// Octets that the socket does not tell of have been read before; others get their turn.
asio::awaitable<void> AsioSession::yield_turn() {
    co_await asio::post(host_.io(), asio::use_awaitable);
}

asio::awaitable<void> AsioSession::pause() {
    co_await sleep(dialogue_.pause());
    dialogue_.resume();
}

asio::awaitable<void> AsioSession::commit() {
    committed_.reset();
    host_.commit(dialogue_.take_prepared(), shared_from_this());
    while (!committed_) co_await wait_for_wake(no_deadline);
    dialogue_.on_committed(*committed_);
}

asio::awaitable<void> AsioSession::run_task() {
    auto finished = std::make_shared<bool>(false);
    const Dialogue::TaskLane lane = dialogue_.task_lane();
    std::function<void()> work = dialogue_.take_task();
    std::function<void()> done = [self = shared_from_this(), finished] {
        *finished = true;
        self->wake_.cancel();
    };
    const MonoTime began = Clock::now();
    host_.run_blocking(std::move(work), std::move(done), lane);
    while (!*finished) co_await wait_for_wake(no_deadline);
    if (data_since_) *data_since_ += Clock::now() - began;  // not the client's time
    dialogue_.on_answered();
}

asio::awaitable<void> AsioSession::settle_filter() {
    co_await milters_.settle(*dialogue_.filter_line());
    dialogue_.on_filter_settled();
}

}  // namespace sluice::smtp_server
