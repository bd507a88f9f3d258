#include "tracking/selection.h"

#include "base/bytes.h"
#include "tracking/entry_text.h"

namespace sluice::tracking {

namespace {

using log::Event;

std::string_view bare(std::string_view text) {
    if (text.starts_with('<')) text.remove_prefix(1);
    if (text.ends_with('>')) text.remove_suffix(1);
    return text;
}

// Of a whole name the part that stays; that part itself has no ending.
std::string_view wanted_file(std::string_view file) {
    return file.find('.') == std::string_view::npos ? file : unique_part(file);
}

bool same(std::string_view wanted, std::string_view text) {
    return equals_ignoring_case(bare(wanted), bare(text));
}

// "dns;mx.example (", "SMTP/initial/dns".
bool names_host(std::string_view text, std::string_view pattern, TextMatch match) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        const bool part =
            i < text.size() && (is_alnum(text[i]) || text[i] == '.' || text[i] == '-');
        if (part) continue;
        if (i > begin && match(pattern, text.substr(begin, i - begin))) return true;
        begin = i + 1;
    }
    return false;
}

bool matches_host(const Event& event, std::string_view pattern, TextMatch match) {
    const std::string_view diagnostic = event.diagnostic;
    const std::size_t dns = diagnostic.find("dns;");
    const std::string_view named =
        dns == std::string_view::npos
            ? std::string_view()
            : diagnostic.substr(dns + 4, diagnostic.find(' ', dns) - dns - 4);
    return match(pattern, event.remote_host) || match(pattern, event.source.name) ||
           match(pattern, event.source.reverse_name) || match(pattern, named) ||
           names_host(event.application, pattern, match);
}

bool matches_client(const Event& event, const IpAddress& client) {
    return event.source.address == client ||
           (event.transport && event.transport->remote.address == client);
}

bool is_wildcard(char c) {
    return c == '*' || c == '?' || c == '%';
}

// The longest piece of a pattern without wildcards.
FindText find_text(std::string_view pattern) {
    std::string_view best;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= pattern.size(); ++i) {
        if (i < pattern.size() && !is_wildcard(pattern[i])) continue;
        if (i - begin > best.size()) best = pattern.substr(begin, i - begin);
        begin = i + 1;
    }
    const bool whole = best.size() == pattern.size();
    // "*@domain": the domain is a word of its own.
    const bool domain = !whole && best.starts_with('@') && pattern.ends_with(best);
    if (domain) best.remove_prefix(1);
    return {to_lower(best), !whole && !domain};
}

bool is_plain_ascii(std::string_view text) {
    for (const char c : text) {
        // What the log escapes is not found as it was typed.
        if (static_cast<unsigned char>(c) >= 0x7f || c <= ' ' || c == '&' || c == '"' || c == '\\')
            return false;
    }
    return !text.empty();
}

}  // namespace

bool Selection::is_open() const {
    return message_id.empty() && envelope_id.empty() && file.empty() && sender.empty() &&
           recipient.empty() && host.empty() && !client && !session;
}

bool Selection::matches_names(const Record& record, const Event& event) const {
    if (!message_id.empty() && !same(message_id, event.message_id) &&
        !same(message_id, event.original_message_id))
        return false;
    // qmail and Post.Office call their own number or id what an envelope id is here.
    if (!envelope_id.empty() && !same(envelope_id, event.envelope_id) &&
        !same(envelope_id, record.field("msg")) && !same(envelope_id, record.field("id")))
        return false;
    if (file.empty()) return true;
    const std::string_view unique = unique_part(event.file_name);
    return !unique.empty() && equals_ignoring_case(unique, wanted_file(file));
}

bool Selection::matches_event(const Record& record, const Event& event, TextMatch match) const {
    if (!matches_names(record, event)) return false;
    if (!sender.empty() && !match(sender == "<>" ? "" : bare(sender), event.sender)) return false;
    if (!recipient.empty() && !match(bare(recipient), event.recipient) &&
        !match(bare(recipient), event.original_recipient))
        return false;
    if (!host.empty() && !matches_host(event, host, match)) return false;
    if (client && !matches_client(event, *client)) return false;
    return !session || event.session == *session;
}

bool Selection::matches(const Record& record, TextMatch match) const {
    if (record.stamp.time) {
        if (since && *record.stamp.time < *since) return false;
        if (until && *record.stamp.time > *until) return false;
    } else if (since || until) {
        return false;
    }
    if (is_open()) return record.understood();
    for (const Event& event : record.events) {
        if (matches_event(record, event, match)) return true;
    }
    // Lines without an event still have an id.
    return record.events.empty() && !envelope_id.empty() && matches_event(record, {}, match);
}

std::vector<FindText> Selection::find_texts() const {
    std::vector<FindText> texts;
    const auto add = [&](FindText text) {
        if (is_plain_ascii(text.text)) texts.push_back(std::move(text));
    };
    add({to_lower(bare(message_id)), false});
    add({to_lower(envelope_id), false});
    add({to_lower(wanted_file(file)), false});
    if (sender != "<>") add(find_text(bare(sender)));
    add(find_text(bare(recipient)));
    add(find_text(host));
    if (client) add({client->to_string(), false});
    return texts;
}

}  // namespace sluice::tracking
