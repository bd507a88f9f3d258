// imsimta qm top, qtop: the most frequent senders, recipients, subjects of the queue.
#include <algorithm>
#include <array>
#include <cstdio>
#include <mutex>
#include <unordered_map>

#include "base/bytes.h"
#include "utility/json_line.h"
#include "utility/printable.h"
#include "utility/qm_commands.h"
#include "utility/qm_layout.h"
#include "utility/qm_scan.h"
#include "utility/utilities.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "QM";
constexpr std::uint64_t no_end = 2147483647;
constexpr std::uint64_t usual_count = 20;
constexpr std::uint64_t usual_least = 2;

enum class Field : std::uint8_t { content, from, subject, to, domain_to };

struct FieldText {
    std::string_view switch_name;
    std::string_view title;   ///< "Top 20 envelope From: addresses which ..."
    std::string_view column;  ///< heading of the column
    TextRange usual;
};
constexpr std::array<FieldText, 5> fields = {{
    {"content", "beginnings of the content", "Content", {1, 256}},
    {"from", "envelope From: addresses", "From", {1, no_end}},
    {"subject", "Subject: lines", "Subject", {1, no_end}},
    {"to", "envelope To: addresses", "To", {1, no_end}},
    {"domain_to", "envelope To: domains", "Domain", {1, no_end}},
}};

/// How often each value of one field occurs.
struct Ranking {
    Field field = Field::subject;
    TextRange range;
    std::unordered_map<std::string, std::uint64_t> counts;

    void add(std::string_view text) { ++counts[std::string(range.of(text))]; }
};

std::string beginning_of(queue::MessageFile& file, const TextRange& range) {
    std::string text(
        static_cast<std::size_t>(std::min<std::uint64_t>(range.length, file.content_size())), '\0'
    );
    const auto count = file.read_content(range.start - 1, text.data(), text.size());
    text.resize(count.value_or(std::size_t{0}));
    return text;
}

void count_file(queue::MessageFile& file, std::vector<Ranking>& rankings, std::mutex& mutex) {
    const queue::Envelope& envelope = file.envelope();
    std::string subject;
    std::string content;
    for (const Ranking& ranking : rankings) {
        if (ranking.field == Field::subject) subject = decoded_subject(file);
        if (ranking.field == Field::content) content = beginning_of(file, ranking.range);
    }
    const std::lock_guard lock(mutex);
    for (Ranking& ranking : rankings) {
        switch (ranking.field) {
            case Field::content:
                ++ranking.counts[content];
                break;
            case Field::from:
                ranking.add(envelope.sender.empty() ? "<>" : envelope.sender);
                break;
            case Field::subject:
                ranking.add(subject);
                break;
            case Field::to:
                for (const auto& recipient : envelope.recipients) ranking.add(recipient.address);
                break;
            case Field::domain_to:
                for (const auto& recipient : envelope.recipients)
                    ranking.add(to_lower(domain_of(recipient.address)));
                break;
        }
    }
}

/// The fields asked for; nullopt after a message about what is wrong.
std::optional<std::vector<Ranking>> rankings_from(const CommandLine& line, Console& console) {
    std::vector<Ranking> rankings;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (!line.has(fields[i].switch_name)) continue;
        const auto range = TextRange::parse(line.pairs(fields[i].switch_name), fields[i].usual);
        if (!range) {
            const std::string shown = '-' + std::string(fields[i].switch_name);
            console.error(
                facility, "VALUE", shown + " is written " + shown + "=(START=n,LENGTH=n)"
            );
            return std::nullopt;
        }
        rankings.push_back({static_cast<Field>(i), *range, {}});
    }
    constexpr auto usual = static_cast<std::size_t>(Field::subject);
    if (rankings.empty()) rankings.push_back({Field::subject, fields[usual].usual, {}});
    return rankings;
}

class Top {
public:
    Top(Invocation& invocation, QmSession& session)
        : line_(invocation.line()), console_(invocation.console()), session_(session) {}

    ExitCode run() {
        auto rankings = rankings_from(line_, console_);
        const auto plan = scan_plan(line_, session_, console_);
        if (!rankings || !plan || !take_numbers()) return ExitCode::usage;
        std::mutex mutex;
        const auto totals = scan_messages(session_, console_, *plan, [&](queue::MessageFile& file) {
            count_file(file, *rankings, mutex);
        });
        if (!totals) {
            if (plan->from_database) return report_no_controller(console_, totals.error());
            console_.error(facility, "NOTREAD", totals.error().detail());
            return ExitCode::failed;
        }
        if (!line_.has("json") && !line_.is_negated("verbose")) say_totals(*totals);
        for (const Ranking& ranking : *rankings) show(ranking);
        return ExitCode::done;
    }

private:
    bool take_numbers() {
        return take_number("top", usual_count, top_) &&
               take_number("min_count", usual_least, least_);
    }
    bool take_number(std::string_view name, std::uint64_t usual, std::uint64_t& to) {
        to = usual;
        const auto text = line_.value(name);
        if (!text) return true;
        const auto number = parse_unsigned(*text);
        if (number && *number > 0) {
            to = *number;
            return true;
        }
        console_.error(facility, "VALUE", '-' + std::string(name) + " takes a number");
        return false;
    }

    void say_totals(const ScanTotals& totals) {
        char seconds[32];
        std::snprintf(
            seconds, sizeof seconds, "%.2f", static_cast<double>(totals.elapsed.count()) / 1000
        );
        console_.info(
            facility, "SCAN",
            std::to_string(totals.files) + " message files, " + std::to_string(totals.opened) +
                " opened, " + std::to_string(totals.errors) + " errors, " + seconds + " s"
        );
    }

    void show(const Ranking& ranking) {
        std::vector<std::pair<std::string_view, std::uint64_t>> values;
        for (const auto& [value, count] : ranking.counts) {
            if (count >= least_) values.emplace_back(value, count);
        }
        std::sort(values.begin(), values.end(), [](const auto& a, const auto& b) {
            return a.second != b.second ? a.second > b.second : a.first < b.first;
        });
        if (values.size() > top_) values.resize(static_cast<std::size_t>(top_));
        const FieldText& text = fields[static_cast<std::size_t>(ranking.field)];
        if (line_.has("json")) {
            for (const auto& [value, count] : values) {
                JsonLine json;
                json.add("field", text.switch_name).add("value", value).add("count", count);
                console_.line(json.to_string());
            }
            return;
        }
        console_.line(
            "Top " + std::to_string(top_) + ' ' + std::string(text.title) + " which occur " +
            std::to_string(least_) + " or more times"
        );
        console_.line(pad_left("Count", 8) + "  " + std::string(text.column));
        for (const auto& [value, count] : values)
            console_.line(pad_left(std::to_string(count), 8) + "  " + printable_text(value));
    }

    const CommandLine& line_;
    Console& console_;
    QmSession& session_;
    std::uint64_t top_ = usual_count;
    std::uint64_t least_ = usual_least;
};

ExitCode top(Invocation& invocation, QmSession& session, enqueue::Runtime& /*runtime*/) {
    return Top(invocation, session).run();
}

constexpr std::array own_switches = {
    Switch{"content", Switch::Value::optional, "begin of the content; =(START=n,LENGTH=n)"},
    Switch{"from", Switch::Value::optional, "envelope senders; =(START=n,LENGTH=n)"},
    Switch{"subject", Switch::Value::optional, "subjects (default); =(START=n,LENGTH=n)"},
    Switch{"to", Switch::Value::optional, "recipients; =(START=n,LENGTH=n)"},
    Switch{"domain_to", Switch::Value::optional, "domains of recipients; =(START=n,LENGTH=n)"},
    Switch{"min_count", Switch::Value::required, "least count to be shown (2)"},
    Switch{"top", Switch::Value::required, "so many values (20)"},
};
constexpr auto switches = joined(own_switches, scan_switches);

}  // namespace

const Command qm_top_command = {
    .name = "top",
    .summary = "show the most frequent subjects, senders, recipients",
    .parameters = "[channel]",
    .switches = switches,
    .most_parameters = 1,
    .run = with_queue<top>,
};

const Command qtop_command = {
    .name = "qtop",
    .summary = "show the most frequent subjects, senders, recipients",
    .parameters = "[channel]",
    .switches = switches,
    .most_parameters = 1,
    .run = with_queue<top>,
};

}  // namespace sluice::utility
