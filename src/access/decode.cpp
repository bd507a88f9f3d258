#include "access/decode.h"

#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"

namespace sluice::access {

namespace {

using mapping::Outcome;

constexpr std::int64_t longest_delay = 30'000;  // hundredths: five minutes, when clients give up

constexpr StatusCode not_authorized{5, 7, 1};
constexpr StatusCode bad_destination_system{5, 1, 2};

/// "4.n.n" or "5.n.n" (RFC 3463 section 2).
std::optional<StatusCode> parse_refusal_status(std::string_view text) {
    const auto parts = split(text, '.');
    if (parts.size() != 3) return std::nullopt;
    std::uint16_t numbers[3];
    for (std::size_t i = 0; i < 3; ++i) {
        const auto number = parse_unsigned(parts[i]);
        if (!number || parts[i].size() > 3) return std::nullopt;
        numbers[i] = static_cast<std::uint16_t>(*number);
    }
    if (parts[0] != "4" && parts[0] != "5") return std::nullopt;
    return StatusCode{numbers[0], numbers[1], numbers[2]};
}

bool is_header_line(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    for (const char c : line.substr(0, colon)) {
        if (c <= ' ' || c > '~') return false;  // also what is not ASCII
    }
    return true;
}

std::vector<std::string> words_between_commas(std::string_view text) {
    std::vector<std::string> words;
    for (const auto word : split(text, ',')) {
        if (!trim(word).empty()) words.emplace_back(trim(word));
    }
    return words;
}

/// Reads the flags of one outcome in the order in which their arguments stand.
class Decoder {
public:
    Decoder(AccessTable table, const Outcome& outcome, const Options& options)
        : outcome_(outcome),
          options_(options),
          from_(table == AccessTable::from_access),
          arguments_(output_of(outcome)),
          verdict_(begin_verdict(table_name(table), outcome)) {}

    Verdict run(std::string_view address) {
        // Group membership cannot be looked up, and what cannot be checked is not let in.
        if (flag('N') || flag('F') || flag('I')) verdict_.decision = Verdict::Decision::refuse;
        read_debug_level(outcome_, arguments_, verdict_);
        read_addresses();
        if (flag('I')) {
            arguments_.next();
            arguments_.next();
        }
        read_syslog(outcome_, arguments_, verdict_.refused(), verdict_);
        read_delay(outcome_, arguments_, verdict_);
        read_message_changes();
        if (flag('S')) read_limits();
        if (flag('X')) read_status();
        if (flag(',')) verdict_.spam_adjustments.push_back(clean(arguments_.next()));
        if (verdict_.refused()) {
            refuse(address);
        } else {
            read_plain_flags();
        }
        if (flag('!')) {
            verdict_.no_vacation = from_;
            if (!from_) warn_from_only('!');
        }
        return std::move(verdict_);
    }

private:
    [[nodiscard]] bool flag(char letter) const { return outcome_.flags.has(letter); }
    static std::string clean(std::string_view text) { return without_controls(text); }

    void warn(const std::string& text) {
        verdict_.warnings.push_back(verdict_.table + ": " + printable(text));
    }
    void warn_from_only(char letter) {
        warn(std::string("flag $") + letter + " has a meaning in FROM_ACCESS only");
    }

    void read_addresses() {
        if (flag('J')) read_from_only('J', verdict_.new_from);
        if (flag('K')) read_from_only('K', verdict_.new_sender);
    }

    void read_from_only(char letter, std::optional<std::string>& value) {
        std::string argument = clean(arguments_.next());
        if (from_) {
            value = std::move(argument);
        } else {
            warn_from_only(letter);
        }
    }

    void read_message_changes() {
        if (flag('T')) verdict_.subject_tags.push_back(clean(arguments_.next()));
        if (flag('A')) {
            std::string header = clean(arguments_.next());
            if (is_header_line(header)) {
                verdict_.headers.push_back(std::move(header));
            } else {
                warn("flag $A: \"" + header + "\" is no header line");
            }
        }
        if (flag('G')) verdict_.conversion_tags = words_between_commas(clean(arguments_.next()));
    }

    void read_limits() {
        const auto argument = arguments_.next();
        if (!from_) return warn_from_only('S');
        const auto numbers = split(argument, ',');
        std::optional<std::uint64_t>* const limits[] = {
            &verdict_.limits.blocks, &verdict_.limits.recipients,
            &verdict_.limits.recipient_cutoff};
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            const auto text = trim(numbers[i]);
            if (i < std::size(limits) && text.empty()) continue;
            const auto number = parse_unsigned(text);
            if (i >= std::size(limits) || !number) {
                return warn("flag $S: \"" + std::string(argument) + "\" is no list of limits");
            }
            *limits[i] = number;
        }
    }

    void read_status() {
        const auto argument = arguments_.next();
        status_ = parse_refusal_status(argument);
        if (!status_) warn("flag $X: \"" + std::string(argument) + "\" is no enhanced code");
    }

    void refuse(std::string_view address) {
        std::string text;
        if (flag('N') || flag('F')) text = arguments_.rest();
        StatusCode status = not_authorized;
        if (text.empty()) {
            // A recipient table does not tell strangers that the address exists but is protected.
            const bool hide = !from_ && !options_.access_errors;
            if (hide) status = bad_destination_system;
            text = from_  ? "you are not allowed to use this return address"
                   : hide ? "unknown host or domain"
                          : "you are not allowed to use this address";
        }
        status = status_.value_or(status);
        const int temporary_code = from_ ? 451 : 450;
        const int code = status.status_class == 4 ? temporary_code : 550;
        verdict_.reply = make_reply(code, status, text, address);
    }

    void read_plain_flags() {
        verdict_.bitbucket = flag('B');
        verdict_.hold = flag('H');
        verdict_.discard = flag('V');
        verdict_.jettison = flag('Z');
    }

    const Outcome& outcome_;
    const Options& options_;
    bool from_;
    ArgumentReader arguments_;
    Verdict verdict_;
    std::optional<StatusCode> status_;
};

}  // namespace

std::string_view ArgumentReader::next() {
    const auto bar = rest_.find('|');
    const auto argument = rest_.substr(0, bar);
    rest_ = bar == std::string_view::npos ? std::string_view() : rest_.substr(bar + 1);
    return argument;
}

std::string_view output_of(const Outcome& outcome) {
    // Where every template failed the output is the probe: no text that anybody wrote for a reply.
    return outcome.matched ? std::string_view(outcome.output) : std::string_view();
}

Verdict begin_verdict(std::string_view table, const Outcome& outcome) {
    Verdict verdict;
    verdict.pending = outcome.pending;
    verdict.matched = outcome.decided_by.file != nullptr || outcome.matched;
    verdict.temporary_failure = outcome.temporary_failure;
    verdict.warnings = outcome.warnings;
    verdict.table = table;
    verdict.decided_by = outcome.decided_by;
    return verdict;
}

void read_debug_level(const Outcome& outcome, ArgumentReader& arguments, Verdict& verdict) {
    if (!outcome.flags.has('U')) return;
    constexpr std::uint64_t highest_level = 1000;
    const auto level = parse_unsigned(trim(arguments.next()));
    if (level && *level <= highest_level) {
        verdict.debug_level = static_cast<int>(*level);
    } else {
        verdict.warnings.push_back(verdict.table + ": flag $U: the debug level is no number");
    }
}

void read_delay(const Outcome& outcome, ArgumentReader& arguments, Verdict& verdict) {
    if (!outcome.flags.has('D')) return;
    const auto hundredths = parse_signed(trim(arguments.next()));
    if (!hundredths || *hundredths > longest_delay || *hundredths < -longest_delay) {
        verdict.warnings.push_back(
            verdict.table + ": flag $D: the delay is no number of at most " +
            std::to_string(longest_delay)
        );
        return;
    }
    if (*hundredths == 0) return;
    const bool all = *hundredths > 0;
    verdict.delay = Delay{std::chrono::milliseconds(10 * (all ? *hundredths : -*hundredths)), all};
}

void read_syslog(
    const Outcome& outcome, ArgumentReader& arguments, bool refused, Verdict& verdict
) {
    if (outcome.flags.has('<')) verdict.syslog.push_back(without_controls(arguments.next()));
    if (!outcome.flags.has('>')) return;
    std::string text = without_controls(arguments.next());
    if (refused) verdict.syslog.push_back(std::move(text));
}

Verdict decode_access(
    AccessTable table, const Outcome& outcome, std::string_view address, const Options& options
) {
    return Decoder(table, outcome, options).run(address);
}

}  // namespace sluice::access
