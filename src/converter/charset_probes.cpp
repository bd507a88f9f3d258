#include "converter/charset_probes.h"

#include "converter/text_labels.h"
#include "mapping/engine.h"
#include "message/charset_converter.h"

namespace sluice::converter {

using config::OptionId;
using conversion::ReformatKeywords;
using message::CharsetChange;
using Kind = ReformatChoice::Kind;

namespace {

constexpr std::string_view table = "CHARSET-CONVERSION";
/// Bit of INCLUDE_CONVERSIONTAG.
constexpr std::int64_t tags_in_probe = 1;

std::string channels_of(const ReformatWay& way) {
    return "IN-CHAN=" + way.in_channel + ";OUT-CHAN=" + way.out_channel + ';';
}

bool has_no_answer(const mapping::Outcome& outcome) {
    return outcome.temporary_failure && !outcome.matched;
}

}  // namespace

namespace {

ReformatChoice ask_table(
    const config::Configuration& configuration, const ReformatWay& way, mapping::Answers& answers
) {
    ReformatChoice choice;
    if (configuration.mappings.find(table) == nullptr) return choice;
    std::string probe = channels_of(way);
    if (configuration.options.bit(OptionId::include_conversiontag, tags_in_probe)) {
        std::string tags;
        for (const std::string& tag : way.tags) tags += (tags.empty() ? "" : ",") + tag;
        probe += "TAG=" + tags + ';';
    }
    probe += "CONVERT";
    const auto outcome = mapping::probe(configuration.mappings, table, probe, {}, answers);
    choice.text = probe + ": ";
    if (outcome.pending || has_no_answer(outcome)) {
        choice.kind = outcome.pending ? Kind::pending : Kind::not_now;
        choice.text += "no answer now";
        return choice;
    }
    if (!outcome.matched) {
        choice.text += "no entry matches";
        return choice;
    }
    choice.text += '`' + outcome.output + '`';
    choice.keywords = conversion::parse_reformat_keywords(outcome.output);
    using When = ReformatKeywords::When;
    if (choice.keywords.when == When::never) return choice;
    if (choice.keywords.when == When::unless_converted && way.goes_by_conversion) {
        choice.text += ", not before the conversion channel";
        return choice;
    }
    choice.kind = Kind::reformat;
    return choice;
}

}  // namespace

ReformatChoice choose_reformat(
    const config::Configuration& configuration, const ReformatWay& way, mapping::Answers& answers
) {
    ReformatChoice choice = ask_table(configuration, way, answers);
    if (choice.kind != Kind::none || !text_labels_of(configuration, way.in_channel).any())
        return choice;
    choice.kind = Kind::reformat;
    choice.keywords = {};
    choice.text += choice.text.empty() ? "" : ", ";
    choice.text += "text of channel " + way.in_channel + " is labelled";
    return choice;
}

CharsetProbes::CharsetProbes(
    const config::Configuration& configuration,
    const ReformatWay& way,
    mapping::Answers& answers,
    std::vector<std::string>& warnings
)
    : configuration_(configuration),
      probe_(channels_of(way) + "IN-CHARSET="),
      answers_(answers),
      warnings_(warnings) {}

CharsetChange CharsetProbes::change_of(std::string_view charset) {
    if (!message::is_charset_name(charset)) return {};
    const auto found = known_.find(charset);
    if (found != known_.end()) return found->second;
    if (known_.size() >= most_charsets) return {};
    return known_.emplace(charset, ask(charset)).first->second;
}

CharsetChange CharsetProbes::ask(std::string_view charset) {
    const auto outcome =
        mapping::probe(configuration_.mappings, table, probe_ + std::string(charset), {}, answers_);
    if (outcome.pending || has_no_answer(outcome)) {
        not_now_ = true;
        return {};
    }
    if (!outcome.matched) return {};
    CharsetChange change = conversion::parse_charset_change(outcome.output);
    const auto is_known = [&](const std::string& name) {
        if (message::is_known_charset(name)) return true;
        warnings_.push_back(
            "CHARSET-CONVERSION: character set " + printable(name) + " is not known"
        );
        return false;
    };
    if (!change.label.empty() && !is_known(change.label)) change.label.clear();
    if (equals_ignoring_case(change.label, charset)) change.label.clear();
    const std::string from = change.label.empty() ? std::string(charset) : change.label;
    if (equals_ignoring_case(change.target, from)) change.target.clear();
    if (!change.target.empty() && !(is_known(from) && is_known(change.target)))
        change.target.clear();
    return change;
}

}  // namespace sluice::converter
