#pragma once

#include <cstddef>
#include <cstdint>

// Every ceiling of the job controller's protocol (docs/formats/job-protocol.md). A peer that
// exceeds one is disconnected; a sender that would exceed one gets an Error from the codec.
namespace sluice::jobs {

inline constexpr std::uint16_t protocol_version = 4;
/// Octets of one frame after its length field.
inline constexpr std::size_t max_frame = 1U << 20U;
/// Items of one ENQ, WORK or DONE, rows of one listing frame.
inline constexpr std::size_t max_batch = 1024;
inline constexpr std::size_t max_channel_name = 64;
inline constexpr std::size_t max_host_name = 255;
/// "nnn/" attempts unique "." suffix, with room to spare.
inline constexpr std::size_t max_file_name = 47;
/// Reason texts; longer ones are cut by whoever makes them (see cut_reason()).
inline constexpr std::size_t max_reason = 255;
/// Remarks of one reload.
inline constexpr std::size_t max_reload_notes = 256;
inline constexpr std::size_t max_status_name = 64;
/// Values of Change: a command line at most.
inline constexpr std::size_t max_change_value = 255;
inline constexpr std::size_t max_status_rows = 256;

}  // namespace sluice::jobs
