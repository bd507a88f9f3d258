#include "converter/reformatter.h"

#include <algorithm>
#include <utility>

#include "converter/text_labels.h"
#include "converter/work_directory.h"
#include "lookup/gathering.h"

namespace sluice::converter {

namespace {

constexpr const char* host_program = "command_host";
constexpr const char* service_prefix = "service-";
/// No command is allowed to take that long.
constexpr std::chrono::hours abandoned_after{24};

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
    if (has_services(configuration_->conversions)) std::call_once(swept_, [this] { sweep(); });
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
        scratch + "conversion/" + service_prefix + copy.unique,
        scratch,
        tailor.path(config::TailorEntry::bin) + host_program,
        answers};
    return Reformatted::run(task);
}

void Reformatter::sweep() const {
    const auto longest = configuration_->conversion_options_of("conversion").command_timeout;
    remove_abandoned(
        configuration_->tailor.path(config::TailorEntry::tmp) + "conversion", service_prefix,
        std::max<std::chrono::seconds>(abandoned_after, 2 * longest)
    );
}

std::shared_ptr<const Reformatter> reformatter_of(config::ConfigurationPtr configuration) {
    const bool has_table = configuration->mappings.find("CHARSET-CONVERSION") != nullptr;
    if (!has_table && !has_text_labels(*configuration)) return nullptr;
    return std::make_shared<const Reformatter>(std::move(configuration));
}

}  // namespace sluice::converter
