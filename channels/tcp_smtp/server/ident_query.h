#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "base/clock.h"
#include "base/ip_address.h"

namespace boost::asio {
class io_context;
}

namespace sluice::smtp_server {

/// Who the client's own system says is at the other end of the connection (RFC 1413); empty where
/// it does not say, or not within `limit`. The question goes out from the address that the client
/// connected to, which is what the other system knows the connection by.
boost::asio::awaitable<std::string> ask_ident(
    boost::asio::io_context& io, Endpoint local, Endpoint remote, std::chrono::milliseconds limit
);

}  // namespace sluice::smtp_server
