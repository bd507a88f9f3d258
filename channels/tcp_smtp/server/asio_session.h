#pragma once

#include <boost/asio.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client_socket.h"
#include "dialogue.h"
#include "milter_links.h"
#include "session.h"

namespace sluice::smtp_server {

/// The Session: a coroutine that does what its Dialogue says. Includes Asio: for .cpp files of the
/// shell only.
class AsioSession final : public Session, public std::enable_shared_from_this<AsioSession> {
public:
    AsioSession(SessionHost& host, ServerContextPtr context, net::HandedConnection connection);

    void start() override;
    void shut_down() override;
    void reconsider() override;
    void on_committed(Result<void> outcome) override;

private:
    using Step = Dialogue::Step;
    template <class T>
    using awaitable = boost::asio::awaitable<T>;

    // asio_session.cpp: from one step to the next
    awaitable<void> run(std::shared_ptr<AsioSession> self);
    awaitable<void> turn();
    awaitable<void> start_tls();
    awaitable<void> shake_hands();
    void end(const std::exception_ptr& failure);
    /// "[192.0.2.1] port 4711 to [192.0.2.9] port 25".
    [[nodiscard]] std::string tcp_text() const;
    void log_failure(const std::exception_ptr& failure);

    // session_opening.cpp: before the greeting
    awaitable<void> open();
    awaitable<void> begin_in_tls();
    awaitable<std::string> find_name();
    awaitable<void> watch_for_early_talk();
    void meet_early_talker();

    // session_octets.cpp: input and output
    awaitable<void> receive();
    bool read_now();
    void keep_input();
    void forget_input();
    [[nodiscard]] bool is_in_read_buffer(const char* at) const;
    bool send_now();
    awaitable<void> send_rest();
    void disconnect();
    [[nodiscard]] bool must_linger() const;
    awaitable<void> linger();
    void note_progress();
    MonoTime input_deadline();
    [[nodiscard]] std::chrono::seconds patience(std::chrono::seconds limit) const;

    // session_waits.cpp: what is not octets
    awaitable<void> wait_for_wake(MonoTime limit);
    awaitable<void> sleep(std::chrono::milliseconds length);
    awaitable<void> yield_turn();
    awaitable<void> pause();
    awaitable<void> commit();
    awaitable<void> run_task();
    awaitable<void> settle_filter();

    SessionHost& host_;
    const ServerContextPtr context_;
    const ConnectionSettings& settings_;
    const std::uint64_t id_;
    const Endpoint local_;
    const Endpoint remote_;
    const bool tls_at_once_;
    const std::string access_effects_;  ///< carried out by the dispatcher
    ClientSocket socket_;
    boost::asio::steady_timer wake_;
    MilterLinks milters_;
    Dialogue dialogue_;

    std::string_view input_;  ///< in the thread's buffer, or in kept_
    std::string kept_;
    std::string output_;
    std::uint64_t outputs_ = 0;
    int reads_since_wait_ = 0;

    MonoTime command_since_{};
    std::optional<MonoTime> data_since_;
    std::uint64_t seen_progress_ = 0;

    std::optional<Result<void>> committed_;
    bool refused_ = false;
    bool greeted_ = false;
    bool shutting_down_ = false;
    bool disconnected_ = false;
    bool closing_ = false;
    bool receiving_ = false;  ///< waits for input
    bool over_ = false;
};

}  // namespace sluice::smtp_server
