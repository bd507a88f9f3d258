#include "converter/part_reformat.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "converter/converter.h"
#include "message/charset_converter.h"
#include "message/raw_words.h"
#include "message/word_charset.h"

namespace sluice::converter {

using message::ContentMode;
using message::MimePart;
using message::TransferEncoding;

namespace {

/// Headers are looked at as far as scanners read them; longer ones stay.
constexpr std::uint64_t longest_changed_header = 256UL * 1024;
/// Octets of encoded words that are changed in one message.
constexpr std::size_t most_word_octets = 512UL * 1024;

class CharsetFilter final : public message::ContentFilter {
public:
    explicit CharsetFilter(std::unique_ptr<message::CharsetConverter> converter)
        : converter_(std::move(converter)) {}
    void feed(std::string_view bytes, std::string& out) override { converter_->feed(bytes, out); }
    void finish(std::string& out) override { converter_->finish(out); }

private:
    std::unique_ptr<message::CharsetConverter> converter_;
};

/// In which encoding a text goes on that is in another set now; that of before where it fits.
TransferEncoding encoding_for(
    const message::ContentSurvey& survey, TransferEncoding before, bool keeps_ascii
) {
    if (!keeps_ascii) return TransferEncoding::base64;
    if (message::is_transformed(before)) return before;
    const auto needed = survey.seven_bit_encoding(true);
    const bool only_eight_bit = needed != TransferEncoding::seven_bit && !survey.has_nul() &&
                                !survey.has_bare_line_end() && survey.longest_line() <= 998;
    if (needed == TransferEncoding::seven_bit) return before;
    return only_eight_bit && before != TransferEncoding::seven_bit ? before : needed;
}

}  // namespace

PartReformat::PartReformat(
    const ReformatTask& task,
    std::shared_ptr<ByteSource> source,
    const message::MimeParts& parts,
    message::MimeEdits& edits,
    const Notes& notes
)
    : task_(task),
      source_(std::move(source)),
      parts_(parts),
      edits_(edits),
      notes_(notes),
      subjects_(*source_, parts_),
      probes_(task.configuration, task.way, task.answers, notes.warnings),
      unlabelled_(text_labels_of(task.configuration, task.way.in_channel)),
      converts_(task.keywords.when != conversion::ReformatKeywords::When::never) {}

Result<void> PartReformat::run() {
    for (const MimePart& part : parts_) {
        if (is_sealed(part)) continue;
        if (auto taken = take(part); !taken) return taken;
        if (!probes_.not_now()) continue;
        return Error::temporary(
            {4, 3, 0}, "temporary failure", "CHARSET-CONVERSION has no answer now"
        );
    }
    return {};
}

/// RFC 1847 section 2.1: what is signed keeps every octet. The header of the multipart itself is
/// no part of it.
bool PartReformat::is_sealed(const MimePart& part) const {
    for (std::size_t i = part.parent; i != MimePart::none; i = parts_[i].parent) {
        const auto& type = parts_[i].type;
        if (type.is("multipart", "signed") || type.is("multipart", "encrypted")) return true;
    }
    return false;
}

void PartReformat::note(const MimePart& part, std::string what) {
    notes_.records.push_back({part.number, std::move(what)});
}

Result<void> PartReformat::take(const MimePart& part) {
    const bool is_readable = !part.trouble.header_cut && !part.trouble.no_blank_line &&
                             part.header.size() <= longest_changed_header;
    if (!is_readable) return {};
    if (auto taken = take_header(part); !taken) return taken;
    const conversion::Labels before = conversion::labels_of(part);
    auto after = relabelled(part, before);
    if (!after) return std::move(after).error();
    bool recoded = false;
    if (part.is_leaf() && after->type == "text") {
        const auto changed = change_charset(part, *after);
        if (!changed) return changed.error();
        recoded = *changed;
    }
    if (!recoded) change_encoding(part);
    const auto labels = labels_between(before, *after);
    if (labels != message::PartLabels()) edits_.set_labels(part.index, labels);
    return {};
}

Result<void> PartReformat::take_header(const MimePart& part) {
    const auto header = header_text(*source_, part.header);
    if (!header) return header.error();
    const std::string& raw_set = unlabelled_.eight_bit;
    const auto encoded = message::encode_raw_words(*header, raw_set);
    if (encoded) note(part, "text of the header encoded as " + raw_set);
    // Which sets are changed is asked now; the words are written when the header is.
    std::map<std::string, message::CharsetChange, LessIgnoringCase> answers;
    const std::size_t most = most_word_octets - word_octets_;
    const auto changed = message::change_encoded_words(
        encoded.value_or(*header),
        [&](std::string_view charset) {
            const auto change = converts_ ? probes_.change_of(charset) : message::CharsetChange();
            if (change.any()) answers.insert_or_assign(std::string(charset), change);
            return change;
        },
        most
    );
    if (!changed.header && !encoded) return {};
    word_octets_ += changed.octets;
    edits_.change_header(part.index, [answers, most, raw_set](const std::string& given) {
        const std::string fields = message::encode_raw_words(given, raw_set).value_or(given);
        const auto ask = [&](std::string_view charset) {
            const auto found = answers.find(charset);
            return found != answers.end() ? found->second : message::CharsetChange();
        };
        return message::change_encoded_words(fields, ask, most).header.value_or(fields);
    });
    if (changed.header) note(part, "encoded words of the header changed");
    return {};
}

/// Keyword Relabel.
Result<conversion::Labels> PartReformat::relabelled(
    const MimePart& part, const conversion::Labels& labels
) {
    if (!task_.keywords.relabels || part.kind == message::PartKind::multipart) return labels;
    auto subject = subjects_.of(part);
    if (!subject) return std::move(subject).error();
    const conversion::MessageFacts facts{
        task_.way.in_channel, task_.way.out_channel, task_.way.tags, task_.envelope_from,
        task_.message_id};
    auto plan = conversion::plan_relabels(
        task_.entries, facts, facts_of(part, std::move(*subject)),
        ask_tables_of(task_.configuration, task_.answers)
    );
    if (plan.not_now) {
        return Error::temporary(
            {4, 3, 0}, "temporary failure", "a mapping table of the conversions file has no answer"
        );
    }
    if (conversion::changes_between(labels, plan.after).any()) note(part, "relabelled");
    return std::move(plan.after);
}

/// What a text is that does not say so; empty where nobody knows.
Result<std::string> PartReformat::label_for(const MimePart& part) {
    if (part.encoding == TransferEncoding::unknown) return std::string();
    bool has_eight_bit = false;
    bool has_escape = false;
    auto read = message::read_content(*source_, part, [&](std::string_view octets) -> Result<void> {
        has_escape = has_escape || octets.find('\x1B') != std::string_view::npos;
        has_eight_bit = has_eight_bit || !is_ascii(octets);
        return {};
    });
    if (!read) return std::move(read).error();
    return unlabelled_.label_for(has_eight_bit, has_escape);
}

/// True: the content gets other octets. The new set is in `labels`.
Result<bool> PartReformat::change_charset(const MimePart& part, conversion::Labels& labels) {
    std::string named(message::parameter_value(labels.type_parameters, "charset"));
    if (named.empty() && unlabelled_.any()) {
        auto label = label_for(part);
        if (!label) return std::move(label).error();
        named = std::move(*label);
        if (named.empty()) return false;
        message::set_parameter(labels.type_parameters, "charset", named);
        note(part, "character set is " + printable(named));
    }
    const auto change =
        named.empty() || !converts_ ? message::CharsetChange() : probes_.change_of(named);
    if (!change.any()) return false;
    const std::string from = change.label.empty() ? named : change.label;
    message::set_parameter(labels.type_parameters, "charset", from);
    if (!change.label.empty()) note(part, "character set " + printable(named) + " is " + from);
    if (change.target.empty()) return false;
    auto converted = convert(part, from, change.target);
    if (converted && *converted)
        message::set_parameter(labels.type_parameters, "charset", change.target);
    return converted;
}

Result<bool> PartReformat::convert(
    const MimePart& part, const std::string& from, const std::string& to
) {
    const std::string what = "character set " + printable(from) + " to " + to;
    if (part.encoding == TransferEncoding::unknown) {
        note(part, what + ": not done, its encoding is not known");
        return false;
    }
    const auto trial = try_out(part, from, to);
    if (!trial) return trial.error();
    if (trial->malformed) {
        note(part, what + ": not done, its octets are none of " + printable(from));
        return false;
    }
    if (trial->missing > 0) {
        notes_.warnings.push_back(
            "part " + part.number + ": " + std::to_string(trial->missing) +
            " characters are not in " + to
        );
    }
    const bool ascii = message::keeps_ascii(to);
    auto encoding = encoding_for(trial->survey, part.encoding, ascii);
    if (ascii && message::is_transformed(encoding)) encoding = wanted().value_or(encoding);
    edits_.recode(
        part.index, encoding, ascii ? ContentMode::text : ContentMode::binary,
        [from, to]() -> std::unique_ptr<message::ContentFilter> {
            return std::make_unique<CharsetFilter>(message::CharsetConverter::open(from, to));
        }
    );
    note(part, what + ", " + std::string(message::transfer_encoding_name(encoding)));
    return true;
}

Result<PartReformat::Trial> PartReformat::try_out(
    const MimePart& part, const std::string& from, const std::string& to
) {
    Trial trial;
    const auto converter = message::CharsetConverter::open(from, to);
    std::string out;
    auto read = message::read_content(*source_, part, [&](std::string_view octets) -> Result<void> {
        out.clear();
        converter->feed(octets, out);
        trial.survey.feed(out);
        return {};
    });
    if (!read) return std::move(read).error();
    out.clear();
    converter->finish(out);
    trial.survey.feed(out);
    trial.malformed = converter->is_malformed();
    trial.missing = converter->missing();
    return trial;
}

/// Keywords BASE64 and Quoted-Printable.
std::optional<TransferEncoding> PartReformat::wanted() const {
    using conversion::EncodingWish;
    if (task_.keywords.encoding == EncodingWish::base64) return TransferEncoding::base64;
    if (task_.keywords.encoding == EncodingWish::quoted_printable)
        return TransferEncoding::quoted_printable;
    return std::nullopt;
}

/// What is not encoded needs no encoding.
void PartReformat::change_encoding(const MimePart& part) {
    const auto to = wanted();
    if (!to || !part.is_leaf() || !message::is_transformed(part.encoding) || part.encoding == *to ||
        part.type.type == "message" || part.type.type == "multipart")
        return;
    edits_.recode(
        part.index, *to, part.type.type == "text" ? ContentMode::text : ContentMode::binary
    );
    note(part, "encoding " + std::string(message::transfer_encoding_name(*to)));
}

}  // namespace sluice::converter
