#include "converter/reformatter.h"

#include <utility>

#include "lookup/gathering.h"

namespace sluice::converter {

namespace {

constexpr const char* host_program = "command_host";

}  // namespace

Reformatter::Reformatter(config::ConfigurationPtr configuration)
    : configuration_(std::move(configuration)),
      sources_(std::make_unique<lookup::Sources>(configuration_)) {}

ReformatChoice Reformatter::choose(const ReformatWay& way, bool may_wait) const {
    if (may_wait) {
        lookup::BlockingAnswers answers(*sources_);
        return choose_reformat(*configuration_, way, answers);
    }
    lookup::Gathering answers(*sources_);
    answers.begin();
    return choose_reformat(*configuration_, way, answers);
}

Result<Reformatted> Reformatter::run(
    const conversion::ReformatKeywords& keywords, const OutgoingCopy& copy
) const {
    const config::Tailor& tailor = configuration_->tailor;
    const std::string& scratch = tailor.path(config::TailorEntry::tmp);
    lookup::BlockingAnswers answers(*sources_);
    const ReformatTask task{
        *configuration_,
        configuration_->conversions,
        keywords,
        copy.way,
        copy.envelope_from,
        copy.message_id,
        copy.recipients,
        copy.content,
        scratch + "conversion/service-" + copy.unique,
        scratch,
        tailor.path(config::TailorEntry::bin) + host_program,
        answers};
    return Reformatted::run(task);
}

std::shared_ptr<const Reformatter> reformatter_of(config::ConfigurationPtr configuration) {
    if (configuration->mappings.find("CHARSET-CONVERSION") == nullptr) return nullptr;
    return std::make_shared<const Reformatter>(std::move(configuration));
}

}  // namespace sluice::converter
