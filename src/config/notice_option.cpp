// return_option.opt: words of notifications that are no template of their own.
#include "config/notice_templates.h"
#include "config/option_file.h"
#include "config/option_value.h"
#include "message/charset.h"

namespace sluice::config {

namespace {

constexpr std::size_t longest_value = 500;

constexpr std::string_view option_names[] = {
    "DAY",
    "HOUR",
    "DIAGNOSTIC_CODE",
    "ORIGINAL_ADDRESS",
    "RECIPIENT_ADDRESS",
    "REASON",
    "REMOTE_SYSTEM",
    "CONNECTION",
    "HISTORY",
    "RETURN_PERSONAL",
    "SUBJECT",
    "SUBJECT_FAILED",
    "SUBJECT_BOUNCED",
    "SUBJECT_TIMEDOUT",
    "SUBJECT_DELAYED",
    "SUBJECT_DEFERRED",
    "SUBJECT_DELIVERED",
    "SUBJECT_FORWARDED",
    "SUBJECT_EXPANDED",
};

std::string* find_text(NoticeTemplates& templates, std::string_view name) {
    struct Row {
        std::string_view name;
        std::string* text;
    };
    NoticeLabels& labels = templates.labels;
    const Row rows[] = {
        {"DIAGNOSTIC_CODE", &labels.diagnostic_code},
        {"ORIGINAL_ADDRESS", &labels.original_address},
        {"RECIPIENT_ADDRESS", &labels.recipient_address},
        {"REASON", &labels.reason},
        {"REMOTE_SYSTEM", &labels.remote_system},
        {"CONNECTION", &labels.connection},
        {"HISTORY", &labels.history},
        {"RETURN_PERSONAL", &templates.personal},
        {"SUBJECT", &templates.subject},
    };
    for (const Row& row : rows) {
        if (equals_ignoring_case(name, row.name)) return row.text;
    }
    return nullptr;
}

void take(
    const Setting& setting, std::string value, NoticeTemplates& templates, Diagnostics& diagnostics
) {
    constexpr std::string_view subject_of = "SUBJECT_";
    const std::string& name = setting.name;
    if (std::string* text = find_text(templates, name)) {
        *text = std::move(value);
    } else if (equals_ignoring_case(name, "DAY")) {
        templates.labels.day = std::move(value);
    } else if (equals_ignoring_case(name, "HOUR")) {
        templates.labels.hour = std::move(value);
    } else if (starts_with_ignoring_case(name, subject_of) &&
               builtin_notice_templates().subjects.count(to_lower(name.substr(subject_of.size()))
               ) == 1) {
        templates.subjects[to_lower(name.substr(subject_of.size()))] = std::move(value);
    } else if (parse_status_code(name)) {
        templates.status_texts[name] = std::move(value);
    } else {
        report_unknown(setting, "option", option_names, diagnostics);
    }
}

}  // namespace

void parse_notice_options(
    std::string_view text,
    std::string_view file_name,
    NoticeTemplates& templates,
    Diagnostics& diagnostics
) {
    const OptionFile file = parse_option_file(text, file_name, {}, diagnostics);
    for (const Setting& setting : file.globals().settings) {
        auto value = message::to_utf8(templates.charset, setting.value);
        if (!value || value->size() > longest_value) {
            diagnostics.warning(
                setting.value_where, "W462",
                setting.name +
                    (value ? " is too long" : " is not in the charset " + templates.charset) +
                    " and not used"
            );
            continue;
        }
        take(setting, std::move(*value), templates, diagnostics);
    }
}

}  // namespace sluice::config
