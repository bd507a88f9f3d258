// imsimta qm read: envelope and header of messages, and what is in them.
#include <unistd.h>

#include "utility/json_line.h"
#include "utility/qm_commands.h"
#include "utility/qm_decoded.h"
#include "utility/qm_layout.h"
#include "utility/qm_show.h"

namespace sluice::utility {

namespace {

using config::OptionId;

constexpr std::string_view facility = "QM";
constexpr std::size_t label_width = 22;

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
    std::optional<ExitCode> before(std::size_t messages) override {
        if (!shows_content()) return std::nullopt;
        const Caller& caller = invocation_.who().caller;
        const bool allowed = runtime_.configuration().options.boolean(OptionId::qm_read_content) ||
                             may_run(PrivilegeClass::queue, caller);
        if (!allowed) {
            console_.error(
                facility, "NOCONTENT", "contents are not for operators here (QM_READ_CONTENT=0)"
            );
            return ExitCode::not_privileged;
        }
        write_audit(invocation_, session_, runtime_, messages);
        return std::nullopt;
    }
    [[nodiscard]] bool shows_content() const {
        return line_.has("content") || line_.has("decoded") || line_.has("raw");
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
        if (line_.has("raw")) {
            raw(file);
            return;
        }
        envelope(file);
        console_.line("Message header:");
        std::size_t end = header_end(*header);
        LinePrinter printer(console_);
        printer.take(std::string_view(*header).substr(0, end));
        printer.finish();
        if (!shows_content()) return;
        console_.line("");
        if (line_.has("decoded")) {
            show_decoded(console_, file);
        } else {
            content(file, end);
        }
    }

    /// The file as it is, envelope and history too.
    void raw(queue::MessageFile& file) {
        LinePrinter printer(console_);
        std::string chunk(64UL << 10U, '\0');
        off_t offset = 0;
        for (ssize_t count = 0;
             (count = ::pread(file.descriptor(), chunk.data(), chunk.size(), offset)) > 0;) {
            printer.take(std::string_view(chunk).substr(0, static_cast<std::size_t>(count)));
            offset += count;
        }
        printer.finish();
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

constexpr std::array read_own = {
    Switch{"content", Switch::Value::none, "the body too; is noted in operator.log"},
    Switch{"decoded", Switch::Value::none, "the texts in the body, decoded"},
    Switch{"raw", Switch::Value::none, "the file as it is"},
    Switch{"confirm", Switch::Value::none, "ask about each message"},
    Switch{"json", Switch::Value::none, "one JSON object a line"},
};
constexpr auto read_switches = joined(joined(target_switches, selector_switches), read_own);

}  // namespace

const Command qm_read_command = {
    .name = "read",
    .summary = "show envelope and header of messages",
    .parameters = "[id ...]",
    .switches = read_switches,
    .most_parameters = any_number,
    .run = with_queue<show<Read>>,
};

}  // namespace sluice::utility
