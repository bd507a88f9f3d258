#include <atomic>

#include "asio_session.h"
#include "base/log.h"
#include "client_name.h"
#include "ident_query.h"

namespace sluice::smtp_server {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

namespace {

/// Longest wait for the client's name; the session goes on without it.
constexpr seconds name_limit{10};
/// The same for its user: networks that drop what they do not know are common.
constexpr seconds ident_limit{5};

/// A name look-up that may come to its turn, or end, after nobody waits for it any more.
struct NameLookup {
    std::atomic<bool> abandoned{false};
    std::string name;   ///< written by the thread that looks up, read after `done`
    bool done = false;  ///< of the session's thread
};

}  // namespace

asio::awaitable<void> AsioSession::open() {
    if (tls_at_once_) co_await begin_in_tls();
    if (over_) co_return;
    std::string name;
    if (settings_.naming.look_up) name = co_await find_name();
    if (settings_.naming.ask_ident) {
        std::string user = co_await ask_ident(host_.io(), local_, remote_, ident_limit);
        dialogue_.set_client_user(std::move(user));
    }
    dialogue_.open(std::move(name), access_effects_);
    while (dialogue_.must_wait()) {
        if (dialogue_.has_task()) {
            co_await run_task();
        } else {
            co_await settle_filter();
        }
    }
    const milliseconds delay = dialogue_.greeting_delay();
    if (delay.count() > 0) co_await sleep(delay);
    if (settings_.banner_delay.count() > 0) co_await watch_for_early_talk();
    if (over_) co_return;
    if (!refused_) dialogue_.greet();
    greeted_ = true;
}

asio::awaitable<void> AsioSession::begin_in_tls() {
    co_await shake_hands();
    if (socket_.tls() != nullptr) {
        dialogue_.begin_in_tls(socket_.tls()->facts());
        co_return;
    }
    const std::string outcome = "TLS handshake failed: " + socket_.tls_fault();
    diag::info('[' + remote_.address.to_string() + "] " + outcome);
    dialogue_.abandon(outcome);
    over_ = true;
}

asio::awaitable<std::string> AsioSession::find_name() {
    auto lookup = std::make_shared<NameLookup>();
    std::function<void()> work = [lookup, address = remote_.address, context = context_] {
        if (lookup->abandoned) return;
        const auto check = context->connection.naming.forward_check;
        lookup->name = find_client_name(*context->resolver, address, check);
    };
    std::function<void()> done = [self = shared_from_this(), lookup] {
        lookup->done = true;
        self->wake_.cancel();
    };
    host_.run_blocking(std::move(work), std::move(done));
    const MonoTime limit = Clock::now() + name_limit;
    while (!lookup->done && Clock::now() < limit) co_await wait_for_wake(limit);
    lookup->abandoned = true;
    std::string name;
    if (lookup->done) name = lookup->name;
    co_return name;
}

// BANNER_PURGE_DELAY: a client that cannot wait for the greeting is hardly a mail server.
asio::awaitable<void> AsioSession::watch_for_early_talk() {
    const MonoTime until = Clock::now() + settings_.banner_delay;
    const ClientSocket::Wait waited = co_await socket_.wait_to_read(until);
    if (waited == ClientSocket::Wait::timed_out) co_return;
    const bool talks = waited == ClientSocket::Wait::ready && socket_.has_spoken();
    dialogue_.note_early_talk(!talks);
    if (talks) {
        meet_early_talker();
    } else {
        dialogue_.abandon("disconnect before the greeting");
        over_ = true;
    }
    const bool waits_on = !over_ && !refused_;
    const auto left = until - Clock::now();
    if (waits_on && left.count() > 0) co_await sleep(std::chrono::ceil<milliseconds>(left));
}

void AsioSession::meet_early_talker() {
    diag::info("before greeting: [" + remote_.address.to_string() + "] client sent data");
    using EarlyTalk = ConnectionSettings::EarlyTalk;
    if (settings_.early_talk == EarlyTalk::reject) {
        dialogue_.refuse_early_talker();
        refused_ = true;
    } else if (settings_.early_talk == EarlyTalk::drop) {
        dialogue_.abandon("early talker");
        over_ = true;
    }
}

}  // namespace sluice::smtp_server
