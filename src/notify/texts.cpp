#include "notify/texts.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "base/utf8.h"
#include "message/charset.h"
#include "message/date.h"
#include "notify/delivery_status.h"
#include "notify/shown_header.h"
#include "notify/templates.h"

namespace sluice::notify {

namespace {

constexpr std::size_t text_width = 76;

const config::NoticeTemplates& templates_of(const NoticeSettings& settings) {
    return settings.templates != nullptr ? *settings.templates : config::builtin_notice_templates();
}

// An empty label leaves the line out.
void add_line(std::string& out, std::string_view label, std::string_view value) {
    const std::string clean = clean_text(value);
    if (!clean.empty() && !label.empty()) out += "  " + wrapped_line(clean_text(label), clean);
}

void add_recipient(
    std::string& out,
    NoticeKind kind,
    const NoticeRecipient& recipient,
    const NoticeSettings& settings
) {
    const config::NoticeTemplates& templates = templates_of(settings);
    const config::NoticeLabels& labels = templates.labels;
    const bool has_original = !recipient.original_address.empty();
    const bool show_final = settings.show_final_address || !has_original;
    if (!out.empty()) out += '\n';
    if (show_final) add_line(out, labels.recipient_address, recipient.final_address);
    if (has_original && (!show_final || recipient.original_address != recipient.final_address)) {
        add_line(out, labels.original_address, recipient.original_address);
    }
    add_line(out, labels.reason, recipient.reason);
    add_line(out, labels.remote_system, recipient.remote_host);
    add_line(out, labels.diagnostic_code, recipient.diagnostic);
    add_line(out, labels.connection, recipient.diagnostic_extra);
    const auto extra = templates.status_texts.find(reported_status(kind, recipient).to_string());
    if (extra == templates.status_texts.end() || extra->second.empty()) return;
    out += "  " + wrapped_line("", clean_text(extra->second));
}

std::string recipient_list(const Notice& notice, const NoticeSettings& settings) {
    std::string out;
    for (const NoticeRecipient& recipient : notice.recipients)
        add_recipient(out, notice.kind, recipient, settings);
    return out;
}

std::string history_text(
    const Notice& notice, const NoticeSettings& settings, const TimeZone& zone
) {
    const std::string heading = clean_text(templates_of(settings).labels.history);
    if (!settings.delivery_history || notice.history.empty() || heading.empty()) return {};
    const std::size_t shown = std::min(settings.history_to_return, notice.history.size());
    std::string out = '\n' + heading + '\n';
    for (std::size_t i = notice.history.size() - shown; i < notice.history.size(); ++i) {
        const HistoryEntry& entry = notice.history[i];
        out += "  " + wrapped_line(message::format_date(entry.time, zone), clean_text(entry.text));
    }
    return out;
}

/// What is put into the templates, UTF-8.
struct Material {
    Substitutions values;
    std::string history;
};

/// The three texts with everything in its place; nullopt where the charset lacks characters.
std::optional<std::string> composed(
    const config::NoticeTemplates& templates,
    NoticeKind kind,
    const Material& material,
    std::string_view charset
) {
    Substitutions values = material.values;
    const auto header = without_loss(charset, values.header);
    const auto recipients = without_loss(charset, values.recipients);
    const auto history = without_loss(charset, material.history);
    const auto unit = without_loss(charset, values.unit_name.value_or(""));
    if (!header || !recipients || !history || !unit) return std::nullopt;
    values.header = *header;
    values.recipients = *recipients;
    if (values.unit_name) values.unit_name = *unit;
    // Templates are octets of their own charset, and are expanded as such.
    const auto text = [&](std::string_view octets) {
        if (charset == templates.charset) return std::string(octets);
        return message::to_utf8(templates.charset, octets).value_or(std::string(octets));
    };
    TemplateExpander expander(values);
    std::string out = expander.expand(text(templates.prefix));
    if (!out.empty() && !out.ends_with("\n\n")) out += '\n';
    out += expander.expand(text(templates.middle(template_name(kind))));
    // %R brings the line end of its last line along.
    while (out.ends_with("\n\n")) out.pop_back();
    out += *history;
    return out + expander.expand(text(templates.suffix));
}

}  // namespace

std::string wrapped_line(std::string_view label, std::string_view value) {
    constexpr std::size_t longest_word = 900;
    std::string out(label);
    std::size_t column = out.size() + 2;  // lists stand two columns to the right
    for (std::string_view word : split_words(value)) {
        word = word.substr(0, longest_word);
        if (column + 1 + word.size() > text_width && column > 4) {
            out += "\n   ";
            column = 3;
        }
        if (!out.empty()) out += ' ';
        out += word;
        column += 1 + word.size();
    }
    return out + '\n';
}

std::string clean_text(std::string_view text, std::size_t limit) {
    std::string out;
    for (std::size_t i = 0; i < text.size() && out.size() < limit;) {
        const char c = text[i];
        const std::size_t length = utf8_sequence_length(text.substr(i));
        if (length > 1) {
            out += text.substr(i, length);
        } else if (static_cast<unsigned char>(c) >= 0x80) {
            out += '?';
        } else {
            out += is_control(c) ? ' ' : c;
        }
        i += std::max<std::size_t>(length, 1);
    }
    return std::string(trim(out));
}

std::string_view subject_text(NoticeKind kind, const NoticeSettings& settings) {
    return templates_of(settings).subject_of(template_name(kind));
}

std::string_view action_word(NoticeKind kind) {
    if (is_failure(kind)) return "failed";
    if (is_warning(kind)) return "delayed";
    if (kind == NoticeKind::delivered) return "delivered";
    return kind == NoticeKind::relayed ? "relayed" : "expanded";
}

NoticeText notice_text(
    const Notice& notice,
    const NoticeSettings& settings,
    const TimeZone& zone,
    std::string_view original_header
) {
    const config::NoticeTemplates& templates = templates_of(settings);
    Material material;
    Substitutions& values = material.values;
    values.queued = notice.units_queued;
    values.left = notice.units_left;
    values.total = notice.units_total;
    values.unit = settings.unit;
    values.unit_name =
        settings.unit == QueueUnit::hours ? templates.labels.hour : templates.labels.day;
    values.recipients = recipient_list(notice, settings);
    values.header = shown_header(
        original_header, templates.shown_header, settings.header_decoding, templates.charset
    );
    material.history = history_text(notice, settings, zone);
    for (const std::string& charset : {templates.charset, std::string("utf-8")}) {
        if (auto text = composed(templates, notice.kind, material, charset)) {
            const bool is_mislabelled = charset == "us-ascii" && !is_ascii(*text);
            return {std::move(*text), is_mislabelled ? "utf-8" : charset, templates.language};
        }
    }
    return {};  // never: UTF-8 has every character
}

}  // namespace sluice::notify
