#pragma once

#include <poll.h>

#include <cstddef>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace sluice::utility {

/// The watcher's end of LOG_STDOUT: lines that the programs of the instance send come out of its
/// standard output one after the other. Never waits: a reader that does not read costs the lines
/// that the senders cannot keep. One thread.
class StdoutRelay {
public:
    StdoutRelay() = default;
    /// Makes the socket; an old one of that name goes.
    static Result<StdoutRelay> open(std::string socket_path, int output);
    StdoutRelay(StdoutRelay&& other) noexcept = default;
    StdoutRelay& operator=(StdoutRelay&& other) noexcept = default;
    ~StdoutRelay();

    [[nodiscard]] bool is_open() const { return bool(socket_); }
    /// What poll() is to wait for.
    [[nodiscard]] pollfd awaited() const;
    /// Takes what is there and writes what the output takes without waiting.
    void pump();

private:
    bool receive();
    bool write_some();

    std::string path_;
    UniqueFd socket_;
    int output_ = -1;
    std::string pending_;
    bool broken_ = false;  ///< nobody reads any more
};

}  // namespace sluice::utility
