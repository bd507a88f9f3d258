#pragma once

#include <cstddef>
#include <cstdint>

// The numbers of the milter protocol, version 6, as libmilter of sendmail 8.14 and later speaks it.
// A packet is a length in network order, a command octet, and data: docs/formats/milter.md.
namespace sluice::milter {

inline constexpr std::uint32_t protocol_version = 6;
inline constexpr std::uint32_t oldest_version = 2;

/// Largest piece of a body in one packet, by what was agreed on (SMFIP_MDS_*).
inline constexpr std::size_t chunk_64k = (1UL << 16U) - 1;
inline constexpr std::size_t chunk_256k = (1UL << 18U) - 1;
inline constexpr std::size_t chunk_1m = (1UL << 20U) - 1;
/// Largest packet that is read from a filter.
inline constexpr std::size_t packet_limit = (1UL << 20U) + 64;
/// Changes that a filter may ask of one message, and octets of their texts together.
inline constexpr std::size_t change_limit = 10'000;
inline constexpr std::size_t change_octets_limit = 8UL << 20U;

namespace command {
inline constexpr char negotiate = 'O';
inline constexpr char macros = 'D';
inline constexpr char connect = 'C';
inline constexpr char helo = 'H';
inline constexpr char mail = 'M';
inline constexpr char rcpt = 'R';
inline constexpr char data = 'T';
inline constexpr char unknown = 'U';
inline constexpr char header = 'L';
inline constexpr char end_of_header = 'N';
inline constexpr char body = 'B';
inline constexpr char end_of_message = 'E';
inline constexpr char abort = 'A';
inline constexpr char quit = 'Q';
inline constexpr char quit_new_connection = 'K';
}  // namespace command

namespace response {
inline constexpr char negotiate = 'O';
inline constexpr char proceed = 'c';
inline constexpr char accept = 'a';
inline constexpr char reject = 'r';
inline constexpr char tempfail = 't';
inline constexpr char discard = 'd';
inline constexpr char reply_code = 'y';
inline constexpr char skip = 's';
inline constexpr char progress = 'p';
inline constexpr char connection_failure = 'f';
inline constexpr char shutdown = '4';
inline constexpr char add_header = 'h';
inline constexpr char insert_header = 'i';
inline constexpr char change_header = 'm';
inline constexpr char replace_body = 'b';
inline constexpr char add_recipient = '+';
inline constexpr char add_recipient_with_parameters = '2';
inline constexpr char delete_recipient = '-';
inline constexpr char change_sender = 'e';
inline constexpr char quarantine = 'q';
}  // namespace response

/// What a filter may do to a message (SMFIF_*).
namespace action {
inline constexpr std::uint32_t add_headers = 0x01;
inline constexpr std::uint32_t change_body = 0x02;
inline constexpr std::uint32_t add_recipients = 0x04;
inline constexpr std::uint32_t delete_recipients = 0x08;
inline constexpr std::uint32_t change_headers = 0x10;
inline constexpr std::uint32_t quarantine = 0x20;
inline constexpr std::uint32_t change_sender = 0x40;
inline constexpr std::uint32_t add_recipients_with_parameters = 0x80;
inline constexpr std::uint32_t choose_macros = 0x100;
inline constexpr std::uint32_t all = 0x1FF;
}  // namespace action

/// What is left out, or not answered, in the dialogue (SMFIP_*).
namespace step {
inline constexpr std::uint32_t no_connect = 0x01;
inline constexpr std::uint32_t no_helo = 0x02;
inline constexpr std::uint32_t no_mail = 0x04;
inline constexpr std::uint32_t no_rcpt = 0x08;
inline constexpr std::uint32_t no_body = 0x10;
inline constexpr std::uint32_t no_headers = 0x20;
inline constexpr std::uint32_t no_end_of_header = 0x40;
inline constexpr std::uint32_t silent_header = 0x80;
inline constexpr std::uint32_t no_unknown = 0x100;
inline constexpr std::uint32_t no_data = 0x200;
inline constexpr std::uint32_t skip = 0x400;
inline constexpr std::uint32_t rejected_rcpt = 0x800;  ///< recipients that we refuse are shown too
inline constexpr std::uint32_t silent_connect = 0x1000;
inline constexpr std::uint32_t silent_helo = 0x2000;
inline constexpr std::uint32_t silent_mail = 0x4000;
inline constexpr std::uint32_t silent_rcpt = 0x8000;
inline constexpr std::uint32_t silent_data = 0x10000;
inline constexpr std::uint32_t silent_unknown = 0x20000;
inline constexpr std::uint32_t silent_end_of_header = 0x40000;
inline constexpr std::uint32_t silent_body = 0x80000;
inline constexpr std::uint32_t leading_blank = 0x100000;
inline constexpr std::uint32_t chunk_256k = 0x10000000;
inline constexpr std::uint32_t chunk_1m = 0x20000000;
inline constexpr std::uint32_t offered = 0x1FFFFF;
inline constexpr std::uint32_t offered_sizes = chunk_256k | chunk_1m;
}  // namespace step

/// Moments at which macros are sent, in the numbers of SMFIF_SETSYMLIST.
enum class Stage : std::uint8_t { connect, helo, mail, rcpt, data, end_of_message, end_of_header };
inline constexpr std::size_t stage_count = 7;

}  // namespace sluice::milter
