#include "dequeue/notice_settings.h"

#include "channel/keyword.h"
#include "policy/postmaster.h"

namespace sluice::dequeue {

using channel::Keyword;
using config::OptionId;

namespace {

// The keyword given last of each family decides; none of them is the usual rule.
notify::PostmasterRule postmaster_rule(
    const channel::Channel& channel, Keyword always, Keyword copy, Keyword on_error, Keyword never
) {
    if (channel.is_given(always)) return notify::PostmasterRule::always;
    if (channel.is_given(copy)) return notify::PostmasterRule::copy;
    if (channel.is_given(on_error)) return notify::PostmasterRule::on_error;
    if (channel.is_given(never)) return notify::PostmasterRule::never;
    return notify::PostmasterRule::usual;
}

notify::HeaderDecoding header_decoding(const config::Options& options) {
    const auto value = options.integer(OptionId::notary_decode);
    if (value < 0) return notify::HeaderDecoding::never;
    return value == 0 ? notify::HeaderDecoding::same_charset : notify::HeaderDecoding::all;
}

}  // namespace

notify::PlanSettings plan_settings(
    const config::Configuration& configuration, const channel::Channel& channel
) {
    notify::PlanSettings settings;
    settings.failures = postmaster_rule(
        channel, Keyword::sendpost, Keyword::copysendpost, Keyword::errsendpost, Keyword::nosendpost
    );
    settings.warnings = postmaster_rule(
        channel, Keyword::warnpost, Keyword::copywarnpost, Keyword::errwarnpost, Keyword::nowarnpost
    );
    if (settings.warnings == notify::PostmasterRule::usual) settings.warnings = settings.failures;
    settings.postmaster = policy::postmaster_of(configuration, channel);
    settings.disable_delivery_receipt =
        configuration.options.integer(OptionId::disable_delivery_receipt) != 0;
    return settings;
}

notify::NoticeSettings notice_settings(
    const config::Configuration& configuration,
    const channel::Channel& channel,
    const config::NoticeTemplates& templates
) {
    const config::Options& options = configuration.options;
    const auto size = [&](OptionId id) { return static_cast<std::uint64_t>(options.integer(id)); };
    notify::NoticeSettings settings;
    settings.reporting_mta = configuration.local_host();
    settings.from_address = policy::postmaster_of(configuration, channel);
    if (const auto personal = channel.argument(Keyword::returnpersonal)) {
        settings.from_personal = *personal;
    } else if (!templates.personal.empty()) {
        settings.from_personal = templates.personal;
    } else if (!options.text(OptionId::return_personal).empty()) {
        settings.from_personal = options.text(OptionId::return_personal);
    }
    settings.lines_to_return = static_cast<unsigned>(options.integer(OptionId::lines_to_return));
    settings.bounce_block_limit = size(OptionId::bounce_block_limit);
    settings.content_return_block_limit = size(OptionId::content_return_block_limit);
    settings.block_size = size(OptionId::block_size);
    settings.delivery_history = options.integer(OptionId::return_delivery_history) != 0;
    settings.history_to_return =
        static_cast<std::size_t>(options.integer(OptionId::history_to_return));
    settings.show_final_address = !channel.has(Keyword::suppressfinal);
    settings.unit = options.integer(OptionId::return_units) == 1 ? notify::QueueUnit::hours
                                                                 : notify::QueueUnit::days;
    settings.header_decoding = header_decoding(options);
    settings.templates = &templates;
    return settings;
}

}  // namespace sluice::dequeue
