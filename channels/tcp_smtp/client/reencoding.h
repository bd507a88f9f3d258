#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "channel/channel.h"
#include "message/recoding.h"
#include "outgoing.h"
#include "queue/message_file.h"

namespace sluice::tcp_client {

/// Keywords eightbit, eightnegotiate, eightstrict, sevenbit and linelength.
struct EncodingRules {
    enum class EightBit {
        as_is,      ///< eightbit
        negotiate,  ///< eightnegotiate: encoded for peers that do not offer 8BITMIME
        strict,     ///< eightstrict: the same, and what cannot be encoded is returned
        never,      ///< sevenbit: always encoded
    };
    EightBit eight_bit = EightBit::negotiate;
    std::size_t line_length = 0;  ///< linelength; 0: any
};
[[nodiscard]] EncodingRules encoding_rules(const channel::Channel& channel);

/// 8-bit header fields in a message that did not come with SMTPUTF8 have no meaning that anybody
/// declared: eightstrict returns them.
[[nodiscard]] bool is_undeclared(
    const EncodingRules& rules, const ContentFacts& facts, bool smtputf8
);

/// What a peer does not take of a message with these facts.
[[nodiscard]] message::WayLimits way_limits(
    const EncodingRules& rules, const ContentFacts& facts, bool peer_takes_eight_bit
);

/// How one message goes out on one connection.
struct Encoded {
    std::optional<message::Recoding> recoding;  ///< nullopt: as it is
    ContentFacts facts;                         ///< of what goes out
};
/// Reads the content up to twice where there are limits, else not at all. Memory: that of parts'
/// labels.
Result<Encoded> encode_for(
    queue::MessageFile& file, const ContentFacts& facts, const message::WayLimits& limits
);

/// Content on the wire, encoded anew where that was found necessary.
class OutgoingReader {
public:
    OutgoingReader(queue::MessageFile& file, const std::optional<message::Recoding>& recoding);
    /// The next octets, empty at the end. The view is good until the next call.
    Result<std::string_view> next();

private:
    queue::WireReader reader_;
    std::optional<message::Recoder> recoder_;
    std::string encoded_;
    bool at_end_ = false;
};

}  // namespace sluice::tcp_client
