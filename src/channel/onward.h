#pragma once

#include <string>

namespace sluice::channel {

/// Where a recipient goes once the channel in front is done with the message: what it would have
/// been enqueued to if the mapping table CONVERSIONS had not put a conversion channel first.
/// Decided when the message came in and kept in its queue file, so that aliases and lists are not
/// expanded twice. A plain value.
struct Onward {
    std::string channel;  ///< name of the real destination channel; never empty
    std::string address;  ///< active address there: "adam" on channel l
    std::string host;     ///< destination system; may be empty

    friend bool operator==(const Onward&, const Onward&) = default;
    friend auto operator<=>(const Onward&, const Onward&) = default;
};

}  // namespace sluice::channel
