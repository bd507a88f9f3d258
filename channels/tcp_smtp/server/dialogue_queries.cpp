// VRFY, EXPN, ETRN and the private commands.
#include "address_queries.h"
#include "base/bytes.h"
#include "channel_status.h"
#include "counters/segment.h"
#include "dialogue.h"
#include "etrn.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp_server {

void Dialogue::ask_verify(const smtp::server_action::AskVerify& question) {
    consult<smtp::Reply>(
        [this, question](mapping::Answers& outside) {
            return verify_reply(
                context_.configuration(), *source_, question.argument, question.vague, outside
            );
        },
        [this, question](const smtp::Reply& reply) {
            log_.verified(address_in(question.argument));
            answer(reply);
        }
    );
}

void Dialogue::ask_expand(const std::string& argument) {
    consult<smtp::Reply>(
        [this, argument](mapping::Answers& outside) {
            return expand_reply(context_.configuration(), *source_, argument, outside);
        },
        [this, argument](const smtp::Reply& reply) {
            log_.expanded(address_in(argument));
            answer(reply);
        }
    );
}

void Dialogue::ask_private(const smtp::server_action::AskPrivate& question) {
    if (question.verb == "XGEN") return answer(configuration_reply(context_.configuration()));
    if (question.verb == "XCIR") return answer(circuit_reply());
    if (question.verb == "XSTA") return ask_status(question.argument);
    consult<smtp::Reply>(
        [this, argument = question.argument](mapping::Answers& outside) {
            return route_reply(context_.configuration(), *source_, argument, outside);
        },
        [this](const smtp::Reply& reply) { answer(reply); }
    );
}

void Dialogue::ask_status(const std::string& argument) {
    const channel::Channel* asked = context_.configuration().imta.channels.find(to_lower(argument));
    if (asked == nullptr) return answer(no_such_channel(argument));
    const std::string& run = context_.configuration().tailor.path(config::TailorEntry::run);
    ask_elsewhere(
        [name = std::string(asked->name()), path = counters::segment_path(run)] {
            return status_reply(name, path);
        },
        [this](const smtp::Reply& reply) { answer(reply); }
    );
}

void Dialogue::ask_etrn(const std::string& argument) {
    using Plan = std::variant<EtrnOrder, smtp::Reply>;
    consult<Plan>(
        [this, argument](mapping::Answers& outside) -> Plan {
            return plan_etrn(
                context_.configuration(), *source_, context_.plan_of(*source_).source.etrn,
                access_session(), argument, outside
            );
        },
        [this, argument](const Plan& planned) { finish_etrn(argument, planned); }
    );
}

void Dialogue::finish_etrn(
    const std::string& argument, const std::variant<EtrnOrder, smtp::Reply>& planned
) {
    const auto tell = [this, argument](const smtp::Reply& reply) {
        log_.etrn(argument, reply);
        answer(reply);
    };
    if (const auto* refusal = std::get_if<smtp::Reply>(&planned)) return tell(*refusal);
    const auto& order = std::get<EtrnOrder>(planned);
    if (!context_.etrn_memory.is_due(order, system_clock().mono_now()))
        return tell(etrn_repeated(order));
    ask_elsewhere(
        [order, socket = enqueue::job_controller_socket(context_.configuration())] {
            return run_etrn(order, socket);
        },
        tell
    );
}

}  // namespace sluice::smtp_server
