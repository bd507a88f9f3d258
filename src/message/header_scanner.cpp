#include "message/header_scanner.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "message/header_field.h"

namespace sluice::message {

namespace {

using Note = void (*)(HeaderFacts&, std::string_view value, const ScannerSettings&);

// Remembers the first occurrence of a text field.
template <std::string HeaderFacts::*Text, bool HeaderFacts::*Seen>
void note_text(HeaderFacts& facts, std::string_view value, const ScannerSettings&) {
    if (!(facts.*Seen)) (facts.*Text) = value;
    facts.*Seen = true;
}

template <bool HeaderFacts::*Seen>
void note_presence(HeaderFacts& facts, std::string_view, const ScannerSettings&) {
    facts.*Seen = true;
}

template <unsigned TraceCounts::*Count>
void note_trace(HeaderFacts& facts, std::string_view, const ScannerSettings&) {
    ++(facts.trace.*Count);
}

void note_message_id(HeaderFacts& facts, std::string_view value, const ScannerSettings&) {
    if (facts.has_message_id) return;
    facts.has_message_id = true;
    const std::string_view id = find_message_id(value);
    facts.message_id = id.empty() ? value : id;
}

template <class Value>
struct Word {
    std::string_view text;
    Value value;
};

// The first occurrence with a known word decides.
template <class Value, std::size_t N>
void note_word(
    std::string_view text, const std::array<Word<Value>, N>& words, Value& value, bool& seen
) {
    if (seen) return;
    for (const auto& word : words) {
        if (!equals_ignoring_case(text, word.text)) continue;
        value = word.value;
        seen = true;
    }
}

void note_priority(HeaderFacts& facts, std::string_view value, const ScannerSettings&) {
    static constexpr std::array<Word<Priority>, 6> words = {
        {{"urgent", Priority::urgent},
         {"normal", Priority::normal},
         {"non-urgent", Priority::nonurgent},
         {"nonurgent", Priority::nonurgent},
         {"second-class", Priority::second_class},
         {"third-class", Priority::third_class}}};
    note_word(value, words, facts.priority, facts.has_priority);
}

void note_importance(HeaderFacts& facts, std::string_view value, const ScannerSettings&) {
    static constexpr std::array<Word<Importance>, 3> words = {
        {{"low", Importance::low}, {"normal", Importance::normal}, {"high", Importance::high}}};
    note_word(value, words, facts.importance, facts.has_importance);
}

void note_sensitivity(HeaderFacts& facts, std::string_view value, const ScannerSettings&) {
    static constexpr std::array<Word<Sensitivity>, 3> words = {
        {{"personal", Sensitivity::personal},
         {"private", Sensitivity::private_},
         {"company-confidential", Sensitivity::company_confidential}}};
    note_word(value, words, facts.sensitivity, facts.has_sensitivity);
}

void note_automatic(HeaderFacts& facts, std::string_view value, const ScannerSettings&) {
    if (!equals_ignoring_case(without_comments(value), "no")) facts.is_automatic = true;
}

std::string_view without_final_dot(std::string_view host) {
    if (!host.empty() && host.back() == '.') host.remove_suffix(1);
    return host;
}

// "by host" in the clauses of a Received line (RFC 5321 section 4.4), comments apart.
void note_received(HeaderFacts& facts, std::string_view value, const ScannerSettings& settings) {
    ++facts.trace.received;
    const std::string plain = without_comments(value);
    const std::string_view clauses = std::string_view(plain).substr(0, plain.find(';'));
    const auto words = split_words(clauses);
    const auto by = std::find_if(words.begin(), words.end(), [](std::string_view word) {
        return equals_ignoring_case(word, "by");
    });
    if (by == words.end() || std::next(by) == words.end()) return;
    const std::string_view host = without_final_dot(*std::next(by));
    const bool ours = std::any_of(
        settings.local_names.begin(), settings.local_names.end(),
        [&](const std::string& name) { return equals_ignoring_case(without_final_dot(name), host); }
    );
    if (ours) ++facts.trace.local_received;
}

struct FieldRule {
    std::string_view name;
    Note note;
};

using Facts = HeaderFacts;
constexpr std::array field_rules = {
    FieldRule{"Received", note_received},
    FieldRule{"Message-ID", note_message_id},
    FieldRule{"Date", note_text<&Facts::date, &Facts::has_date>},
    FieldRule{"From", note_text<&Facts::from, &Facts::has_from>},
    FieldRule{"Subject", note_text<&Facts::subject, &Facts::has_subject>},
    FieldRule{"Content-Type", note_text<&Facts::content_type, &Facts::has_content_type>},
    FieldRule{
        "Content-Transfer-Encoding",
        note_text<&Facts::content_transfer_encoding, &Facts::has_content_transfer_encoding>},
    FieldRule{"Sender", note_presence<&Facts::has_sender>},
    FieldRule{"To", note_presence<&Facts::has_recipient>},
    FieldRule{"Cc", note_presence<&Facts::has_recipient>},
    FieldRule{"Bcc", note_presence<&Facts::has_recipient>},
    FieldRule{"MIME-Version", note_presence<&Facts::has_mime_version>},
    FieldRule{"List-Id", note_presence<&Facts::is_automatic>},
    FieldRule{"Auto-Submitted", note_automatic},
    FieldRule{"Priority", note_priority},
    FieldRule{"Importance", note_importance},
    FieldRule{"Sensitivity", note_sensitivity},
    FieldRule{"MR-Received", note_trace<&TraceCounts::mr_received>},
    FieldRule{"X400-Received", note_trace<&TraceCounts::x400_received>},
};

const FieldRule* find_rule(std::string_view name) {
    const auto* const found =
        std::find_if(field_rules.begin(), field_rules.end(), [&](const FieldRule& rule) {
            return equals_ignoring_case(rule.name, name);
        });
    return found == field_rules.end() ? nullptr : found;
}

}  // namespace

void HeaderScanner::feed(std::string_view bytes) {
    while (!facts_.complete && !bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::string_view piece = bytes.substr(0, end);  // without its line feed
        if (end != std::string_view::npos && line_length_ == 0) {
            take_line(piece.substr(0, settings_.max_field), piece.size() + 1);
        } else {
            const std::size_t room = settings_.max_field - line_.size();
            line_ += piece.substr(0, room);
            line_length_ += piece.size();
            if (end != std::string_view::npos) {
                take_line(line_, line_length_ + 1);
                line_.clear();
                line_length_ = 0;
            }
        }
        bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    }
}

void HeaderScanner::finish() {
    if (facts_.complete) return;
    if (line_length_ > 0) take_line(line_, line_length_);
    if (!facts_.complete) end_header(false);
}

void HeaderScanner::take_line(std::string_view line, std::size_t length_on_wire) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const bool is_first = facts_.header_bytes == 0;
    const bool is_continuation = !line.empty() && is_blank(line.front());
    if (line.empty()) {
        facts_.header_bytes += length_on_wire;
        end_header(false);
        return;
    }
    if (is_continuation && !name_.empty()) {
        continue_field(line);
    } else if (parse_header_field(line)) {
        begin_field(line);
    } else if (!(is_first && mailbox_separator_length(line) > 0)) {
        end_header(true);
        return;
    }
    facts_.header_bytes += length_on_wire;
}

void HeaderScanner::begin_field(std::string_view line) {
    close_field();
    const auto field = parse_header_field(line);
    name_ = field->name;
    ++facts_.fields;
    remember(field->raw_value);
}

void HeaderScanner::continue_field(std::string_view line) {
    remember(line);
}

void HeaderScanner::remember(std::string_view piece) {
    const bool eight_bit = std::any_of(piece.begin(), piece.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x80;
    });
    facts_.has_eight_bit = facts_.has_eight_bit || eight_bit;
    value_ += piece.substr(0, settings_.max_field - std::min(settings_.max_field, value_.size()));
}

void HeaderScanner::close_field() {
    if (name_.empty()) return;
    const std::string_view value = trim(value_);
    if (const FieldRule* rule = find_rule(name_)) rule->note(facts_, value, settings_);
    if (sink_) sink_(name_, value);
    name_.clear();
    value_.clear();
}

void HeaderScanner::end_header(bool malformed) {
    close_field();
    facts_.malformed = malformed;
    facts_.complete = true;
}

std::string loop_reason(const TraceCounts& counts, const TraceLimits& limits) {
    struct Check {
        unsigned count;
        unsigned limit;
        std::string_view what;
    };
    const std::array checks = {
        Check{counts.received, limits.received, "Received"},
        Check{counts.local_received, limits.local_received, "local Received"},
        Check{counts.mr_received, limits.mr_received, "MR-Received"},
        Check{counts.x400_received, limits.x400_received, "X400-Received"},
        Check{counts.total(), limits.total, "trace"},
    };
    for (const Check& check : checks) {
        if (check.limit == 0 || check.count <= check.limit) continue;
        return "loop: " + std::to_string(check.count) + ' ' + std::string(check.what) +
               " lines, limit " + std::to_string(check.limit);
    }
    return {};
}

}  // namespace sluice::message
