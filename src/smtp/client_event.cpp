#include "smtp/client_event.h"

namespace sluice::smtp {

using namespace client_event;

std::string_view to_word(Phase phase) {
    switch (phase) {
        case Phase::greeting:
            return "greeting";
        case Phase::hello:
            return "hello";
        case Phase::starttls:
            return "starttls";
        case Phase::auth:
            return "auth";
        case Phase::reset:
            return "reset";
        case Phase::mail:
            return "mail";
        case Phase::rcpt:
            return "rcpt";
        case Phase::data:
            return "data";
        case Phase::body:
            return "body";
        case Phase::dot:
            return "dot";
        case Phase::quit:
            return "quit";
        case Phase::idle:
            return "idle";
    }
    return "?";
}

std::string_view to_word(Outcome outcome) {
    switch (outcome) {
        case Outcome::delivered:
            return "delivered";
        case Outcome::temporary:
            return "temporary";
        case Outcome::permanent:
            return "permanent";
    }
    return "?";
}

std::string_view to_word(Unusable::Reason reason) {
    switch (reason) {
        case Unusable::Reason::refused:
            return "refused";
        case Unusable::Reason::closing:
            return "closing";
        case Unusable::Reason::nonsense:
            return "nonsense";
        case Unusable::Reason::lost:
            return "lost";
        case Unusable::Reason::timeout:
            return "timeout";
        case Unusable::Reason::no_tls:
            return "no tls";
        case Unusable::Reason::bad_tls:
            return "bad tls";
        case Unusable::Reason::no_auth:
            return "no auth";
    }
    return "?";
}

namespace {

struct Describe {
    std::string operator()(const NeedInput&) const { return "NeedInput"; }
    std::string operator()(const AwaitShell&) const { return "AwaitShell"; }
    std::string operator()(const Ready&) const { return "Ready"; }
    std::string operator()(const StartTls&) const { return "StartTls"; }
    std::string operator()(const AskAuth&) const { return "AskAuth"; }
    std::string operator()(const AuthReply& auth) const {
        return "AuthReply " + auth.reply.to_text();
    }
    std::string operator()(const SendBody&) const { return "SendBody"; }
    std::string operator()(const RecipientDone& done) const {
        return "RecipientDone " + std::to_string(done.index) + ' ' +
               std::string(to_word(done.outcome)) + ' ' + std::string(to_word(done.phase)) +
               (done.possible_duplicate ? " possible duplicate" : "") + ": " + done.reply.to_text();
    }
    std::string operator()(const TransactionDone& done) const {
        return "TransactionDone " + std::to_string(done.delivered);
    }
    std::string operator()(const Unusable& event) const {
        return "Unusable " + std::string(to_word(event.reason)) + ' ' +
               std::string(to_word(event.phase)) + ": " + event.reply.to_text();
    }
    std::string operator()(const Finished&) const { return "Finished"; }
};

}  // namespace

std::string to_debug_string(const ClientEvent& event) {
    return std::visit(Describe{}, event);
}

}  // namespace sluice::smtp
