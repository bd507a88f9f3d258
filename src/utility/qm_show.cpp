// imsimta qm history, read: one message after the other, for people.
#include <map>

#include "utility/json_line.h"
#include "utility/printable.h"
#include "utility/qm_commands.h"
#include "utility/qm_layout.h"
#include "utility/qm_targets.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "QM";
constexpr std::size_t label_width = 22;

std::string hundredths(WallTime time) {
    const auto hundred = time.time_since_epoch().count() / 10000 % 100;
    const std::string text = std::to_string(hundred);
    return (text.size() < 2 ? ".0" : ".") + text;
}

std::string attempts_text(unsigned attempts) {
    return std::to_string(attempts) + " attempt" + (attempts == 1 ? "" : "s");
}

/// What a command shows of each target; common to history and read.
class Show {
public:
    Show(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime)
        : line_(invocation.line()),
          console_(invocation.console()),
          session_(session),
          runtime_(runtime),
          invocation_(invocation) {}
    virtual ~Show() = default;
    Show(const Show&) = delete;
    Show& operator=(const Show&) = delete;

    ExitCode run() {
        ExitCode code = ExitCode::done;
        const auto targets = find_targets(invocation_, session_, runtime_, {}, code);
        if (!targets) return code;
        before(targets->messages.size());
        unsigned long done = 0;
        unsigned long missing = 0;
        for (const Target& target : targets->messages) {
            if (line_.has("confirm") && !console_.confirm("Show " + target.name() + '?')) continue;
            auto file = queue::MessageFile::open(
                runtime_.store(), target.message.location, queue::Access::read
            );
            if (!file) {
                ++missing;
                say_missing(target, file.error());
                continue;
            }
            if (done++ > 0 && !line_.has("json")) console_.line("");
            show(*file);
        }
        return missing == 0 ? ExitCode::done : ExitCode::partly_done;
    }

protected:
    virtual void before(std::size_t /*messages*/) {}
    virtual void show(queue::MessageFile& file) = 0;

    const CommandLine& line_;
    Console& console_;
    QmSession& session_;
    enqueue::Runtime& runtime_;
    Invocation& invocation_;

private:
    void say_missing(const Target& target, const Error& error) {
        if (queue::failure_kind(error) == queue::Failure::gone) {
            console_.warning(facility, "GONE", target.name() + " is no longer queued");
        } else {
            console_.error(facility, "NOTREAD", target.name() + ": " + error.detail());
        }
    }
};

// --- history ---

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

// --- read ---

/// Text of a message, line by line, made harmless for a terminal.
class LinePrinter {
public:
    explicit LinePrinter(Console& console) : console_(console) {}

    void take(std::string_view octets) {
        for (const char c : octets) {
            if (c == '\n') {
                flush();
            } else if (line_.size() < longest) {
                line_ += c;
            }
        }
    }
    void flush() {
        if (line_.ends_with('\r')) line_.pop_back();
        std::string shown;
        // A tab moves no cursor to where it should not be.
        for (const std::string_view part : split(line_, '\t')) {
            shown += printable_text(part) + '\t';
        }
        shown.pop_back();
        console_.line(shown);
        line_.clear();
    }
    void finish() {
        if (!line_.empty()) flush();
    }

private:
    static constexpr std::size_t longest = 64UL << 10U;
    Console& console_;
    std::string line_;
};

std::string notify_words(unsigned flags) {
    if ((flags & queue::notify_never) != 0) return "never";
    std::string words;
    const auto add = [&](queue::NotifyFlag flag, std::string_view word) {
        if ((flags & flag) != 0) words += (words.empty() ? "" : ",") + std::string(word);
    };
    add(queue::notify_success, "success");
    add(queue::notify_failure, "failure");
    add(queue::notify_delay, "delay");
    return words;
}

class Read final : public Show {
public:
    using Show::Show;

private:
    /// Reading other people's mail leaves a trace.
    void before(std::size_t messages) override {
        if (line_.has("content")) write_audit(invocation_, session_, runtime_, messages);
    }

    void show(queue::MessageFile& file) override {
        const auto header = read_header(file);
        if (!header) {
            console_.error(facility, "NOTREAD", header.error().detail());
            return;
        }
        if (line_.has("json")) {
            json(file, *header);
            return;
        }
        envelope(file);
        console_.line("Message header:");
        std::size_t end = header_end(*header);
        LinePrinter printer(console_);
        printer.take(std::string_view(*header).substr(0, end));
        printer.finish();
        if (!line_.has("content")) return;
        console_.line("");
        content(file, end);
    }

    /// Up to the blank line.
    static std::size_t header_end(const std::string& text) {
        for (std::size_t i = 0; i < text.size();) {
            const std::size_t end = text.find('\n', i);
            const std::string_view line = std::string_view(text).substr(i, end - i);
            if (line.empty() || line == "\r") return i;
            if (end == std::string::npos) break;
            i = end + 1;
        }
        return text.size();
    }

    void content(queue::MessageFile& file, std::size_t from) {
        LinePrinter printer(console_);
        std::string chunk(64UL << 10U, '\0');
        bool first_line = true;
        for (std::uint64_t offset = from; offset < file.content_size();) {
            const auto count = file.read_content(offset, chunk.data(), chunk.size());
            if (!count || *count == 0) break;
            offset += *count;
            std::string_view octets(chunk.data(), *count);
            if (first_line) {  // the blank line itself
                octets.remove_prefix(std::min(octets.size(), octets.find('\n') + 1));
                first_line = false;
            }
            printer.take(octets);
        }
        printer.finish();
    }

    void field(std::string_view label, const std::string& value) {
        console_.line(pad_right(label, label_width) + value);
    }

    void envelope(queue::MessageFile& file) {
        const queue::Envelope& e = file.envelope();
        const auto block = static_cast<std::uint64_t>(
            runtime_.configuration().options.integer(config::OptionId::block_size)
        );
        field("Filename:", file.location().relative_path());
        field("Envelope From:", e.sender.empty() ? "<>" : printable_text(e.sender));
        for (const queue::Recipient& recipient : e.recipients) {
            std::string text = printable_text(recipient.address);
            if (recipient.orcpt) {
                text += "  (orig " + printable_text(recipient.orcpt_type.value_or("rfc822")) + ';' +
                        printable_text(*recipient.orcpt) + ')';
            }
            text += "  notify=" + notify_words(recipient.notify_flags());
            field("Envelope To:", text);
        }
        field("Source channel:", printable_text(e.source_channel));
        field("Envelope id:", printable_text(e.envelope_id));
        field("Enqueued:", qm_date(e.enqueued, TimeZone::system()));
        field(
            "Size / priority:", std::to_string(blocks_of(file.content_size(), block)) +
                                    " blocks / " + printable_text(e.priority)
        );
        if (file.location().name.state() == queue::MessageState::held) {
            field("Held:", printable_text(file.hold_reason().value_or("")));
        }
    }

    void json(queue::MessageFile& file, const std::string& header) {
        const queue::Envelope& e = file.envelope();
        JsonLine out;
        std::vector<std::string> recipients;
        for (const auto& recipient : e.recipients) recipients.push_back(recipient.address);
        out.add("file", file.location().relative_path())
            .add("sender", e.sender)
            .add("recipients", recipients)
            .add("source_channel", e.source_channel)
            .add("envelope_id", e.envelope_id)
            .add("message_id", e.message_id.value_or(""))
            .add("enqueued", e.enqueued)
            .add("size", file.content_size())
            .add("priority", e.priority)
            .add("header", header.substr(0, header_end(header)));
        console_.line(out.to_string());
    }
};

template <class Kind>
ExitCode show(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    return Kind(invocation, session, runtime).run();
}

constexpr std::array history_own = {
    Switch{"confirm", Switch::Value::none, "ask about each message"},
    Switch{"json", Switch::Value::none, "one JSON object a line"},
};
constexpr std::array read_own = {
    Switch{"content", Switch::Value::none, "the body too; is noted in operator.log"},
    Switch{"confirm", Switch::Value::none, "ask about each message"},
    Switch{"json", Switch::Value::none, "one JSON object a line"},
};
constexpr auto history_switches = joined(joined(target_switches, selector_switches), history_own);
constexpr auto read_switches = joined(joined(target_switches, selector_switches), read_own);

}  // namespace

const Command qm_history_command = {
    .name = "history",
    .summary = "show the delivery history of messages",
    .parameters = "[id ...]",
    .switches = history_switches,
    .most_parameters = any_number,
    .run = with_queue<show<History>>,
};

const Command qm_read_command = {
    .name = "read",
    .summary = "show envelope and header of messages",
    .parameters = "[id ...]",
    .switches = read_switches,
    .most_parameters = any_number,
    .run = with_queue<show<Read>>,
};

}  // namespace sluice::utility
