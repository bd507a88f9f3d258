#include "session.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <boost/asio.hpp>
#include <cerrno>

#include "base/log.h"
#include "dialogue.h"
#include "ident_query.h"
#include "milter_links.h"

namespace sluice::smtp_server {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr MonoTime no_deadline = MonoTime::max();

/// Longest wait for the client's name; the session goes on without it.
constexpr seconds name_limit{10};
/// The same for its user: networks that drop what they do not know are common.
constexpr seconds ident_limit{5};
/// A message must come in at this rate at least, beyond its first DATA_RECEIVE_TIME: one octet
/// every few seconds does not hold a connection for ever.
constexpr std::uint64_t least_octets_per_second = 100;
/// Reads in a row before the other sessions of the thread get their turn.
constexpr int reads_in_a_row = 16;
/// A handshake takes a few packets and some arithmetic; slow lines have time enough.
constexpr seconds handshake_limit{60};
/// Last words are not waited for as long as others.
constexpr seconds closing_limit{10};
/// After the last words: what the client had sent already is read and thrown away, since closing a
/// socket with unread input makes the peer's system drop the reply.
constexpr seconds linger_limit{2};
constexpr std::size_t linger_octets = 1UL << 20U;

/// A name look-up that may come to its turn, or end, after nobody waits for it any more.
struct NameLookup {
    std::atomic<bool> abandoned{false};
    std::string name;   ///< written by the thread that looks up, read after `done`
    bool done = false;  ///< of the session's thread
};

std::string checked_name(
    net::Resolver& resolver, const IpAddress& address, PeerNaming::ForwardCheck check
) {
    const auto names = resolver.resolve_names(address);
    if (names.records.empty()) return {};
    const std::string& name = names.records.front();
    if (check == PeerNaming::ForwardCheck::none) return name;
    const auto forward = resolver.resolve_addresses(name);
    const auto& back = forward.records;
    if (std::find(back.begin(), back.end(), address) != back.end()) return name;
    return check == PeerNaming::ForwardCheck::tag ? name + '*' : std::string();
}

class AsioSession final : public Session, public std::enable_shared_from_this<AsioSession> {
public:
    AsioSession(SessionHost& host, ServerContextPtr context, net::HandedConnection connection)
        : host_(host),
          context_(std::move(context)),
          settings_(context_->connection),
          id_(connection.id),
          local_(connection.local),
          remote_(connection.remote),
          tls_at_once_(connection.tls_at_once),
          access_effects_(connection.access_effects),
          socket_(host.io()),
          watchdog_(host.io()),
          wake_(host.io()),
          milters_(host.io(), context_->filter_slots, host.read_buffer()),
          dialogue_(
              *context_,
              Peer{connection.local, connection.remote, {}},
              connection.id,
              [&host] { host.flush_log_soon(); }
          ) {
        const auto protocol = connection.local.address.is_v4() ? tcp::v4() : tcp::v6();
        boost::system::error_code error;
        socket_.assign(protocol, connection.socket.release(), error);
        if (!error) socket_.native_non_blocking(true, error);
        if (!error) socket_.set_option(tcp::no_delay(true), error);
        if (!error) socket_.set_option(tcp::socket::keep_alive(true), error);
    }

    void start() override {
        asio::co_spawn(
            host_.io(), run(shared_from_this()),
            [self = shared_from_this()](const std::exception_ptr& failure) { self->end(failure); }
        );
    }

    void shut_down() override {
        shutting_down_ = true;
        if (!greeted_) return;
        dialogue_.on_shutdown();
        boost::system::error_code ignored;
        socket_.cancel(ignored);
        wake_.cancel();
    }

    void on_committed(Result<void> outcome) override {
        committed_ = std::move(outcome);
        wake_.cancel();
    }

private:
    using Step = Dialogue::Step;

    // ---- the session ----

    asio::awaitable<void> run(std::shared_ptr<AsioSession> self) {
        co_await self->open();
        if (self->over_) co_return;
        self->command_since_ = Clock::now();
        if (self->shutting_down_) self->dialogue_.on_shutdown();
        while (!self->over_) co_await self->turn();
        if (self->tls_ && !self->disconnected_) self->tls_->say_goodbye();
        if (self->must_linger()) co_await self->linger();
    }

    asio::awaitable<void> turn() {
        const Step step = dialogue_.advance(input_);
        if (!send_now()) {
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

    void end(const std::exception_ptr& failure) {
        if (failure) log_failure(failure);
        ended_ = true;
        watchdog_.cancel();
        boost::system::error_code ignored;
        socket_.close(ignored);
        if (dialogue_.filters() != nullptr) milters_.close(dialogue_.filters()->lines());
        dialogue_.finish();
        host_.ended(this, {id_, octets_in_, octets_out_, dialogue_.outcome()});
    }

    void log_failure(const std::exception_ptr& failure) {
        const std::string who = "session with " + remote_.address.to_string() + ": ";
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& problem) {
            diag::warning(who + problem.what());
        } catch (...) {
            diag::warning(who + "unknown failure");
        }
    }

    // ---- before the greeting ----

    asio::awaitable<void> open() {
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

    asio::awaitable<std::string> find_name() {
        auto lookup = std::make_shared<NameLookup>();
        std::function<void()> work = [lookup, address = remote_.address, context = context_] {
            if (lookup->abandoned) return;
            const auto check = context->connection.naming.forward_check;
            lookup->name = checked_name(*context->resolver, address, check);
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
    asio::awaitable<void> watch_for_early_talk() {
        const MonoTime until = Clock::now() + settings_.banner_delay;
        set_deadline(until);
        const auto [error] = co_await socket_.async_wait(tcp::socket::wait_read, as_result);
        const bool in_time = expired_ && error;
        set_deadline(no_deadline);
        if (in_time) co_return;
        char first = 0;
        const auto seen = ::recv(socket_.native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
        dialogue_.note_early_talk(error || seen == 0);
        if (error || seen == 0) {
            dialogue_.abandon("disconnect before the greeting");
            over_ = true;
            co_return;
        }
        diag::info("before greeting: [" + remote_.address.to_string() + "] client sent data");
        using EarlyTalk = ConnectionSettings::EarlyTalk;
        if (settings_.early_talk == EarlyTalk::reject) {
            dialogue_.refuse_early_talker();
            refused_ = true;
        } else if (settings_.early_talk == EarlyTalk::drop) {
            dialogue_.abandon("early talker");
            over_ = true;
        } else {
            const auto left = until - Clock::now();
            if (left.count() > 0) co_await sleep(std::chrono::ceil<milliseconds>(left));
        }
    }

    // ---- TLS ----

    asio::awaitable<void> begin_in_tls() {
        co_await shake_hands();
        if (tls_) {
            dialogue_.begin_in_tls(tls_->facts());
            co_return;
        }
        const std::string outcome = "TLS handshake failed: " + tls_fault_;
        diag::info('[' + remote_.address.to_string() + "] " + outcome);
        dialogue_.abandon(outcome);
        over_ = true;
    }

    asio::awaitable<void> start_tls() {
        co_await shake_hands();
        if (tls_) {
            dialogue_.on_tls(tls_->facts());
        } else {
            dialogue_.on_tls_failed(tls_fault_);
        }
    }

    /// Leaves a stream in tls_, or the reason why there is none in tls_fault_.
    asio::awaitable<void> shake_hands() {
        if (!open_stream()) co_return;
        const MonoTime limit = Clock::now() + std::min(handshake_limit, settings_.command_receive);
        while (true) {
            const tls::Io step = tls_->handshake();
            if (step == tls::Io::done) co_return;
            if (step == tls::Io::closed || step == tls::Io::failed) break;
            set_deadline(limit);
            const auto [error] = co_await socket_.async_wait(wait_for(step), as_result);
            const bool timed_out = error && expired_;
            set_deadline(no_deadline);
            if (error) {
                tls_fault_ = timed_out ? "timeout" : error.message();
                break;
            }
        }
        if (tls_fault_.empty()) tls_fault_ = tls_->fault();
        tls_.reset();
    }

    bool open_stream() {
        const auto contexts = context_->tls.current(Clock::now());
        if (!contexts) {
            tls_fault_ = "no certificate";
            return false;
        }
        auto stream = contexts->accept(socket_.native_handle());
        if (stream) {
            tls_ = *std::move(stream);
        } else {
            tls_fault_ = stream.error().detail();
        }
        return tls_.has_value();
    }

    static tcp::socket::wait_type wait_for(tls::Io step) {
        return step == tls::Io::wants_write ? tcp::socket::wait_write : tcp::socket::wait_read;
    }

    /// As read_now(). Reads until nothing is left that no socket would tell of, or the buffer is
    /// full; then there may be more.
    bool read_tls() {
        const std::span<char> buffer = host_.read_buffer();
        std::size_t filled = 0;
        tls::Io step = tls::Io::done;
        while (filled < buffer.size()) {
            std::size_t size = 0;
            step = tls_->read(buffer.subspan(filled), size);
            if (step != tls::Io::done) break;
            filled += size;
        }
        tls_has_more_ = step == tls::Io::done;
        tls_reads_after_ = wait_for(step);
        if (filled > 0) {
            octets_in_ += filled;
            input_ = {buffer.data(), filled};
            return true;
        }
        if (step == tls::Io::wants_read || step == tls::Io::wants_write) return false;
        disconnect();
        return true;
    }

    /// As send_now().
    bool send_tls() {
        while (!output_.empty()) {
            std::size_t size = 0;
            const tls::Io step = tls_->write(output_, size);
            tls_writes_after_ =
                step == tls::Io::wants_read ? tcp::socket::wait_read : tcp::socket::wait_write;
            if (step == tls::Io::wants_read || step == tls::Io::wants_write) return false;
            if (step != tls::Io::done) {
                disconnect();
                return true;
            }
            octets_out_ += size;
            output_.erase(0, size);
        }
        return true;
    }

    /// Octets that the socket does not tell of have been read before; others get their turn.
    asio::awaitable<void> yield_turn() { co_await asio::post(host_.io(), asio::use_awaitable); }

    // ---- octets ----

    asio::awaitable<void> receive() {
        forget_input();
        note_progress();
        if (dialogue_.waiting() == smtp::ServerSession::Waiting::data &&
            reads_since_wait_ < reads_in_a_row && read_now()) {
            ++reads_since_wait_;
            co_return;
        }
        reads_since_wait_ = 0;
        if (tls_has_more_) {
            co_await yield_turn();
            if (read_now()) co_return;
        }
        while (!disconnected_) {
            set_deadline(input_deadline());
            const auto [error] = co_await socket_.async_wait(tls_reads_after_, as_result);
            const bool timed_out = error && expired_;
            set_deadline(no_deadline);
            if (timed_out) {
                dialogue_.on_timeout();
                closing_ = true;
                co_return;
            }
            if (error && error != asio::error::operation_aborted) disconnect();
            // Without an error and without octets the wait was woken for nothing; with
            // operation_aborted somebody wants the dialogue looked at.
            if (error || read_now()) co_return;
        }
    }

    /// Reads what is there; false when there is nothing yet.
    bool read_now() {
        if (tls_) return read_tls();
        const std::span<char> buffer = host_.read_buffer();
        const ssize_t size =
            ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (size > 0) {
            octets_in_ += static_cast<std::uint64_t>(size);
            input_ = {buffer.data(), static_cast<std::size_t>(size)};
            return true;
        }
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return false;
        disconnect();
        return true;
    }

    /// Another session may use the read buffer while this one waits.
    void keep_input() {
        if (input_.empty()) {
            forget_input();
        } else if (is_in_read_buffer(input_.data())) {
            kept_.assign(input_);
            input_ = kept_;
        }
    }

    /// An idle session holds no buffer.
    void forget_input() {
        input_ = {};
        kept_ = {};
    }

    [[nodiscard]] bool is_in_read_buffer(const char* at) const {
        const std::span<char> buffer = host_.read_buffer();
        const std::less<const char*> before;
        return !before(at, buffer.data()) && before(at, buffer.data() + buffer.size());
    }

    /// True when nothing is left to send.
    bool send_now() {
        if (dialogue_.has_output()) {
            output_ += dialogue_.take_output();
            ++outputs_;
        }
        if (tls_) return send_tls();
        while (!output_.empty()) {
            const ssize_t size = ::send(
                socket_.native_handle(), output_.data(), output_.size(), MSG_DONTWAIT | MSG_NOSIGNAL
            );
            if (size < 0 && errno == EINTR) continue;
            if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
            if (size < 0) {
                disconnect();
                return true;
            }
            octets_out_ += static_cast<std::uint64_t>(size);
            output_.erase(0, static_cast<std::size_t>(size));
        }
        return true;
    }

    asio::awaitable<void> send_rest() {
        const bool last = closing_ || dialogue_.waiting() == smtp::ServerSession::Waiting::nothing;
        const MonoTime limit = Clock::now() + (last ? closing_limit : settings_.status_transmit);
        while (!output_.empty()) {
            set_deadline(limit);
            const auto [error] = co_await socket_.async_wait(tls_writes_after_, as_result);
            const bool timed_out = error && expired_;
            set_deadline(no_deadline);
            if (timed_out || (error && error != asio::error::operation_aborted)) disconnect();
            send_now();
        }
    }

    void disconnect() {
        output_.clear();
        if (std::exchange(disconnected_, true)) return;
        dialogue_.on_disconnect();
    }

    /// After QUIT, a time-out or a shutdown nothing unread is expected.
    [[nodiscard]] bool must_linger() const {
        return !disconnected_ && !shutting_down_ && dialogue_.outcome() != "quit" &&
               dialogue_.outcome() != "timeout";
    }

    asio::awaitable<void> linger() {
        boost::system::error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_send, ignored);
        const MonoTime limit = Clock::now() + linger_limit;
        for (std::size_t dropped = 0; dropped < linger_octets && !disconnected_;) {
            if (read_now()) {
                dropped += input_.size();
                continue;
            }
            set_deadline(limit);
            const auto [error] = co_await socket_.async_wait(tcp::socket::wait_read, as_result);
            if (error || Clock::now() >= limit) break;
        }
    }

    // ---- waiting ----

    asio::awaitable<void> wait_for_wake(MonoTime limit) {
        wake_.expires_at(limit);
        co_await wake_.async_wait(as_result);
    }

    asio::awaitable<void> sleep(milliseconds length) {
        const MonoTime until = Clock::now() + length;
        while (Clock::now() < until && !shutting_down_) co_await wait_for_wake(until);
    }

    asio::awaitable<void> pause() {
        co_await sleep(dialogue_.pause());
        dialogue_.resume();
    }

    asio::awaitable<void> commit() {
        committed_.reset();
        host_.commit(dialogue_.take_prepared(), shared_from_this());
        while (!committed_) co_await wait_for_wake(no_deadline);
        dialogue_.on_committed(*committed_);
    }

    asio::awaitable<void> run_task() {
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

    asio::awaitable<void> settle_filter() {
        co_await milters_.settle(*dialogue_.filter_line());
        dialogue_.on_filter_settled();
    }

    // ---- deadlines ----

    /// A command must be complete within its time, counted from the end of the one before; octets
    /// of a line that never ends win nothing.
    void note_progress() {
        const std::uint64_t progress = dialogue_.commands() + outputs_;
        if (progress == seen_progress_) return;
        seen_progress_ = progress;
        command_since_ = Clock::now();
        data_since_.reset();
    }

    MonoTime input_deadline() {
        const MonoTime now = Clock::now();
        if (dialogue_.waiting() != smtp::ServerSession::Waiting::data)
            return command_since_ + settings_.command_receive;
        if (!data_since_) data_since_ = now;
        const seconds earned(dialogue_.data_octets() / least_octets_per_second);
        return std::min(
            now + settings_.data_receive, *data_since_ + settings_.data_receive + earned
        );
    }

    // One timer for all deadlines. It is moved only when a deadline comes before the time it is
    // set for; when it fires too early it is set again.
    void set_deadline(MonoTime deadline) {
        deadline_ = deadline;
        expired_ = false;
        if (deadline != no_deadline && (!armed_ || deadline < armed_for_)) arm();
    }

    void arm() {
        armed_ = true;
        armed_for_ = deadline_;
        watchdog_.expires_at(deadline_);
        watchdog_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
            if (error != asio::error::operation_aborted) self->on_watchdog();
        });
    }

    void on_watchdog() {
        armed_ = false;
        if (ended_ || deadline_ == no_deadline) return;
        if (Clock::now() < deadline_) return arm();
        expired_ = true;
        boost::system::error_code ignored;
        socket_.cancel(ignored);
    }

    SessionHost& host_;
    const ServerContextPtr context_;
    const ConnectionSettings& settings_;
    const std::uint64_t id_;
    const Endpoint local_;
    const Endpoint remote_;
    const bool tls_at_once_;
    const std::string access_effects_;  ///< carried out by the dispatcher
    tcp::socket socket_;
    asio::steady_timer watchdog_;
    asio::steady_timer wake_;
    MilterLinks milters_;
    Dialogue dialogue_;

    std::optional<tls::Stream> tls_;
    std::string tls_fault_;  ///< why there is none
    bool tls_has_more_ = false;
    tcp::socket::wait_type tls_reads_after_ = tcp::socket::wait_read;
    tcp::socket::wait_type tls_writes_after_ = tcp::socket::wait_write;

    std::string_view input_;  ///< in the thread's buffer, or in kept_
    std::string kept_;
    std::string output_;
    std::uint64_t octets_in_ = 0;
    std::uint64_t octets_out_ = 0;
    std::uint64_t outputs_ = 0;
    int reads_since_wait_ = 0;

    MonoTime deadline_ = no_deadline;
    MonoTime armed_for_{};
    bool armed_ = false;
    bool expired_ = false;
    MonoTime command_since_{};
    std::optional<MonoTime> data_since_;
    std::uint64_t seen_progress_ = 0;

    std::optional<Result<void>> committed_;
    bool refused_ = false;
    bool greeted_ = false;
    bool shutting_down_ = false;
    bool disconnected_ = false;
    bool closing_ = false;
    bool over_ = false;
    bool ended_ = false;
};

}  // namespace

std::shared_ptr<Session> make_session(
    SessionHost& host, ServerContextPtr context, net::HandedConnection connection
) {
    return std::make_shared<AsioSession>(host, std::move(context), std::move(connection));
}

}  // namespace sluice::smtp_server
