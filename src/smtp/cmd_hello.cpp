// EHLO and HELO (RFC 5321 section 4.1.1.1), LHLO (RFC 2033 section 4.1) and the list of extensions.
#include "base/bytes.h"
#include "base/utf8.h"
#include "smtp/server_session.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp {

void ServerSession::cmd_ehlo(std::string_view argument) {
    if (settings_->lmtp) return bad_argument(replies::unknown_command("EHLO"));
    if (!settings_->ehlo) return send(replies::not_implemented("EHLO"));
    extended_hello(argument);
}

void ServerSession::cmd_lhlo(std::string_view argument) {
    if (!settings_->lmtp) return bad_argument(replies::unknown_command("LHLO"));
    extended_hello(argument);
}

void ServerSession::extended_hello(std::string_view argument) {
    if (!accept_hello(argument)) return;
    esmtp_ = true;
    Reply reply(250, settings_->host);
    for (std::string& line : extension_lines()) reply.lines.push_back(std::move(line));
    send(reply);
}

void ServerSession::cmd_helo(std::string_view argument) {
    if (settings_->lmtp) return bad_argument(replies::unknown_command("HELO"));
    if (!accept_hello(argument)) return;
    esmtp_ = false;
    send(Reply(250, settings_->host));
}

// A second greeting is as good as RSET (RFC 5321 section 4.1.4).
bool ServerSession::accept_hello(std::string_view argument) {
    rest_is_early_ = true;
    const bool has_blank = argument.find_first_of(" \t") != std::string_view::npos;
    // RFC 6531 section 3.7.1: whatever is offered, the name of a host is in ASCII.
    if (argument.empty() || has_blank || !is_ascii(argument)) {
        bad_argument(replies::syntax_error());
        return false;
    }
    if (settings_->max_hello_domain && argument.size() > *settings_->max_hello_domain) {
        bad_argument(replies::syntax_error("domain too long"));
        return false;
    }
    abort_transaction(server_action::AbortReason::reset);
    hello_name_ = argument;
    return true;
}

// The order is fixed: operators compare it between hosts.
std::vector<std::string> ServerSession::extension_lines() const {
    const ServerSettings& set = *settings_;
    std::vector<std::string> lines;
    const auto offer = [&](bool offered, std::string line) {
        if (offered) lines.push_back(std::move(line));
    };
    offer(set.eight_bit_mime, "8BITMIME");
    offer(true, "PIPELINING");
    offer(set.chunking, "CHUNKING");
    offer(set.chunking && set.binary_mime, "BINARYMIME");
    offer(set.dsn, "DSN");
    offer(true, "ENHANCEDSTATUSCODES");
    offer(offers_expand(), "EXPN");
    offer(true, "HELP");
    offer(set.xadr, "XADR");
    offer(set.xsta, "XSTA");
    offer(set.xcir, "XCIR");
    offer(set.xgen, "XGEN");
    offer(!set.loop_hash.empty(), "XLOOP " + set.loop_hash);
    offer(offers_tls() && !tls_, "STARTTLS");
    std::string mechanisms;
    for (const std::string& mechanism : auth_mechanisms())
        mechanisms += (mechanisms.empty() ? "" : " ") + mechanism;
    offer(offers_auth(), "AUTH " + mechanisms);
    offer(offers_auth() && set.legacy_auth_line, "AUTH=" + mechanisms);
    offer(set.etrn, "ETRN");
    for (const std::string& addition : set.ehlo_additions) lines.push_back(addition);
    offer(set.smtputf8, "SMTPUTF8");
    lines.push_back("SIZE " + std::to_string(set.message_size));
    return lines;
}

}  // namespace sluice::smtp
