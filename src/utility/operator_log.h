#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/time_zone.h"

// operator.log: who changed what by command. One line a command, written before the command acts:
//   02-Mar-2026 10:11:07.20 adam 1000 messages=3 qm delete 1,3,20
namespace sluice::utility {

struct OperatorAct {
    WallTime time{};
    std::string user;
    std::uint32_t user_id = 0;
    std::size_t messages = 0;
    std::string command;  ///< as typed
};

/// The line with its line end; foreign bytes made printable. Pure.
std::string format_operator_act(const OperatorAct& act, const TimeZone& zone);
/// Appends to operator.log in the log directory with one write(2).
Result<void> log_operator_act(
    const std::string& log_directory, const OperatorAct& act, const TimeZone& zone
);

/// Who is behind a process of this user id: the login the kernel remembers where it does (sudo and
/// su do not change it), else the user id.
std::uint32_t login_of(std::uint32_t user_id);
/// The account's name, or the number.
std::string user_name(std::uint32_t user_id);

}  // namespace sluice::utility
