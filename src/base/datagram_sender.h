#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/unique_fd.h"

namespace sluice {

/// Packets on their way to a UNIX datagram socket. A thread of its own sends them, so that nobody
/// waits for a reader that is slow, or absent: meanwhile packets are kept, up to a limit, then
/// dropped and counted. Order is kept. The thread begins with the first packet; make the object
/// after the last fork. Thread-safe.
class DatagramSender {
public:
    struct Settings {
        std::string socket_path;
        std::string reader;                          ///< what reads there, for the component log
        std::size_t buffer_max = 64UL << 20U;        ///< octets kept while they cannot be sent
        std::chrono::milliseconds farewell{2000};    ///< for what is left at the end
        std::chrono::milliseconds retry_after{500};  ///< after a failure
    };

    explicit DatagramSender(Settings settings);
    DatagramSender(const DatagramSender&) = delete;
    DatagramSender& operator=(const DatagramSender&) = delete;
    DatagramSender(DatagramSender&&) = delete;
    DatagramSender& operator=(DatagramSender&&) = delete;
    /// Sends what is left, as long as Settings::farewell allows.
    ~DatagramSender();

    void post(std::string packet);
    /// Packets thrown away because the buffer was full.
    [[nodiscard]] std::uint64_t dropped() const;

private:
    void run();
    /// Sends one packet. False: not now.
    bool send(const std::string& packet);
    bool connect();
    void note_outcome(bool sent);

    const Settings settings_;
    UniqueFd socket_;       // of the thread
    bool failing_ = false;  // likewise

    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::deque<std::string> packets_;
    std::size_t octets_ = 0;
    std::uint64_t dropped_ = 0;
    bool ending_ = false;
    MonoTime give_up_{};
    std::thread thread_;
};

}  // namespace sluice
