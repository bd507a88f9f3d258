#include <algorithm>
#include <functional>

#include "asio_session.h"
#include "input_deadline.h"
#include "limit_notes.h"

namespace sluice::smtp_server {

namespace asio = boost::asio;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;
using Waiting = smtp::ServerSession::Waiting;

namespace {

/// Reads in a row before the other sessions of the thread get their turn.
constexpr int reads_in_a_row = 16;
/// Last words are not waited for as long as others.
constexpr seconds closing_limit{10};
/// After the last words: what the client had sent already is read and thrown away, since closing a
/// socket with unread input makes the peer's system drop the reply.
constexpr seconds linger_limit{2};
constexpr std::size_t linger_octets = 1UL << 20U;

}  // namespace

// ---- input ----

asio::awaitable<void> AsioSession::receive() {
    forget_input();
    note_progress();
    if (dialogue_.waiting() == Waiting::data && reads_since_wait_ < reads_in_a_row && read_now()) {
        ++reads_since_wait_;
        co_return;
    }
    reads_since_wait_ = 0;
    if (socket_.may_hold_more()) {
        co_await yield_turn();
        if (read_now()) co_return;
    }
    while (!disconnected_) {
        const MonoTime limit = input_deadline();
        receiving_ = true;
        const ClientSocket::Wait waited = co_await socket_.wait_to_read(limit);
        receiving_ = false;
        if (waited == ClientSocket::Wait::timed_out) {
            dialogue_.on_timeout();
            closing_ = true;
            co_return;
        }
        // Somebody wants the dialogue looked at, or the deadline.
        if (waited == ClientSocket::Wait::woken) co_return;
        if (waited == ClientSocket::Wait::failed) disconnect();
        // Ready and without octets the wait was for nothing.
        if (disconnected_ || read_now()) co_return;
    }
}

/// Reads what is there; false when there is nothing yet.
bool AsioSession::read_now() {
    const ClientSocket::Move moved = socket_.read(input_);
    if (moved == ClientSocket::Move::gone) disconnect();
    return moved != ClientSocket::Move::must_wait;
}

/// Another session may use the read buffer while this one waits.
void AsioSession::keep_input() {
    if (input_.empty()) {
        forget_input();
    } else if (is_in_read_buffer(input_.data())) {
        kept_.assign(input_);
        input_ = kept_;
    }
}

/// An idle session holds no buffer.
void AsioSession::forget_input() {
    input_ = {};
    kept_ = {};
}

bool AsioSession::is_in_read_buffer(const char* at) const {
    const std::span<char> buffer = host_.read_buffer();
    const std::less<const char*> before;
    return !before(at, buffer.data()) && before(at, buffer.data() + buffer.size());
}

// ---- output ----

/// True when nothing is left to send.
bool AsioSession::send_now() {
    if (dialogue_.has_output()) {
        output_ += dialogue_.take_output();
        ++outputs_;
    }
    const ClientSocket::Move moved = socket_.write(output_);
    if (moved == ClientSocket::Move::gone) disconnect();
    return moved != ClientSocket::Move::must_wait;
}

asio::awaitable<void> AsioSession::send_rest() {
    const bool last = closing_ || dialogue_.waiting() == Waiting::nothing;
    const MonoTime limit =
        Clock::now() + (last ? closing_limit : patience(settings_.status_transmit));
    while (!output_.empty()) {
        const ClientSocket::Wait waited = co_await socket_.wait_to_write(limit);
        using Wait = ClientSocket::Wait;
        if (waited == Wait::timed_out && !last) note_deaf_client(remote_.address);
        if (waited == Wait::timed_out || waited == Wait::failed) disconnect();
        send_now();
    }
}

void AsioSession::disconnect() {
    output_.clear();
    if (std::exchange(disconnected_, true)) return;
    dialogue_.on_disconnect();
}

/// After QUIT, a time-out or a shutdown nothing unread is expected.
bool AsioSession::must_linger() const {
    return !disconnected_ && !shutting_down_ && dialogue_.outcome() != "quit" &&
           dialogue_.outcome() != "timeout";
}

asio::awaitable<void> AsioSession::linger() {
    socket_.end_sending();
    const MonoTime limit = Clock::now() + linger_limit;
    for (std::size_t dropped = 0; dropped < linger_octets && !disconnected_;) {
        if (read_now()) {
            dropped += input_.size();
            continue;
        }
        const ClientSocket::Wait waited = co_await socket_.wait_to_read(limit);
        if (waited != ClientSocket::Wait::ready || Clock::now() >= limit) break;
    }
}

// ---- deadlines ----

/// A command must be complete within its time, counted from the end of the one before; octets of a
/// line that never ends win nothing.
void AsioSession::note_progress() {
    const std::uint64_t progress = dialogue_.commands() + outputs_;
    if (progress == seen_progress_) return;
    seen_progress_ = progress;
    command_since_ = Clock::now();
    data_since_.reset();
}

MonoTime AsioSession::input_deadline() {
    const MonoTime now = Clock::now();
    if (dialogue_.waiting() != Waiting::data)
        return command_since_ + patience(settings_.command_receive);
    if (!data_since_) data_since_ = now;
    const seconds limit = patience(settings_.data_receive);
    return data_deadline(now, *data_since_, dialogue_.data_octets(), limit);
}

/// A service under stress waits less.
seconds AsioSession::patience(seconds limit) const {
    if (!context_->pressure->is_stressed()) return limit;
    return under_stress(limit, settings_.stress_time_divisor);
}

}  // namespace sluice::smtp_server
