#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "channel/channel.h"
#include "config/configuration.h"
#include "mapping/answers.h"
#include "notify/notice.h"

namespace sluice::dequeue {

/// Which texts a notification is written with.
struct NoticeLanguage {
    const config::NoticeTemplates* templates = nullptr;  ///< never null
    bool silent = false;                                 ///< NOTIFICATION_LANGUAGE said `$N`
    std::vector<std::string> warnings;                   ///< for the component log
};

/// What NOTIFICATION_LANGUAGE is asked about.
struct LanguageProbe {
    notify::NoticeKind kind = notify::NoticeKind::failed;
    std::string channel;          ///< whose mail it is about
    std::string languages;        ///< preferred_languages()
    std::string to;               ///< empty for the null reverse path
    std::string first_recipient;  ///< active address
};

/// The first of the fields Accept-Language, Preferred-Language, X-Accept-Language, without blanks;
/// empty without them. `header`: CRLF lines.
std::string preferred_languages(std::string_view header);

/// Asks the table NOTIFICATION_LANGUAGE (mappings(5)). A directory that is not one of the
/// instance's, and a table that cannot be asked now, lead to the texts of IMTA_LANG.
NoticeLanguage choose_language(
    const config::Configuration& configuration,
    const LanguageProbe& probe,
    mapping::Answers& answers
);

}  // namespace sluice::dequeue
