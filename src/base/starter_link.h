#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

// A process that has given up its rights may start nothing, but some of what it works with must
// have rights of its own. It is started by a process that was there before (containment/starter.h).
// Here is what both say to each other: a request, one packet with two descriptors, one for the
// program and the lifeline. Over the lifeline come a StarterNote when the program has started (or
// not) and one when it has ended; octets the other way are signals.
namespace sluice {

struct StarterNote {
    enum class Kind : std::int32_t { started, failed, ended };

    Kind kind = Kind::failed;
    std::int32_t code = 0;    ///< pid; errno; si_code of its end
    std::int32_t status = 0;  ///< si_status of its end
};

inline constexpr std::size_t longest_start_request = 65536;

/// What is sent over a lifeline.
inline constexpr char kill_program = 'k';     ///< SIGKILL
inline constexpr char terminate_group = 't';  ///< SIGTERM to its process group

struct StartedProgram {
    pid_t pid = 0;
    UniqueFd lifeline;  ///< readable when the program has ended
};

/// Blocks until it has started. An Error: it has not; errno is EPIPE where the starter is gone.
Result<StartedProgram> ask_starter(int starter, std::string_view request, int descriptor);
void send_signal(int lifeline, char what);
/// Blocks until the next note; false where the starter is gone.
bool receive_note(int lifeline, StarterNote& note);

/// From now on this process has its hosts (base/child_program.h) started over that socket. Once,
/// before threads start.
void use_starter(UniqueFd socket);
/// -1: hosts are started by the process itself.
int starter_socket();

}  // namespace sluice
