#pragma once

#include <cstdint>

#include "base/unique_fd.h"

// A process that has given up its rights may start nothing, but some of what it works with must
// have rights of its own: host programs. They are started by a process that was there before,
// host_starter (containment/starter.h). Here is what both say to each other: a request, one packet
// with the path of the program and two descriptors, the channel that becomes the program's
// descriptor 3 and the lifeline. Over the lifeline come a StarterNote when it has started (or not)
// and one when it has ended; one octet the other way kills it.
namespace sluice {

struct StarterNote {
    enum class Kind : std::int32_t { started, failed, ended };

    Kind kind = Kind::failed;
    std::int32_t code = 0;    ///< pid; errno; si_code of its end
    std::int32_t status = 0;  ///< si_status of its end
};

inline constexpr std::size_t longest_start_request = 4096;

/// From now on this process has its programs (base/child_program.h) started over that socket. Once,
/// before threads start.
void use_starter(UniqueFd socket);
/// -1: programs are started by the process itself.
int starter_socket();

}  // namespace sluice
