#pragma once

#include <poll.h>
#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/unique_fd.h"

namespace sluice::dispatcher {

/// The Unix socket over which operators ask: a line comes, an answer goes, the connection ends.
/// Nobody is waited for. One thread.
class ControlSocket {
public:
    /// More are not accepted until one is answered.
    static constexpr std::size_t most_clients = 8;
    using Answer = std::function<std::string(std::string_view line)>;
    /// Device and number of a file.
    using Name = std::pair<dev_t, ino_t>;

    /// Listens for this account only; where that is not possible the log says so, and nobody is
    /// answered. An empty path: nobody is.
    void open(const std::string& path, Answer answer);
    /// Removes the name, if it is still ours.
    void close();

    /// Adds what is to be watched.
    void collect(std::vector<pollfd>& polled) const;
    /// Serves one of them, if it is one.
    void serve(const pollfd& event, MonoTime now);
    /// Ends those who take too long.
    void expire(MonoTime now);

private:
    struct Client {
        UniqueFd socket;
        std::string question;
        std::string answer;
        std::size_t sent = 0;
        bool answered = false;
        MonoTime until;
    };
    void accept(MonoTime now);
    /// False: it is over.
    bool read(Client& client);
    static bool write(Client& client);

    std::string path_;
    std::optional<Name> name_;
    UniqueFd listener_;
    std::vector<Client> clients_;
    Answer answer_;
};

}  // namespace sluice::dispatcher
