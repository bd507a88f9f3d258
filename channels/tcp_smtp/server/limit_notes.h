#pragma once

#include "base/ip_address.h"
#include "smtp/reply.h"
#include "smtp/server_action.h"

// Which limit it is that a session has come to (base/limit_hits.h, docs/limits.md).
namespace sluice::smtp_server {

void note_close(smtp::server_action::CloseReason reason, const IpAddress& client);
void note_time_out(bool in_data, const IpAddress& client);
void note_bad_command(const smtp::server_action::BadCommand& bad, const IpAddress& client);
/// A sender, recipient or message was refused with `reply`, for whatever reason.
void note_refusal(const smtp::Reply& reply, const IpAddress& client);
/// More replies wait than are kept, and the client does not read.
void note_waiting_replies(const IpAddress& client);
/// It did not read for STATUS_TRANSMIT_TIME.
void note_deaf_client(const IpAddress& client);

/// Its 250 waits, since deliveries do not keep up.
void note_braked(const IpAddress& client);

}  // namespace sluice::smtp_server
