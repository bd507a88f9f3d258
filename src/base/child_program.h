#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace sluice {

/// A program of ours that runs beside its caller and is spoken to over a socket pair: its end is
/// descriptor 3, it has the caller's standard descriptors, a process group of its own, no blocked
/// signals and no environment, since what it runs is not ours. Killed and waited for at the latest
/// when this goes. One thread at a time; start() is safe where other threads run: nothing of the
/// caller is copied. A caller that has given up its rights has another process start it
/// (base/starter_link.h).
class ChildProgram {
public:
    static constexpr int channel_fd = 3;

    enum class Channel {
        stream,   ///< octets
        packets,  ///< each message is received whole
    };

    ChildProgram() = default;
    ~ChildProgram() { end(std::chrono::milliseconds(0)); }
    ChildProgram(const ChildProgram&) = delete;
    ChildProgram& operator=(const ChildProgram&) = delete;

    /// Starts the program of that path; what ran before has ended.
    Result<void> start(const std::string& path, Channel kind);
    [[nodiscard]] bool is_started() const { return pid_ > 0; }
    [[nodiscard]] pid_t pid() const { return pid_; }  ///< 0: none
    /// The caller's end.
    [[nodiscard]] int channel() const { return channel_.get(); }
    /// Closes the channel, which tells the program to end; kills it if it has not within
    /// `patience`. How it ended: "ended with status 1", "crashed with signal SIGSEGV"; "ended"
    /// where nobody knows.
    std::string end(std::chrono::milliseconds patience);

    /// Starts the program with `channel` as its descriptor 3; the caller keeps its own. For whoever
    /// watches it in a way of its own.
    static Result<pid_t> spawn(
        const std::string& path,
        int channel,
        const std::vector<std::string>& arguments = {},
        const std::vector<std::string>& environment = {}
    );

private:
    pid_t pid_ = 0;
    UniqueFd handle_;    // of a child of ours
    UniqueFd lifeline_;  // of a child of the starter
    UniqueFd channel_;
};

}  // namespace sluice
