#include "dequeue/notice_language.h"

#include "base/bytes.h"
#include "mapping/engine.h"
#include "message/header_field.h"
#include "notify/templates.h"

namespace sluice::dequeue {

namespace {

constexpr std::string_view table = "NOTIFICATION_LANGUAGE";

/// A bar or a control in a field would make another probe of it.
std::string field(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c != '|' && !is_control(c)) out += c;
    }
    return out;
}

std::string_view kind_name(notify::NoticeKind kind) {
    // Templates call it "forwarded", probes call it after the action.
    return kind == notify::NoticeKind::relayed ? "relayed" : notify::template_name(kind);
}

std::string text_of(const LanguageProbe& probe) {
    const std::string to = probe.to.empty() ? "<>" : field(probe.to);
    return std::string(kind_name(probe.kind)) + '|' + field(probe.channel) + '|' +
           field(probe.languages) + '|' + to + '|' + field(probe.first_recipient);
}

}  // namespace

std::string preferred_languages(std::string_view header) {
    constexpr std::size_t longest = 200;
    for (const char* name : {"Accept-Language", "Preferred-Language", "X-Accept-Language"}) {
        const auto value = message::find_header(header, name);
        if (!value) continue;
        std::string languages;
        for (const char c : message::without_comments(*value).substr(0, longest)) {
            if (!is_blank(c)) languages += c;
        }
        return languages;
    }
    return {};
}

NoticeLanguage choose_language(
    const config::Configuration& configuration,
    const LanguageProbe& probe,
    mapping::Answers& answers
) {
    NoticeLanguage language;
    language.templates = &configuration.notices.standard();
    const auto outcome = mapping::probe(
        configuration.mappings, table, text_of(probe), mapping::InputFlags(), answers
    );
    language.warnings = outcome.warnings;
    if (!outcome.matched || outcome.pending) return language;
    language.silent = outcome.flags.has('N');
    if (!outcome.flags.has('I')) return language;
    const auto directory = configuration.tailor.resolve(trim(outcome.output));
    const config::NoticeTemplates* found =
        directory ? configuration.notices.find(*directory) : nullptr;
    if (found != nullptr) {
        language.templates = found;
    } else {
        language.warnings.push_back(
            std::string(table) + ": no templates in " + printable(trim(outcome.output))
        );
    }
    return language;
}

}  // namespace sluice::dequeue
