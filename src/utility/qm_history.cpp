// imsimta qm history: what was tried, and why it failed.
#include <map>

#include "utility/json_line.h"
#include "utility/qm_commands.h"
#include "utility/qm_layout.h"
#include "utility/qm_show.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "QM";

std::string hundredths(WallTime time) {
    const auto hundred = time.time_since_epoch().count() / 10000 % 100;
    const std::string text = std::to_string(hundred);
    return (text.size() < 2 ? ".0" : ".") + text;
}

std::string attempts_text(unsigned attempts) {
    return std::to_string(attempts) + " attempt" + (attempts == 1 ? "" : "s");
}

class History final : public Show {
public:
    using Show::Show;

private:
    void show(queue::MessageFile& file) override {
        const auto records = file.history();
        if (!records) {
            console_.error(facility, "NOTREAD", records.error().detail());
            return;
        }
        const std::string path = file.location().relative_path();
        if (line_.has("json")) {
            for (const queue::HistoryRecord& record : *records) json(path, record);
            return;
        }
        std::string first = path + "   " + attempts_text(file.location().name.attempts);
        if (const auto next = next_try(file.location())) {
            first += ", next " + qm_date(*next, TimeZone::system());
        }
        console_.line(first);
        console_.line(records->empty() ? "no history yet" : "");
        for (const queue::HistoryRecord& record : *records) text(record);
    }

    /// As far as the job controller knows; each channel is asked for once.
    std::optional<WallTime> next_try(const queue::MessageLocation& location) {
        auto [known, is_new] = next_tries_.try_emplace(location.channel);
        if (const auto controller = session_.controller(); is_new && controller) {
            auto listed =
                (*controller)->list_messages(location.channel, [&](const jobs::MessageRow& row) {
                    if (row.state == jobs::MessageState::delayed) {
                        known->second.emplace(row.file, row.next_try);
                    }
                });
            (void)listed;  // without an answer the time is not known
        }
        const auto found = known->second.find(file_in_channel(location));
        if (found == known->second.end()) return std::nullopt;
        return found->second;
    }

    void text(const queue::HistoryRecord& record) {
        std::string line = qm_date(record.when, TimeZone::system()) + hundredths(record.when) +
                           "  " + printable_text(record.channel) + "  " +
                           static_cast<char>(record.code) + "  " +
                           (record.recipient.empty() ? "*" : printable_text(record.recipient));
        if (!record.host.empty()) line += "  " + printable_text(record.host);
        console_.line(line);
        if (!record.text.empty()) console_.line("    " + printable_text(record.text));
    }

    void json(const std::string& path, const queue::HistoryRecord& record) {
        JsonLine out;
        out.add("file", path)
            .add("time", record.when)
            .add("channel", record.channel)
            .add("code", std::string(1, static_cast<char>(record.code)))
            .add("attempt", std::uint64_t{record.attempt})
            .add("process", std::uint64_t{record.process})
            .add("thread", std::uint64_t{record.thread})
            .add("recipient", record.recipient.empty() ? "*" : record.recipient)
            .add("host", record.host)
            .add("text", record.text);
        console_.line(out.to_string());
    }

    std::map<std::string, std::map<std::string, WallTime>> next_tries_;  ///< channel, file
};

constexpr std::array history_own = {
    Switch{"confirm", Switch::Value::none, "ask about each message"},
    Switch{"json", Switch::Value::none, "one JSON object a line"},
};
constexpr auto history_switches = joined(joined(target_switches, selector_switches), history_own);

}  // namespace

const Command qm_history_command = {
    .name = "history",
    .summary = "show the delivery history of messages",
    .parameters = "[id ...]",
    .switches = history_switches,
    .most_parameters = any_number,
    .run = with_queue<show<History>>,
};

}  // namespace sluice::utility
