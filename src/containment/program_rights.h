#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What a program may do, as a value: the rows of programs.inc, and what becomes of a row with the
// directories of an instance. Pure.
namespace sluice::containment {

/// Of whatever there are bits for.
inline constexpr unsigned nothing = 0;

/// Kinds of places; bits.
namespace place {
inline constexpr unsigned texts = 64;    ///< configuration and databases
inline constexpr unsigned site = 1;      ///< configuration, databases, and files that they name
inline constexpr unsigned queue = 2;     ///< messages
inline constexpr unsigned logs = 4;      ///< the transaction log, service logs
inline constexpr unsigned run = 8;       ///< sockets, counters, tables that are shared
inline constexpr unsigned scratch = 16;  ///< what is in the making
inline constexpr unsigned mail = 32;     ///< mailboxes
}  // namespace place

namespace tcp {
inline constexpr unsigned connects = 1;
}  // namespace tcp

/// What is started for a program; bits.
namespace host {
inline constexpr unsigned passwords = 1;  ///< pam_host
inline constexpr unsigned routines = 2;   ///< callout_host
inline constexpr unsigned services = 4;   ///< command_host, for services of the conversions file
inline constexpr unsigned commands = 8;   ///< command_host always
}  // namespace host

struct ProgramRow {
    std::string_view name;
    unsigned read = nothing;
    unsigned written = nothing;
    unsigned network = nothing;
    unsigned hosts = nothing;
};

/// nullptr: not one of ours.
const ProgramRow* find_program(std::string_view name);
const std::vector<ProgramRow>& all_programs();

/// A row with an instance's directories and files, complete paths.
struct Rights {
    std::string program;
    std::vector<std::string> read;
    std::vector<std::string> update;   ///< changed where they are, no file is made
    std::vector<std::string> written;  ///< files are made and removed there
    bool connects = false;             ///< by TCP, from a port that the kernel chooses
    std::vector<std::string> hosts;    ///< programs that are started for it
};

/// The first thing that `wanted` has and `held` has not, "/srv/lists is not readable"; empty: all
/// is there.
std::string missing_right(const Rights& held, const Rights& wanted);

}  // namespace sluice::containment
