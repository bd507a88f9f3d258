#pragma once

#include <string>

#include "base/unique_fd.h"
#include "filter/session_filters.h"

namespace sluice::filter {

/// The connection with one filter for programs and threads that may wait: carries octets between it
/// and the protocol core, within the time limits of the filter's settings. One thread at a time.
class BlockingLink {
public:
    explicit BlockingLink(ConnectionSlots& slots) : slots_(slots) {}
    ~BlockingLink();
    BlockingLink(const BlockingLink&) = delete;
    BlockingLink& operator=(const BlockingLink&) = delete;

    /// Returns when the line's session is settled; what goes wrong becomes the session's failure.
    void settle(FilterLine& line);
    /// Says good-bye, as far as that goes without waiting, and closes.
    void close(FilterLine& line);

private:
    void connect(FilterLine& line);
    void send(FilterLine& line);
    void receive(FilterLine& line);
    void shut();

    ConnectionSlots& slots_;
    UniqueFd socket_;
    std::uint64_t generation_ = 0;
    int slot_ = 0;  ///< number of the filter whose slot is taken; 0: none
};

}  // namespace sluice::filter
