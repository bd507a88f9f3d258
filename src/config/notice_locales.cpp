#include "config/notice_locales.h"

#include <algorithm>
#include <memory>

#include "base/bytes.h"

namespace sluice::config {

namespace {

/// "/a/b/" for "/a/b/c/"; empty where there is nothing above.
std::string parent_of(std::string_view directory) {
    if (directory.ends_with('/')) directory.remove_suffix(1);
    const std::size_t slash = directory.rfind('/');
    return slash == std::string_view::npos ? std::string()
                                           : std::string(directory.substr(0, slash + 1));
}

bool leads_up(std::string_view path) {
    const auto steps = split(path, '/');
    return std::find(steps.begin(), steps.end(), "..") != steps.end();
}

}  // namespace

const NoticeTemplates* NoticeLocales::find(std::string_view name) const {
    if (name.empty() || leads_up(name)) return nullptr;
    std::string directory(name);
    if (!directory.ends_with('/')) directory += '/';
    if (directory == language_) return &standard();
    for (const std::string& start : {std::string(), language_, root_}) {
        if (const auto found = others_.find(start + directory); found != others_.end())
            return &found->second;
        if (start + directory == language_) return &standard();
    }
    return nullptr;
}

NoticeLocales load_notice_locales(
    FileSource& files, const Tailor& tailor, Diagnostics& diagnostics
) {
    NoticeLocales locales;
    locales.language_ = tailor.path(TailorEntry::lang);
    locales.root_ = parent_of(locales.language_);
    bool found = false;
    NoticeTemplates standard = load_notice_templates(files, locales.language_, diagnostics, found);
    if (found) {
        locales.standard_ = std::move(standard);
    } else if (tailor.is_set(TailorEntry::lang)) {
        diagnostics.warning(
            {std::make_shared<const std::string>(tailor.file()), 0, 0}, "W465",
            "IMTA_LANG: no notification template in " + locales.language_, {},
            "the built-in texts are used"
        );
    }
    for (const std::string& start : {locales.language_, locales.root_}) {
        if (start.empty()) continue;
        for (const std::string& name : files.directories_below(start)) {
            const std::string directory = start + name + '/';
            if (directory == locales.language_) continue;
            NoticeTemplates other = load_notice_templates(files, directory, diagnostics, found);
            if (found) locales.others_.emplace(directory, std::move(other));
        }
    }
    return locales;
}

}  // namespace sluice::config
