#pragma once

#include <boost/asio.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "net/handoff.h"
#include "tls/server_contexts.h"
#include "tls/stream.h"
#include "watchdog.h"

namespace sluice::smtp_server {

/// The connection to a client as octets: the socket, TLS over it once there is any, and one timer
/// for all deadlines. It knows nothing of SMTP. Includes Asio: for .cpp files of the shell only.
/// One thread.
class ClientSocket {
public:
    enum class Move : std::uint8_t { done, must_wait, gone };
    enum class Wait : std::uint8_t {
        ready,
        woken,  ///< wake() was called, or the system cancelled the wait
        timed_out,
        failed,
    };

    /// `buffer`: the thread's, for reading.
    ClientSocket(
        boost::asio::io_context& io, net::HandedConnection& connection, std::span<char> buffer
    );

    void belongs_to(std::weak_ptr<void> owner) { watchdog_.belongs_to(std::move(owner)); }
    /// Ends a wait that is under way.
    void wake();
    void close();

    /// What is there, in the thread's buffer. `must_wait`: nothing is.
    Move read(std::string_view& input);
    /// Takes from the front of `output` what goes out.
    Move write(std::string& output);
    /// Until a read, or a write, may get further.
    boost::asio::awaitable<Wait> wait_to_read(MonoTime limit);
    boost::asio::awaitable<Wait> wait_to_write(MonoTime limit);
    /// There may be octets that the socket does not tell of.
    [[nodiscard]] bool may_hold_more() const { return tls_has_more_; }
    /// The client's first octet is there and stays there. False: it has gone, or nothing is there.
    [[nodiscard]] bool has_spoken();
    /// No more is sent; what the client sends can still be read.
    void end_sending();

    /// The server's side of a handshake. Then there is tls(), or a reason why not in tls_fault().
    boost::asio::awaitable<void> shake_hands(
        std::shared_ptr<const tls::ServerContexts> contexts, MonoTime limit
    );
    [[nodiscard]] const tls::Stream* tls() const { return tls_ ? &*tls_ : nullptr; }
    [[nodiscard]] const std::string& tls_fault() const { return tls_fault_; }
    /// Tells the client that no more comes, as far as TLS has words for it.
    void say_goodbye();

    [[nodiscard]] std::uint64_t octets_in() const { return octets_in_; }
    [[nodiscard]] std::uint64_t octets_out() const { return octets_out_; }

private:
    using Socket = boost::asio::ip::tcp::socket;

    boost::asio::awaitable<Wait> wait_for(Socket::wait_type what, MonoTime limit);
    Move read_plain(std::string_view& input);
    Move write_plain(std::string& output);
    // client_socket_tls.cpp
    bool open_stream(const tls::ServerContexts* contexts);
    Move read_tls(std::string_view& input);
    Move write_tls(std::string& output);

    std::span<char> buffer_;
    Socket socket_;
    Watchdog watchdog_;
    std::optional<tls::Stream> tls_;
    std::string tls_fault_;  ///< why there is none
    bool tls_has_more_ = false;
    Socket::wait_type reads_after_ = Socket::wait_read;
    Socket::wait_type writes_after_ = Socket::wait_write;
    std::uint64_t octets_in_ = 0;
    std::uint64_t octets_out_ = 0;
};

}  // namespace sluice::smtp_server
