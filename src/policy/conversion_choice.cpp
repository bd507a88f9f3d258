#include "policy/conversion_choice.h"

#include "base/bytes.h"

namespace sluice::policy {

using config::OptionId;
using Kind = ConversionChoice::Kind;

namespace {

constexpr std::string_view table = "CONVERSIONS";
/// Bit of INCLUDE_CONVERSIONTAG.
constexpr std::int64_t tags_in_probe = 2;

std::string probe_text(const config::Options& options, const ConversionProbe& probe) {
    std::string text = "IN-CHAN=" + std::string(probe.source_channel) +
                       ";OUT-CHAN=" + std::string(probe.destination_channel) + ';';
    if (options.bit(OptionId::include_conversiontag, tags_in_probe)) {
        text += "TAG=";
        for (std::size_t i = 0; i < probe.tags.size(); ++i) {
            text += (i == 0 ? "" : ",") + probe.tags[i];
        }
        text += ';';
    }
    return text + "CONVERT";
}

// A message that could not be converted must not slip past the conversion, which may well be what
// keeps viruses out: it waits at its sender until the table is right.
std::string why_unusable(const config::Configuration& configuration, const std::string& name) {
    if (!starts_with_ignoring_case(name, conversion_channel))
        return "CONVERSIONS names channel " + name + ", whose name does not begin with conversion";
    if (configuration.imta.channels.find(name) == nullptr)
        return "CONVERSIONS names channel " + name + ", which does not exist";
    return {};
}

}  // namespace

ConversionKeywords parse_conversion_keywords(std::string_view output) {
    ConversionKeywords keywords;
    bool in_tags = false;  // words behind Tag= that are no keywords are tags too
    for (std::string_view word : split(output, ',')) {
        word = trim(word);
        const std::size_t equals = word.find('=');
        const std::string_view name = trim(word.substr(0, equals));
        const std::string_view value =
            equals == std::string_view::npos ? "" : trim(word.substr(equals + 1));
        if (equals != std::string_view::npos && equals_ignoring_case(name, "tag")) {
            in_tags = true;
            if (!value.empty()) keywords.tags.emplace_back(value);
            continue;
        }
        if (equals != std::string_view::npos && equals_ignoring_case(name, "channel")) {
            if (!value.empty()) keywords.channel = to_lower(value);
        } else if (equals_ignoring_case(word, "yes") || equals_ignoring_case(word, "no")) {
            keywords.yes = equals_ignoring_case(word, "yes");
        } else if (in_tags && equals == std::string_view::npos && !word.empty()) {
            keywords.tags.emplace_back(word);
            continue;
        }
        in_tags = false;
    }
    return keywords;
}

ConversionChoice find_conversion(
    const config::Configuration& configuration,
    const ConversionProbe& probe,
    mapping::Answers& answers,
    const TableNotes& notes
) {
    ConversionChoice choice;
    if (configuration.mappings.find(table) == nullptr) return choice;
    const mapping::Outcome outcome = probe_table(
        configuration, table, probe_text(configuration.options, probe), {}, answers, notes
    );
    if (outcome.pending || (outcome.temporary_failure && !outcome.matched)) {
        choice.kind = Kind::not_now;
        choice.text = "CONVERSIONS has no answer now";
        return choice;
    }
    if (!outcome.matched) {
        choice.text = "no conversion: no entry of CONVERSIONS matches";
        return choice;
    }
    ConversionKeywords keywords = parse_conversion_keywords(outcome.output);
    choice.tags = std::move(keywords.tags);
    if (!keywords.yes) {
        choice.text = "no conversion: CONVERSIONS says `" + outcome.output + '`';
        return choice;
    }
    choice.text = why_unusable(configuration, keywords.channel);
    if (!choice.text.empty()) {
        choice.kind = Kind::unusable;
        return choice;
    }
    if (equals_ignoring_case(keywords.channel, probe.source_channel)) {
        choice.text = "no conversion: channel " + keywords.channel + " just had the message";
        return choice;
    }
    choice.kind = Kind::first;
    choice.channel = configuration.imta.channels.find(keywords.channel)->name();
    choice.text = "conversion by channel " + choice.channel;
    return choice;
}

}  // namespace sluice::policy
