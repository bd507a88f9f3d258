// VRFY, EXPN and ETRN.
#include "address_queries.h"
#include "dialogue.h"
#include "enqueue/file_answers.h"
#include "etrn.h"

namespace sluice::smtp_server {

void Dialogue::ask_verify(const smtp::server_action::AskVerify& question) {
    mapping::NoAnswers nothing;
    enqueue::FileAnswers outside(context_.runtime.text_files(), nothing);
    answer(
        verify_reply(context_.configuration(), *source_, question.argument, question.vague, outside)
    );
}

void Dialogue::ask_expand(const std::string& argument) {
    mapping::NoAnswers nothing;
    enqueue::FileAnswers outside(context_.runtime.text_files(), nothing);
    answer(expand_reply(context_.configuration(), *source_, argument, outside));
}

void Dialogue::ask_etrn(const std::string& argument) {
    mapping::NoAnswers outside;
    const auto tell = [this, argument](const smtp::Reply& reply) {
        log_.etrn(argument, reply);
        answer(reply);
    };
    auto planned = plan_etrn(
        context_.configuration(), *source_, context_.plan_of(*source_).source.etrn,
        access_session(), argument, outside
    );
    if (const auto* refusal = std::get_if<smtp::Reply>(&planned)) return tell(*refusal);
    const auto& order = std::get<EtrnOrder>(planned);
    if (!context_.etrn_memory.is_due(order, system_clock().mono_now()))
        return tell(etrn_repeated(order));
    start_task(
        [order, socket = enqueue::job_controller_socket(context_.configuration())] {
            return run_etrn(order, socket);
        },
        tell
    );
}

}  // namespace sluice::smtp_server
