#include "deadlines.h"

#include <algorithm>

namespace sluice::tcp_client {

using smtp::Phase;

std::chrono::milliseconds reply_time(
    Phase phase,
    std::int64_t recipients,
    std::int64_t blocks,
    const config::TcpChannelOptions& options
) {
    switch (phase) {
        case Phase::mail:
            return options.status_mail_receive_time;
        case Phase::rcpt:
            return options.status_rcpt_receive_time;
        case Phase::dot:
            return options.data_reply_time(recipients, blocks);
        default:
            return options.status_receive_time;
    }
}

std::chrono::milliseconds transmit_time(Phase phase, const config::TcpChannelOptions& options) {
    switch (phase) {
        case Phase::mail:
            return options.mail_transmit_time;
        case Phase::rcpt:
            return options.rcpt_transmit_time;
        case Phase::body:
            return options.data_transmit_time;
        case Phase::dot:
            // The last octets of the message go out with it.
            return std::max(options.dot_transmit_time, options.data_transmit_time);
        default:
            return options.command_transmit_time;
    }
}

}  // namespace sluice::tcp_client
