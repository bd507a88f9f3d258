#include "smtp/server_action.h"

#include <array>

namespace sluice::smtp {

using namespace server_action;

std::string_view to_word(AbortReason reason) {
    switch (reason) {
        case AbortReason::reset:
            return "reset";
        case AbortReason::refused:
            return "refused";
        case AbortReason::failed:
            return "failed";
        case AbortReason::quit:
            return "quit";
        case AbortReason::disconnect:
            return "disconnect";
        case AbortReason::timeout:
            return "timeout";
        case AbortReason::shutdown:
            return "shutdown";
        case AbortReason::closed:
            return "closed";
    }
    return "?";
}

std::string_view to_word(CloseReason reason) {
    switch (reason) {
        case CloseReason::quit:
            return "quit";
        case CloseReason::disconnect:
            return "disconnect";
        case CloseReason::timeout:
            return "timeout";
        case CloseReason::shutdown:
            return "shutdown";
        case CloseReason::refused:
            return "refused";
        case CloseReason::early_talker:
            return "early talker";
        case CloseReason::bad_commands:
            return "too many bad commands";
        case CloseReason::bad_auth:
            return "too many failed authentications";
        case CloseReason::transactions:
            return "too many messages";
        case CloseReason::recipients:
            return "too many recipients";
        case CloseReason::rejections:
            return "too many rejected recipients";
        case CloseReason::answer_421:
            return "421";
        case CloseReason::endless_input:
            return "endless input";
        case CloseReason::tls_failed:
            return "TLS handshake failed";
        case CloseReason::bad_chunk:
            return "bad chunk length";
    }
    return "?";
}

namespace {

struct Describe {
    std::string operator()(const NeedInput&) const { return "NeedInput"; }
    std::string operator()(const Flush&) const { return "Flush"; }
    std::string operator()(const AwaitAnswer&) const { return "AwaitAnswer"; }
    std::string operator()(const AskMail& ask) const { return "AskMail <" + mail(ask.command); }
    std::string operator()(const AskRecipient& ask) const {
        return "AskRecipient <" + recipient(ask.command);
    }
    std::string operator()(const AskVerify& ask) const {
        return "AskVerify " + ask.argument + (ask.vague ? " vague" : "");
    }
    std::string operator()(const AskExpand& ask) const { return "AskExpand " + ask.argument; }
    std::string operator()(const AskEtrn& ask) const { return "AskEtrn " + ask.argument; }
    std::string operator()(const AskPrivate& ask) const {
        return "AskPrivate " + ask.verb + ' ' + ask.argument;
    }
    std::string operator()(const BeginData& begin) const {
        return begin.chunking ? "BeginData chunking" : "BeginData";
    }
    std::string operator()(const DataChunk& chunk) const {
        return "DataChunk " + std::string(chunk.octets);
    }
    std::string operator()(const EndData& end) const {
        return "EndData " + std::to_string(end.octets) + (end.has_eight_bit ? " 8bit" : "") +
               (end.has_nul ? " nul" : "");
    }
    std::string operator()(const Abort& abort) const {
        return "Abort " + std::string(to_word(abort.reason)) + (abort.in_data ? " in data" : "") +
               (abort.reply.code != 0 ? ": " + abort.reply.to_text() : "");
    }
    std::string operator()(const BadCommand& bad) const {
        return "BadCommand \"" + bad.command + "\"" + (bad.hostile ? " hostile" : "") +
               (bad.last ? " last" : "") + ": " + bad.reply.to_text();
    }
    std::string operator()(const Refused& refused) const {
        const bool sender = refused.what == Refused::What::sender;
        return std::string("Refused ") + (sender ? "sender" : "recipient") + " <" +
               refused.address + ">: " + refused.reply.to_text();
    }
    std::string operator()(const StartTls&) const { return "StartTls"; }
    std::string operator()(const AskAuth& ask) const {
        return "AskAuth " + ask.mechanism + (ask.initial_response ? " with response" : "");
    }
    std::string operator()(const AuthResponse&) const { return "AuthResponse"; }
    std::string operator()(const Close& close) const {
        return "Close " + std::string(to_word(close.reason));
    }

private:
    static std::string mail(const MailCommand& command) {
        static constexpr std::array bodies{"7BIT", "8BITMIME", "BINARYMIME"};
        std::string out = command.path + ">";
        if (command.size) out += " SIZE=" + std::to_string(*command.size);
        if (command.body)
            out += std::string(" BODY=") + bodies.at(static_cast<std::size_t>(*command.body));
        if (command.ret != Ret::unspecified)
            out += command.ret == Ret::full ? " RET=FULL" : " RET=HDRS";
        if (!command.envid.empty()) out += " ENVID=" + command.envid;
        if (command.auth) out += " AUTH=" + *command.auth;
        if (command.smtputf8) out += " SMTPUTF8";
        return out;
    }
    static std::string recipient(const RcptCommand& command) {
        std::string out = command.path + ">";
        if (command.notify.is_given()) out += " NOTIFY=" + to_text(command.notify);
        if (!command.orcpt.empty()) out += " ORCPT=" + command.orcpt;
        return out;
    }
};

}  // namespace

std::string to_debug_string(const ServerAction& action) {
    return std::visit(Describe{}, action);
}

}  // namespace sluice::smtp
