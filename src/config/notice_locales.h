#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "config/notice_templates.h"
#include "config/tailor.h"

namespace sluice::config {

/// The template directories of an instance: IMTA_LANG, and those below it and beside it, where
/// NOTIFICATION_LANGUAGE finds others. Part of the configuration snapshot.
class NoticeLocales {
public:
    /// Of IMTA_LANG, or the built-in texts.
    [[nodiscard]] const NoticeTemplates& standard() const {
        return standard_ ? *standard_ : builtin_notice_templates();
    }
    /// The directory that a mapping entry names: relative to IMTA_LANG or to the directory
    /// IMTA_LANG is in, or whole; with or without its final "/". nullptr: not one of ours.
    [[nodiscard]] const NoticeTemplates* find(std::string_view name) const;

private:
    friend NoticeLocales load_notice_locales(
        FileSource& files, const Tailor& tailor, Diagnostics& diagnostics
    );
    std::string language_;  // IMTA_LANG
    std::string root_;      // the directory it is in
    std::optional<NoticeTemplates> standard_;
    std::map<std::string, NoticeTemplates, std::less<>> others_;  // by directory, with final "/"
};

/// Findings besides those of load_notice_templates(): W465 IMTA_LANG is set and nothing is there.
NoticeLocales load_notice_locales(
    FileSource& files, const Tailor& tailor, Diagnostics& diagnostics
);

}  // namespace sluice::config
