#include "message/header_trim.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "message/header_field.h"
#include "message/header_layout.h"

namespace sluice::message {

namespace {

// Sorted, lower case: RFC 5322, 2045, 2076, 3834, 2156 and what mailing lists and DKIM brought.
constexpr auto known_names = std::to_array<std::string_view>({
    "alternate-recipient",
    "approved",
    "arc-authentication-results",
    "arc-message-signature",
    "arc-seal",
    "authentication-results",
    "auto-submitted",
    "autoforwarded",
    "autosubmitted",
    "bcc",
    "cc",
    "comments",
    "content-description",
    "content-disposition",
    "content-id",
    "content-identifier",
    "content-language",
    "content-length",
    "content-location",
    "content-md5",
    "content-return",
    "content-transfer-encoding",
    "content-type",
    "conversion",
    "conversion-with-loss",
    "date",
    "deferred-delivery",
    "delivery-date",
    "discarded-x400-ipms-extensions",
    "discarded-x400-mts-extensions",
    "disclose-recipients",
    "disposition-notification-options",
    "disposition-notification-to",
    "dkim-signature",
    "encoding",
    "encrypted",
    "errors-to",
    "expires",
    "expiry-date",
    "fcc",
    "from",
    "generate-delivery-report",
    "importance",
    "in-reply-to",
    "incomplete-copy",
    "keywords",
    "language",
    "latest-delivery-time",
    "list-archive",
    "list-help",
    "list-id",
    "list-owner",
    "list-post",
    "list-subscribe",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "message-hash",
    "message-id",
    "message-type",
    "mime-version",
    "mr-received",
    "obsoletes",
    "organization",
    "original-encoded-information-types",
    "original-recipient",
    "originating-client",
    "originator-return-address",
    "precedence",
    "prevent-nondelivery-report",
    "priority",
    "read-receipt-to",
    "received",
    "received-spf",
    "references",
    "reply-by",
    "reply-to",
    "require-recipient-valid-since",
    "resent-bcc",
    "resent-cc",
    "resent-date",
    "resent-from",
    "resent-message-id",
    "resent-reply-to",
    "resent-sender",
    "resent-to",
    "return-path",
    "return-receipt-to",
    "sender",
    "sensitivity",
    "solicitation",
    "status",
    "subject",
    "supersedes",
    "to",
    "user-agent",
    "warnings-to",
    "x-envelope-to",
    "x-mailer",
    "x-ps-qualifiers",
    "x-vms-cc",
    "x-vms-to",
    "x400-content-type",
    "x400-mts-identifier",
    "x400-originator",
    "x400-received",
    "x400-recipients",
});

const LineOptions* options_for(const HeaderOptions& options, std::string_view name) {
    const auto named = options.lines.find(name);
    if (named != options.lines.end()) return &named->second;
    if (options.other && !is_known_header(name)) return &*options.other;
    return options.defaults ? &*options.defaults : nullptr;
}

using Line = TrimmedField;

std::size_t physical_lines(std::string_view raw) {
    return static_cast<std::size_t>(std::count(raw.begin(), raw.end(), '\n'));
}

/// How much of its allowance each name has used so far.
struct Used {
    std::size_t fields = 0;
    std::size_t lines = 0;
};

class Trimmer {
public:
    Trimmer(std::string_view header, const HeaderOptions& options, bool keep_order)
        : options_(options), keep_order_(keep_order) {
        std::size_t used = 0;
        for (const HeaderField& field : split_header(header)) {
            used += field.raw.size();
            take(field);
        }
        end_ = header.substr(used);
    }

    TrimmedHeader finish() {
        add_lines();
        if (!keep_order_) put_in_order();
        return {std::move(lines_), end_};
    }

private:
    void take(const HeaderField& field) {
        const LineOptions* options = options_for(options_, field.name);
        if (options != nullptr && options->maximum == 0U) return;
        Line line{field.name, field.raw, {}, options};
        if (options == nullptr) {
            lines_.push_back(std::move(line));
            return;
        }
        if (options->max_chars || options->line_length) shorten(field, line);
        if ((options->maximum || options->max_lines) && !fits(line)) return;
        if (!options->relabel.empty()) relabel(line, options->relabel);
        lines_.push_back(std::move(line));
    }

    [[nodiscard]] bool fits(const Line& line) {
        const LineOptions& allowed = *line.options;
        Used& used = used_[line.name];
        const std::size_t lines = std::max<std::size_t>(physical_lines(line.raw()), 1);
        if (allowed.maximum && used.fields >= *allowed.maximum) return false;
        if (allowed.max_lines && used.lines + lines > *allowed.max_lines) {
            // Trimmed from the bottom: nothing behind fits either.
            used.lines = *allowed.max_lines;
            return false;
        }
        ++used.fields;
        used.lines += lines;
        return true;
    }

    static void shorten(const HeaderField& field, Line& line) {
        const LineOptions& wanted = *line.options;
        const std::string value = unfold(field.raw_value);
        const bool too_long = wanted.max_chars && value.size() > *wanted.max_chars;
        if (!too_long && !wanted.line_length) return;
        const std::string kept = too_long ? value.substr(0, *wanted.max_chars) : value;
        std::string folded = fold_header(field.name, kept);
        if (wanted.line_length) {
            HeaderLayout layout;
            layout.refold = true;
            layout.line_length = *wanted.line_length;
            folded = lay_out(folded, layout);
        }
        line.made = std::move(folded);
    }

    void relabel(Line& line, const std::string& name) const {
        line.made = name + std::string(line.raw().substr(line.name.size()));
        line.name = name;
        // Its place is that of its new name, where something is said about that.
        const auto named = options_.lines.find(name);
        if (named != options_.lines.end()) line.options = &named->second;
    }

    [[nodiscard]] bool has(std::string_view name) const {
        return std::any_of(lines_.begin(), lines_.end(), [&](const Line& line) {
            return equals_ignoring_case(line.name, name);
        });
    }

    void add_lines() {
        for (const auto& [name, wanted] : options_.lines) {
            if (wanted.fill && !has(name)) add(name, *wanted.fill, wanted);
            if (wanted.add) add(name, *wanted.add, wanted);
        }
    }

    void add(const std::string& name, const std::string& value, const LineOptions& wanted) {
        Line line{name, {}, fold_header(name, value), &wanted};
        const auto last = std::find_if(lines_.rbegin(), lines_.rend(), [&](const Line& other) {
            return equals_ignoring_case(other.name, name);
        });
        lines_.insert(last == lines_.rend() ? lines_.end() : last.base(), std::move(line));
    }

    static int precedence(const Line& line) {
        return line.options == nullptr ? 0 : line.options->precedence;
    }

    void put_in_order() {
        const auto comes_before = [](const Line& one, const Line& two) {
            return precedence(one) < precedence(two);
        };
        // Sorting takes memory even where nothing is out of order, as in most headers.
        if (!std::is_sorted(lines_.begin(), lines_.end(), comes_before))
            std::stable_sort(lines_.begin(), lines_.end(), comes_before);
        for (auto level = lines_.begin(); level != lines_.end();) {
            const auto end = std::find_if(level, lines_.end(), [&](const Line& line) {
                return precedence(line) != precedence(*level);
            });
            take_turns(level, end);
            level = end;
        }
    }

    // GROUP=1: the first line of every such name, then the second of each, and so on. Other lines
    // all come in the first round.
    static void take_turns(std::vector<Line>::iterator from, std::vector<Line>::iterator to) {
        const auto goes_one_by_one = [](const Line& line) {
            return line.options != nullptr && line.options->group;
        };
        if (std::none_of(from, to, goes_one_by_one)) return;
        std::map<std::string_view, std::size_t, LessIgnoringCase> rounds;
        std::vector<std::pair<std::size_t, Line>> numbered;
        for (auto line = from; line != to; ++line) {
            const std::size_t round = goes_one_by_one(*line) ? rounds[line->name]++ : 0;
            numbered.emplace_back(round, *line);
        }
        std::stable_sort(numbered.begin(), numbered.end(), [](const auto& one, const auto& two) {
            return one.first < two.first;
        });
        for (auto& [round, line] : numbered) *from++ = std::move(line);
    }

    const HeaderOptions& options_;
    bool keep_order_;
    std::vector<Line> lines_;
    std::map<std::string_view, Used, LessIgnoringCase> used_;
    std::string_view end_;
};

std::string text_of(const TrimmedHeader& header) {
    constexpr std::string_view line_end = "\r\n";
    std::size_t size = header.rest.size();
    for (const Line& line : header.fields) size += line.raw().size() + line_end.size();
    std::string out;
    out.reserve(size);
    for (const Line& line : header.fields) {
        out += line.raw();
        if (!line.raw().ends_with('\n')) out += line_end;
    }
    out += header.rest;
    return out;
}

}  // namespace

bool is_known_header(std::string_view name) {
    return std::binary_search(known_names.begin(), known_names.end(), to_lower(name));
}

TrimmedHeader trimmed_fields(
    std::string_view header, const HeaderOptions& options, bool keep_order
) {
    return Trimmer(header, options, keep_order).finish();
}

std::optional<std::string> trim_header(
    std::string_view header, const HeaderOptions& options, bool keep_order
) {
    if (options.empty()) return std::nullopt;
    std::string trimmed = text_of(trimmed_fields(header, options, keep_order));
    if (trimmed == header) return std::nullopt;
    return trimmed;
}

}  // namespace sluice::message
