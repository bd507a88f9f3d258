#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/notice_templates.h"
#include "notify/notice.h"

// From a template to text: the substitutions of notifications.md section 3.1. Pure.
namespace sluice::notify {

/// Values behind the substitutions, in the charset of the template.
struct Substitutions {
    unsigned queued = 0;  ///< %C
    unsigned left = 0;    ///< %L
    unsigned total = 0;   ///< %F
    QueueUnit unit = QueueUnit::days;
    std::optional<std::string> unit_name;  ///< for %U and %u; unset: English
    std::string header;                    ///< %H
    std::string recipients;                ///< %R
};

/// Expands templates one after the other: a number in one sets the plural of the next.
class TemplateExpander {
public:
    explicit TemplateExpander(const Substitutions& values) : values_(values) {}
    /// %H %C %L %F %S %s %U %u %R %%; other sequences stay as they are.
    [[nodiscard]] std::string expand(std::string_view text);

private:
    std::string substitute(char code);
    std::string number(unsigned value);

    const Substitutions& values_;
    unsigned last_number_ = 0;
};

/// The name that template files and mapping probes have for a kind: "failed", "timedout".
[[nodiscard]] std::string_view template_name(NoticeKind kind);

/// UTF-8 text in a charset; nullopt where characters would be lost.
[[nodiscard]] std::optional<std::string> without_loss(
    std::string_view charset, std::string_view utf8
);

}  // namespace sluice::notify
