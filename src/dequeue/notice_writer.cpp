#include "dequeue/notice_writer.h"

#include <optional>

#include "channel/keyword.h"
#include "notify/recipients.h"
#include "policy/postmaster.h"

namespace sluice::dequeue {

using channel::Keyword;

namespace {

enqueue::SubmittedRecipient to_process(const std::string& address, const std::string& channel) {
    enqueue::SubmittedRecipient recipient;
    recipient.destination.address = address;
    recipient.destination.channel = channel;
    recipient.original = address;
    return recipient;
}

enqueue::Submission submission_for(
    enqueue::Runtime& runtime,
    const channel::Channel& channel,
    const std::string& original_message_id,
    const std::vector<std::string>& to
) {
    const config::Configuration& configuration = runtime.configuration();
    const std::string through(channel.argument(Keyword::notificationchannel).value_or("process"));
    enqueue::Submission submission;
    submission.source_channel = channel.name();
    submission.source_host = channel.official_host();
    submission.owner = runtime.account();
    submission.source_filtered = true;  // a notification is no mail that the channel took in
    submission.sender = notify::notice_sender(
        policy::return_envelope_bits(configuration, channel),
        policy::postmaster_of(configuration, channel)
    );
    for (const std::string& address : to)
        submission.recipients.push_back(to_process(address, through));
    submission.log_template.original_message_id = original_message_id;
    submission.log_template.username = runtime.account();
    submission.log_template.source.name = channel.official_host();
    return submission;
}

}  // namespace

Result<enqueue::PreparedMessage> write_notice(
    enqueue::Runtime& runtime,
    const channel::Channel& channel,
    const std::string& original_message_id,
    const std::vector<std::string>& to,
    const NoticeBuilder& build
) {
    const config::Configuration& configuration = runtime.configuration();
    enqueue::MessageBuilder builder(
        runtime.site(), configuration.imta.channels, runtime.limits(),
        submission_for(runtime, channel, original_message_id, to),
        enqueue::log_options_of(configuration, channel.name())
    );
    std::optional<Error> failure;
    const auto built = build([&](std::string_view bytes) {
        if (auto written = builder.append(bytes); !written && !failure) failure = written.error();
    });
    if (!built) return built.error();
    if (failure) return *failure;
    return builder.finish();
}

}  // namespace sluice::dequeue
