#pragma once

#include <boost/asio.hpp>
#include <memory>
#include <span>
#include <vector>

#include "filter/session_filters.h"

namespace sluice::smtp_server {

/// The sockets of one SMTP session to its filters: carries octets between them and the protocol
/// cores, and watches the clock. Includes Asio: for .cpp files of the shell only. One thread.
class MilterLinks {
public:
    /// `buffer`: the thread's, for reading; nothing is left in it across a wait.
    MilterLinks(
        boost::asio::io_context& io, filter::ConnectionSlots& slots, std::span<char> buffer
    );
    ~MilterLinks();
    MilterLinks(const MilterLinks&) = delete;
    MilterLinks& operator=(const MilterLinks&) = delete;

    /// Returns when the line's session is settled; what goes wrong becomes the session's failure.
    boost::asio::awaitable<void> settle(filter::FilterLine& line);
    /// Says good-bye, as far as that goes without waiting, and closes.
    void close(std::vector<filter::FilterLine>& lines);

private:
    struct Link;
    Link& link_of(const filter::FilterLine& line);
    boost::asio::awaitable<void> connect(Link& link, filter::FilterLine& line);
    boost::asio::awaitable<void> take_slot(Link& link, filter::FilterLine& line);
    boost::asio::awaitable<void> send(Link& link, filter::FilterLine& line);
    boost::asio::awaitable<void> receive(Link& link, filter::FilterLine& line);

    boost::asio::io_context& io_;
    filter::ConnectionSlots& slots_;
    std::span<char> buffer_;
    std::vector<std::shared_ptr<Link>> links_;
};

}  // namespace sluice::smtp_server
