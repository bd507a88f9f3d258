#include "filter/judgement.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "access/filter_table.h"
#include "base/bytes.h"
#include "message/header_field.h"
#include "policy/recipient.h"

namespace sluice::filter {

namespace {

using config::FilterAction;
using config::FilterFailure;
using milter::Verdict;

/// Keyword of the hold reason (docs/formats/queue-file.md), then whose it is.
std::string hold_reason(int number, const std::string& text) {
    std::string reason = "milter filter " + std::to_string(number);
    if (!text.empty()) reason += ": " + printable(text);
    return reason;
}

/// The filter's own words about the message; empty where it has nothing to say.
std::string words_of(const Verdict& verdict, const milter::Changes& changes) {
    std::string text = verdict.reason;
    for (const std::string& line : verdict.reply.lines) text += (text.empty() ? "" : " ") + line;
    if (!text.empty()) return text;
    for (const milter::Change& change : changes) {
        if (const auto* quarantine = std::get_if<milter::Quarantine>(&change))
            return quarantine->reason;
    }
    return {};
}

bool is_quarantined(const milter::Changes& changes) {
    for (const milter::Change& change : changes) {
        if (std::holds_alternative<milter::Quarantine>(change)) return true;
    }
    return false;
}

std::vector<std::string> added_fields(const milter::Changes& changes) {
    std::vector<std::string> fields;
    const auto add = [&](const std::string& name, const std::string& value) {
        fields.push_back(name + ": " + message::unfold(value));
    };
    for (const milter::Change& change : changes) {
        if (const auto* added = std::get_if<milter::AddHeader>(&change))
            add(added->name, added->value);
        if (const auto* inserted = std::get_if<milter::InsertHeader>(&change))
            add(inserted->name, inserted->value);
    }
    return fields;
}

std::string with_words(const std::string& text, const std::string& words) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool variable =
            text[i] == '$' && i + 1 < text.size() && (text[i + 1] == 'M' || text[i + 1] == 'U');
        if (variable) {
            out += words;
            ++i;
        } else {
            out += text[i];
        }
    }
    return out;
}

void add_field(Judgement& judgement, const std::string& line) {
    const auto field = message::parse_header_field(line);
    if (!field) {
        judgement.warnings.push_back("\"" + printable(line) + "\" is no header field");
        return;
    }
    judgement.header_edits.push_back(
        {message::HeaderEdit::Kind::add, std::string(field->name),
         message::unfold(field->raw_value)}
    );
}

class Judge {
public:
    Judge(const PlannedFilter& planned, const Verdict& verdict, const milter::Changes& changes)
        : planned_(planned),
          verdict_(verdict),
          words_(words_of(verdict, changes)),
          quarantined_(is_quarantined(changes)) {}

    Judgement run() {
        if (verdict_.kind == Verdict::Kind::failure) {
            fail();
            return std::move(out_);
        }
        const config::FilterActions& actions =
            has_objection() ? planned_.filter->string_action : planned_.filter->null_action;
        if (actions.empty()) obey();
        for (const FilterAction& action : actions) apply(action);
        return std::move(out_);
    }

    [[nodiscard]] bool has_objection() const {
        return verdict_.refuses() || verdict_.kind == Verdict::Kind::discard || quarantined_;
    }
    [[nodiscard]] const std::string& words() const { return words_; }
    /// For the table.
    [[nodiscard]] std::string word() const {
        const bool passes =
            verdict_.kind == Verdict::Kind::proceed || verdict_.kind == Verdict::Kind::accept;
        if (passes) return quarantined_ ? "quarantine" : "accept";
        return std::string(to_word(verdict_.kind));
    }

private:
    void fail() {
        const FilterFailure mode = planned_.settings->on_failure;
        out_.refusal = refusal_after_failure(mode);
        out_.later = mode == FilterFailure::later;
        if (mode == FilterFailure::quarantine) out_.hold_reason = reason("no verdict");
    }

    void obey() {
        if (verdict_.refuses()) out_.refusal = verdict_.reply;
        out_.discard = out_.discard || verdict_.kind == Verdict::Kind::discard;
        if (quarantined_ && !out_.refusal) out_.hold_reason = reason(words_);
    }

    void apply(const FilterAction& action) {
        const std::string text = with_words(action.text, words_);
        switch (action.kind) {
            case FilterAction::Kind::obey:
                return obey();
            case FilterAction::Kind::keep:
                return;
            case FilterAction::Kind::discard:
                out_.discard = true;
                return;
            case FilterAction::Kind::hold:
                out_.hold_reason = reason(words_);
                return;
            case FilterAction::Kind::reject:
                out_.refusal = milter::ReplyText{550, {5, 7, 1}, {text}};
                return;
            case FilterAction::Kind::add_header:
                return add_field(out_, text);
            case FilterAction::Kind::add_tag:
                out_.header_edits.push_back({message::HeaderEdit::Kind::tag_subject, {}, text});
                return;
            case FilterAction::Kind::add_conversion_tag:
                out_.conversion_tags.push_back(text);
                return;
        }
    }

    [[nodiscard]] std::string reason(const std::string& text) const {
        return hold_reason(planned_.number(), text);
    }

    const PlannedFilter& planned_;
    const Verdict& verdict_;
    std::string words_;
    bool quarantined_;
    Judgement out_;
};

milter::ReplyText reply_of(const access::Reply& refusal) {
    milter::ReplyText reply{
        refusal.code, {static_cast<std::uint16_t>(refusal.code / 100), 7, 1}, {}};
    for (const std::string& line : refusal.lines) {
        std::string_view text = line.size() > 4 ? std::string_view(line).substr(4) : "";
        const auto status = parse_status_code(text.substr(0, text.find(' ')));
        if (status) {
            reply.status = *status;
            text.remove_prefix(std::min(text.find(' ') + 1, text.size()));
        }
        reply.lines.emplace_back(text);
    }
    return reply;
}

void take(access::FilterDecision decision, int number, const std::string& words, Judgement& out) {
    if (decision.pass) {
        out.refusal.reset();
        out.discard = false;
        out.later = false;
        out.hold_reason.clear();
    }
    if (decision.refusal) out.refusal = reply_of(*decision.refusal);
    out.discard = out.discard || decision.discard;
    if (decision.hold) out.hold_reason = hold_reason(number, words);
    if (decision.channel) out.channel = std::move(decision.channel);
    for (const std::string& line : decision.headers) add_field(out, line);
    for (const std::string& tag : decision.subject_tags)
        out.header_edits.push_back({message::HeaderEdit::Kind::tag_subject, {}, tag});
    std::move(
        decision.conversion_tags.begin(), decision.conversion_tags.end(),
        std::back_inserter(out.conversion_tags)
    );
    std::move(decision.syslog.begin(), decision.syslog.end(), std::back_inserter(out.syslog));
    std::move(decision.warnings.begin(), decision.warnings.end(), std::back_inserter(out.warnings));
}

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
    std::move(from.begin(), from.end(), std::back_inserter(to));
}

}  // namespace

std::optional<milter::ReplyText> refusal_after_failure(FilterFailure mode) {
    switch (mode) {
        case FilterFailure::tempfail:
            return milter::ReplyText{
                451, {4, 7, 1}, {"a filter of this site is not available, try again later"}};
        case FilterFailure::reject:
            return milter::ReplyText{550, {5, 7, 1}, {"a filter of this site is not available"}};
        case FilterFailure::accept:
        case FilterFailure::later:
        case FilterFailure::quarantine:
            break;
    }
    return std::nullopt;
}

void Judgement::add(Judgement next) {
    if (next.refusal) refusal = std::move(next.refusal);
    discard = discard || next.discard;
    later = later || next.later;
    if (hold_reason.empty()) hold_reason = std::move(next.hold_reason);
    if (next.channel) channel = std::move(next.channel);
    append(header_edits, next.header_edits);
    append(conversion_tags, next.conversion_tags);
    append(syslog, next.syslog);
    append(warnings, next.warnings);
    if (!log_text.empty() && !next.log_text.empty()) log_text += ' ';
    log_text += next.log_text;
}

Judgement judge(
    const config::Configuration& configuration,
    const PlannedFilter& planned,
    const Occasion& occasion,
    const milter::Verdict& verdict,
    const milter::Changes& changes,
    mapping::Answers& answers
) {
    Judge made(planned, verdict, changes);
    Judgement judgement = made.run();
    const access::Options options = policy::access_options(configuration);
    const access::Context context{configuration.mappings, options, answers, nullptr};
    access::FilterReport report;
    report.filter = planned.number();
    report.source_channel = occasion.source_channel;
    report.destination_channel = occasion.destination_channel;
    report.sender = occasion.sender;
    report.verdict = made.word();
    report.text = made.words();
    report.added_fields = added_fields(changes);
    access::FilterDecision decision = access::check_filter(context, report);
    judgement.pending = decision.pending;
    judgement.log_text = std::to_string(planned.number()) + ':' + made.word();
    if (!judgement.pending) take(std::move(decision), planned.number(), made.words(), judgement);
    return judgement;
}

}  // namespace sluice::filter
