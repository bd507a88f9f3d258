#include "limit_notes.h"

#include <optional>
#include <string>

#include "base/limit_hits.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp_server {

using limits::Limit;
using smtp::server_action::CloseReason;

namespace {

void hit(Limit limit, const IpAddress& client, std::string_view what) {
    limits::hit(limit, '[' + client.to_string() + "] " + std::string(what));
}

std::optional<Limit> limit_of(CloseReason reason) {
    switch (reason) {
        case CloseReason::bad_commands:
            return Limit::bad_commands;
        case CloseReason::bad_auth:
        case CloseReason::transactions:
        case CloseReason::recipients:
        case CloseReason::rejections:
            return Limit::session;
        case CloseReason::endless_input:
            return Limit::refused_content;
        default:
            return std::nullopt;
    }
}

std::optional<Limit> limit_of(const smtp::Reply& reply) {
    namespace replies = smtp::replies;
    if (reply == replies::too_many_recipients() ||
        reply == replies::message_refused_too_many_recipients())
        return Limit::recipients;
    if (reply == replies::too_many_messages() || reply == replies::deferred_after_rejections())
        return Limit::session;
    const auto is_about = [&](const smtp::Reply& like) {
        return reply.code == like.code && reply.status == like.status;
    };
    if (is_about(replies::declared_size_too_big(0))) return Limit::message_size;
    // The same code and status for octets, whose text is ours, and lines, whose text is the site's.
    if (is_about(replies::message_too_big(0))) {
        const bool of_size = reply.to_text().ends_with("on message size exceeded");
        return of_size ? Limit::message_size : Limit::message_lines;
    }
    // Aliases that lead to too many addresses, over too many levels, or in a circle.
    if (reply.status == StatusCode{5, 4, 6}) return Limit::alias_expansion;
    return std::nullopt;
}

}  // namespace

void note_close(CloseReason reason, const IpAddress& client) {
    if (const auto limit = limit_of(reason)) hit(*limit, client, smtp::to_word(reason));
}

void note_time_out(bool in_data, const IpAddress& client) {
    if (in_data) {
        hit(Limit::data_receive_time, client,
            "the message did not come in time (DATA_RECEIVE_TIME)");
    } else {
        hit(Limit::command_receive_time, client, "no command in time (COMMAND_RECEIVE_TIME)");
    }
}

void note_bad_command(const smtp::server_action::BadCommand& bad, const IpAddress& client) {
    if (bad.reply == smtp::replies::line_too_long())
        hit(Limit::command_line, client, "command line too long");
}

void note_refusal(const smtp::Reply& reply, const IpAddress& client) {
    if (const auto limit = limit_of(reply)) hit(*limit, client, reply.to_text());
}

void note_waiting_replies(const IpAddress& client) {
    hit(Limit::waiting_replies, client, "sends commands and does not read the replies");
}

void note_deaf_client(const IpAddress& client) {
    hit(Limit::status_transmit_time, client, "did not read for STATUS_TRANSMIT_TIME");
}

void note_braked(const IpAddress& client) {
    hit(Limit::inflow_brake, client,
        "brings more than INFLOW_RATE while deliveries are behind: its messages wait");
}

}  // namespace sluice::smtp_server
