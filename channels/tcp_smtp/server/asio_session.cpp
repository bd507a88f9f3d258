#include "asio_session.h"

#include <algorithm>

#include "base/log.h"
#include "limit_notes.h"

namespace sluice::smtp_server {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

namespace {

/// A handshake takes a few packets and some arithmetic; slow lines have time enough.
constexpr std::chrono::seconds handshake_limit{60};

}  // namespace

AsioSession::AsioSession(
    SessionHost& host, ServerContextPtr context, net::HandedConnection connection
)
    : host_(host),
      context_(std::move(context)),
      settings_(context_->connection),
      id_(connection.id),
      local_(connection.local),
      remote_(connection.remote),
      tls_at_once_(connection.tls_at_once),
      access_effects_(connection.access_effects),
      socket_(host.io(), connection, host.read_buffer()),
      wake_(host.io()),
      milters_(host.io(), context_->filter_slots, host.read_buffer()),
      dialogue_(*context_, Peer{connection.local, connection.remote, {}}, connection.id, [&host] {
          host.flush_log_soon();
      }) {}

void AsioSession::start() {
    socket_.belongs_to(weak_from_this());
    if (settings_.traces_tcp) diag::info("TCP: connection of " + tcp_text());
    asio::co_spawn(
        host_.io(), run(shared_from_this()),
        [self = shared_from_this()](const std::exception_ptr& failure) { self->end(failure); }
    );
}

void AsioSession::shut_down() {
    shutting_down_ = true;
    if (!greeted_) return;
    dialogue_.on_shutdown();
    socket_.wake();
    wake_.cancel();
}

void AsioSession::reconsider() {
    if (receiving_) socket_.wake();
}

void AsioSession::on_committed(Result<void> outcome) {
    committed_ = std::move(outcome);
    wake_.cancel();
}

asio::awaitable<void> AsioSession::run(std::shared_ptr<AsioSession> self) {
    co_await self->open();
    if (self->over_) co_return;
    self->command_since_ = Clock::now();
    if (self->shutting_down_) self->dialogue_.on_shutdown();
    while (!self->over_) co_await self->turn();
    if (!self->disconnected_) self->socket_.say_goodbye();
    if (self->must_linger()) co_await self->linger();
}

asio::awaitable<void> AsioSession::turn() {
    const Step step = dialogue_.advance(input_);
    if (!send_now()) {
        if (step == Step::flush) note_waiting_replies(remote_.address);
        keep_input();
        co_await send_rest();
    }
    switch (step) {
        case Step::flush:
            break;
        case Step::input:
            if (!disconnected_) co_await receive();
            break;
        case Step::pause:
            keep_input();
            co_await pause();
            break;
        case Step::commit:
            keep_input();
            co_await commit();
            break;
        case Step::task:
            keep_input();
            co_await run_task();
            break;
        case Step::filter:
            keep_input();
            co_await settle_filter();
            break;
        case Step::tls:
            forget_input();
            co_await start_tls();
            break;
        case Step::close:
            over_ = true;
            break;
    }
}

asio::awaitable<void> AsioSession::start_tls() {
    co_await shake_hands();
    if (socket_.tls() != nullptr) {
        dialogue_.on_tls(socket_.tls()->facts());
    } else {
        dialogue_.on_tls_failed(socket_.tls_fault());
    }
}

asio::awaitable<void> AsioSession::shake_hands() {
    const MonoTime now = Clock::now();
    const MonoTime limit = now + std::min(handshake_limit, settings_.command_receive);
    auto contexts = context_->tls.current(now);
    co_await socket_.shake_hands(std::move(contexts), limit);
}

void AsioSession::end(const std::exception_ptr& failure) {
    if (failure) log_failure(failure);
    socket_.close();
    if (settings_.traces_tcp) {
        diag::info(
            "TCP: end of " + tcp_text() + ", " + std::to_string(socket_.octets_in()) +
            " octets in, " + std::to_string(socket_.octets_out()) + " out"
        );
    }
    if (dialogue_.filters() != nullptr) milters_.close(dialogue_.filters()->lines());
    dialogue_.finish();
    host_.ended(this, {id_, socket_.octets_in(), socket_.octets_out(), dialogue_.outcome()});
}

std::string AsioSession::tcp_text() const {
    return '[' + remote_.address.to_string() + "] port " + std::to_string(remote_.port) + " to [" +
           local_.address.to_string() + "] port " + std::to_string(local_.port);
}

void AsioSession::log_failure(const std::exception_ptr& failure) {
    const std::string who = "session with " + remote_.address.to_string() + ": ";
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& problem) {
        diag::warning(who + problem.what());
    } catch (...) {
        diag::warning(who + "unknown failure");
    }
}

std::shared_ptr<Session> make_session(
    SessionHost& host, ServerContextPtr context, net::HandedConnection connection
) {
    return std::make_shared<AsioSession>(host, std::move(context), std::move(connection));
}

}  // namespace sluice::smtp_server
