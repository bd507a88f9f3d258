#include "access/verdict.h"

#include <iterator>
#include <utility>

namespace sluice::access {

namespace {

template <class T>
void append(std::vector<T>& list, std::vector<T> more) {
    std::move(more.begin(), more.end(), std::back_inserter(list));
}

template <class T>
void replace_if_set(std::optional<T>& value, std::optional<T> later) {
    if (later) value = std::move(later);
}

void lower(std::optional<std::uint64_t>& limit, const std::optional<std::uint64_t>& other) {
    if (other && (!limit || *other < *limit)) limit = other;
}

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const auto& text : texts) {
        if (!all.empty()) all += ',';
        all += text;
    }
    return all;
}

/// A blank-separated list of effects under construction.
class EffectList {
public:
    void add(std::string_view effect) {
        if (!text_.empty()) text_ += ' ';
        text_ += effect;
    }
    void add_if(bool condition, std::string_view effect) {
        if (condition) add(effect);
    }
    void add_value(std::string_view name, const std::optional<std::string>& value) {
        if (value) add(std::string(name) + '=' + *value);
    }
    void add_number(std::string_view name, const std::optional<std::uint64_t>& value) {
        if (value) add(std::string(name) + '=' + std::to_string(*value));
    }
    [[nodiscard]] std::string text() const { return text_.empty() ? "-" : text_; }

private:
    std::string text_;
};

}  // namespace

void Verdict::merge(Verdict later) {
    decision = later.decision;
    pending = pending || later.pending;
    matched = matched || later.matched;
    temporary_failure = temporary_failure || later.temporary_failure;
    reply = std::move(later.reply);
    close = close || later.close;
    transport_record = transport_record || later.transport_record;
    if (!later.log_text.empty()) log_text = std::move(later.log_text);
    if (!later.rule_set.empty()) rule_set = std::move(later.rule_set);
    const bool accepts = !refused();
    bitbucket = accepts && (bitbucket || later.bitbucket);
    hold = accepts && (hold || later.hold);
    discard = accepts && (discard || later.discard);
    jettison = accepts && (jettison || later.jettison);
    no_vacation = no_vacation || later.no_vacation;
    replace_if_set(delay, later.delay);
    replace_if_set(debug_level, later.debug_level);
    append(syslog, std::move(later.syslog));
    replace_if_set(new_from, std::move(later.new_from));
    replace_if_set(new_sender, std::move(later.new_sender));
    append(subject_tags, std::move(later.subject_tags));
    append(headers, std::move(later.headers));
    append(conversion_tags, std::move(later.conversion_tags));
    append(spam_adjustments, std::move(later.spam_adjustments));
    lower(limits.blocks, later.limits.blocks);
    lower(limits.recipients, later.limits.recipients);
    lower(limits.recipient_cutoff, later.limits.recipient_cutoff);
    append(warnings, std::move(later.warnings));
    if (later.matched || table.empty()) {
        table = std::move(later.table);
        decided_by = std::move(later.decided_by);
    }
}

std::string Verdict::effects() const {
    EffectList list;
    if (delay) {
        list.add(
            "delay=" + std::to_string(delay->pause.count() / 10) +
            (delay->whole_transaction ? ",all" : ",this")
        );
    }
    if (debug_level) list.add("debug=" + std::to_string(*debug_level));
    list.add_value("from", new_from);
    list.add_value("sender", new_sender);
    for (const auto& tag : subject_tags) list.add("tag=" + tag);
    for (const auto& header : headers) list.add("header=\"" + header + '"');
    if (!conversion_tags.empty()) list.add("tags=" + joined(conversion_tags));
    for (const auto& text : syslog) list.add("syslog=" + text);
    if (!rule_set.empty()) list.add("ruleset=" + rule_set);
    if (!log_text.empty()) list.add("log=" + log_text);
    for (const auto& adjustment : spam_adjustments) list.add("spamadjust=" + adjustment);
    list.add_number("blocklimit", limits.blocks);
    list.add_number("recipientlimit", limits.recipients);
    list.add_number("recipientcutoff", limits.recipient_cutoff);
    list.add_if(bitbucket, "bitbucket");
    list.add_if(hold, "hold");
    list.add_if(discard, "discard");
    list.add_if(jettison, "jettison");
    list.add_if(close, "close");
    list.add_if(transport_record, "transport-record");
    list.add_if(no_vacation, "novacation");
    list.add_if(!warnings.empty(), "warning");
    return list.text();
}

std::string Verdict::to_debug_string() const {
    if (pending) return "pending";
    std::string text = refused() ? "refuse" : "permit";
    for (const auto& line : reply.lines) text += ' ' + line;
    return text + " [" + effects() + ']';
}

}  // namespace sluice::access
