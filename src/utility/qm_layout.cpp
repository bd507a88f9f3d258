#include "utility/qm_layout.h"

#include <algorithm>
#include <cstdio>

#include "message/date.h"
#include "utility/json_line.h"
#include "utility/printable.h"

namespace sluice::utility {

namespace {

constexpr std::size_t size_column_end = 38;
constexpr std::size_t date_width = 20;
constexpr std::size_t rule_width = 62;
constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string shown_address(const std::string& address) {
    return address.empty() ? "<>" : printable_text(address);
}

class ListingWriter {
public:
    ListingWriter(std::ostream& out, const ListingStyle& style, std::size_t count)
        : out_(out), style_(style), number_width_(std::to_string(count).size()) {}

    void heading() {
        if (!style_.heading) return;
        out_ << qm_now(style_.now, style_.zone) << '\n'
             << "Data gathered from "
             << (style_.from_database ? "the job controller" : "the queue directory tree")
             << "\n\n";
    }
    void begin_channel(const std::string& channel) {
        std::string line = "Channel: " + printable_text(channel);
        if (style_.file_info) {
            const std::size_t left = size_column_end - 4;
            line = pad_right(line, std::max(left, line.size() + 1)) + "Size Queued since";
        }
        if (style_.reason) {
            line = pad_right(line, style_.file_info ? size_column_end + 1 + date_width : 33) +
                   " Reason";
        }
        out_ << line << '\n' << rule() << '\n';
    }
    void message(std::size_t number, const QueuedMessage& message) {
        std::string line = pad_left(std::to_string(number), number_width_) + ' ' +
                           message.location.name.to_string();
        if (style_.file_info) {
            const std::string size =
                message.is_read ? std::to_string(blocks_of(message.size, style_.block_size)) : "-";
            const std::size_t room =
                line.size() < size_column_end ? size_column_end - line.size() : 0;
            line += pad_left(size, std::max(room, size.size() + 1)) + ' ' +
                    qm_date(message.since, style_.zone);
        }
        if (style_.reason) {
            line = pad_right(line, style_.file_info ? size_column_end + 1 + date_width : 33) + ' ' +
                   printable_text(message.reason);
        }
        out_ << line << '\n';
        const std::string indent(number_width_ + 1, ' ');
        if (!message.trouble.empty()) {
            out_ << indent << "cannot be read: " << printable_text(message.trouble) << '\n';
        }
        if (!style_.envelope || !message.is_read) return;
        out_ << indent << "From: " << shown_address(message.sender) << '\n';
        for (const std::string& recipient : message.recipients) {
            out_ << indent << "To:   " << shown_address(recipient) << '\n';
        }
    }
    void end_channel(std::uint64_t blocks) {
        out_ << rule() << '\n';
        if (style_.file_info) total("Total size:", blocks);
        out_ << '\n';
    }
    void end(std::uint64_t blocks, std::size_t count) {
        if (!style_.total) return;
        if (style_.file_info) {
            total("Grand total size:", blocks);
        } else {
            out_ << count << " total messages queued\n";
        }
    }

private:
    void total(const std::string& label, std::uint64_t blocks) {
        const std::string number = std::to_string(blocks);
        out_ << label
             << pad_left(number, std::max(size_column_end - label.size(), number.size() + 1))
             << '\n';
    }
    static std::string rule() { return std::string(rule_width, '-'); }

    std::ostream& out_;
    const ListingStyle& style_;
    std::size_t number_width_;
};

// Column widths of the summary.
constexpr std::size_t channel_width = 23;
constexpr std::size_t count_width = 8;
constexpr std::size_t blocks_width = 13;
constexpr std::size_t oldest_width = 14;
constexpr std::size_t held_width = 4;

void summary_line(
    std::ostream& out,
    const std::string& channel,
    const std::string& messages,
    const std::string& blocks,
    const std::string& oldest,
    const std::string& held,
    std::string_view mark
) {
    std::string line = pad_right(channel, channel_width) + "  " + pad_left(messages, count_width) +
                       "  " + pad_left(blocks, blocks_width) + "   " +
                       pad_right(oldest, oldest_width) + "  " + pad_left(held, held_width);
    if (!mark.empty()) line += "  " + std::string(mark);
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
}

void summary_rule(std::ostream& out) {
    summary_line(
        out, std::string(channel_width, '-'), std::string(count_width, '-'),
        std::string(blocks_width, '-'), std::string(oldest_width, '-'),
        std::string(held_width, '-'), {}
    );
}

}  // namespace

std::string qm_date(WallTime time, const TimeZone& zone) {
    const CivilTime t = civil_time(time, zone);
    char text[64];
    std::snprintf(
        text, sizeof text, "%02u-%s-%04d %02u:%02u:%02u", t.day, months[t.month - 1], t.year,
        t.hour, t.minute, t.second
    );
    return text;
}

std::string qm_short_date(WallTime time, const TimeZone& zone) {
    const CivilTime t = civil_time(time, zone);
    char text[64];
    std::snprintf(
        text, sizeof text, "%02u-%s %02u:%02u", t.day, months[t.month - 1], t.hour, t.minute
    );
    return text;
}

std::string qm_now(WallTime now, const TimeZone& zone) {
    const std::string name = zone.name_at(now);
    return message::format_date(now, zone) + (name.empty() ? "" : " (" + name + ')');
}

std::uint64_t blocks_of(std::uint64_t octets, std::uint64_t block_size) {
    return octets / block_size + (octets % block_size != 0 ? 1 : 0);
}

std::string pad_right(std::string_view text, std::size_t width) {
    std::string out(text);
    if (out.size() < width) out.resize(width, ' ');
    return out;
}

std::string pad_left(std::string_view text, std::size_t width) {
    return std::string(width > text.size() ? width - text.size() : 0, ' ') + std::string(text);
}

void write_listing(
    std::ostream& out, const std::vector<QueuedMessage>& messages, const ListingStyle& style
) {
    ListingWriter writer(out, style, messages.size());
    writer.heading();
    std::uint64_t all_blocks = 0;
    for (std::size_t i = 0; i < messages.size();) {
        const std::string& channel = messages[i].location.channel;
        std::uint64_t blocks = 0;
        writer.begin_channel(channel);
        for (; i < messages.size() && messages[i].location.channel == channel; ++i) {
            writer.message(i + 1, messages[i]);
            blocks += blocks_of(messages[i].size, style.block_size);
        }
        writer.end_channel(blocks);
        all_blocks += blocks;
    }
    writer.end(all_blocks, messages.size());
}

std::string listing_json(
    const QueuedMessage& message, std::size_t number, const ListingStyle& style
) {
    JsonLine json;
    if (number != 0) json.add("id", std::uint64_t{number});
    json.add("channel", message.location.channel)
        .add("file", message.location.relative_path())
        .add("unique", message.location.name.unique)
        .add("attempts", std::uint64_t{message.location.name.attempts})
        .add("held", message.is_held())
        .add("queued_since", message.since);
    if (message.is_read) {
        json.add("size", message.size).add("blocks", blocks_of(message.size, style.block_size));
    }
    if (message.is_read && !message.recipients.empty()) {
        json.add("owner", message.owner)
            .add("sender", message.sender)
            .add("recipients", message.recipients)
            .add("message_id", message.message_id);
    }
    if (!message.host.empty()) json.add("host", message.host);
    if (!message.subject.empty()) json.add("subject", message.subject);
    if (!message.reason.empty()) json.add("reason", message.reason);
    if (!message.trouble.empty()) json.add("trouble", message.trouble);
    return json.to_string();
}

void write_summary(
    std::ostream& out, const std::vector<ChannelSummary>& channels, const SummaryStyle& style
) {
    if (style.heading) {
        summary_line(out, "Channel", "Messages", "Size (blocks)", "Oldest", "Held", {});
        summary_rule(out);
    }
    std::uint64_t messages = 0;
    std::uint64_t blocks = 0;
    std::uint64_t held = 0;
    std::uint64_t unread = 0;
    for (const ChannelSummary& channel : channels) {
        summary_line(
            out, printable_text(channel.channel), std::to_string(channel.messages),
            std::to_string(channel.blocks) + (channel.unread > 0 ? "+" : ""),
            channel.oldest ? qm_short_date(*channel.oldest, style.zone) : "",
            std::to_string(channel.held), channel.stopped ? "STOPPED" : ""
        );
        messages += channel.messages;
        blocks += channel.blocks;
        held += channel.held;
        unread += channel.unread;
    }
    if (!style.trailing) return;
    summary_rule(out);
    summary_line(
        out, "Total", std::to_string(messages), std::to_string(blocks) + (unread > 0 ? "+" : ""),
        "", std::to_string(held), {}
    );
}

}  // namespace sluice::utility
