#include "counters/report.h"

#include <algorithm>
#include <cstdio>

namespace sluice::counters {

namespace {

constexpr std::size_t label_width = 24;
constexpr std::size_t number_width = 10;

std::string left(std::string text, std::size_t width) {
    if (text.size() < width) text.resize(width, ' ');
    return text;
}

std::string right(const std::string& text, std::size_t width) {
    return std::string(text.size() < width ? width - text.size() : 0, ' ') + text;
}

std::string number(std::int64_t value) {
    return right(std::to_string(value), number_width);
}

class ReportWriter {
public:
    explicit ReportWriter(std::ostream& out) : out_(out) {}

    void heading() {
        out_ << left("Channel", label_width) << ' ' << right("Messages", number_width) << ' '
             << right("Recipients", number_width) << ' ' << right("Blocks", number_width) << '\n'
             << std::string(label_width, '-');
        for (int i = 0; i < 3; ++i) out_ << ' ' << std::string(number_width, '-');
        out_ << '\n';
    }

    void messages(const ChannelCounts& counts) {
        row("Received", counts, Group::received);
        row("Stored", counts, Group::stored);
        line(
            "Delivered", counts.delivered(Measure::messages), counts.delivered(Measure::recipients),
            counts.delivered(Measure::blocks),
            " (" + std::to_string(counts.at(Group::delivered_first, Measure::messages)) +
                " first time)"
        );
        row("Submitted", counts, Group::submitted);
        row("Attempted", counts, Group::attempted);
        row("Rejected", counts, Group::rejected);
        row("Failed", counts, Group::failed);
        out_ << '\n';
        const std::int64_t first = counts.at(seconds_cell(Attempt::first));
        const std::int64_t first_count = counts.at(Group::delivered_first, Measure::messages);
        ratio(
            "Queue time/count", first + counts.at(seconds_cell(Attempt::later)),
            counts.delivered(Measure::messages)
        );
        ratio("Queue first time/count", first, first_count);
        out_ << '\n';
    }

    void associations(const ChannelCounts& counts) {
        const auto at = [&](Association association) {
            return counts.at(association_cell(association));
        };
        bool any = association("Current In Assocs", counts.current_in);
        any |= association("Total In Assocs", at(Association::total_in));
        any |= association("Current Out Assocs", counts.current_out);
        any |= association("Total Out Assocs", at(Association::total_out));
        any |= association("Rejected In Assocs", at(Association::rejected_in));
        any |= association("Rejected Out Assocs", at(Association::rejected_out));
        any |= association("Failed Out Assocs", at(Association::failed_out));
        if (any) out_ << '\n';
    }

private:
    void row(const char* label, const ChannelCounts& counts, Group group) {
        line(
            label, counts.at(group, Measure::messages), counts.at(group, Measure::recipients),
            counts.at(group, Measure::blocks), {}
        );
    }
    void line(
        const char* label,
        std::int64_t messages,
        std::int64_t recipients,
        std::int64_t blocks,
        const std::string& remark
    ) {
        out_ << left("    " + std::string(label), label_width) << ' ' << number(messages) << ' '
             << number(recipients) << ' ' << number(blocks) << remark << '\n';
    }
    void ratio(const char* label, std::int64_t seconds, std::int64_t count) {
        char quotient[32];
        const double value =
            count == 0 ? 0 : static_cast<double>(seconds) / static_cast<double>(count);
        std::snprintf(quotient, sizeof quotient, "%.2f", value);
        out_ << left("    " + std::string(label), label_width + 6) << std::to_string(seconds) << '/'
             << std::to_string(count) << " = " << quotient << '\n';
    }
    bool association(const char* label, std::int64_t value) {
        if (value == 0) return false;
        out_ << left("    " + std::string(label), label_width) << ' ' << number(value) << '\n';
        return true;
    }

    std::ostream& out_;
};

bool is_empty(const ChannelCounts& counts) {
    return counts.current_in == 0 && counts.current_out == 0 &&
           std::all_of(counts.cells.begin(), counts.cells.end(), [](auto value) {
               return value == 0;
           });
}

void set_group(
    ChannelCounts& counts,
    Group group,
    std::int64_t messages,
    std::int64_t recipients,
    std::int64_t octets,
    std::int64_t blocks
) {
    counts.cells[cell(group, Measure::messages)] = messages;
    counts.cells[cell(group, Measure::recipients)] = recipients;
    counts.cells[cell(group, Measure::octets)] = octets;
    counts.cells[cell(group, Measure::blocks)] = blocks;
}

}  // namespace

void apply_waiting(
    std::vector<ChannelCounts>& channels,
    const std::vector<Waiting>& waiting,
    std::uint64_t block_size
) {
    for (ChannelCounts& counts : channels) set_group(counts, Group::stored, 0, 0, 0, 0);
    for (const Waiting& one : waiting) {
        auto at = std::find_if(channels.begin(), channels.end(), [&](const auto& counts) {
            return counts.channel == one.channel;
        });
        if (at == channels.end()) {
            if (one.messages == 0) continue;
            at = channels.insert(channels.end(), ChannelCounts{});
            at->channel = one.channel;
        }
        const std::uint64_t blocks = (one.octets + block_size - 1) / block_size;
        set_group(
            *at, Group::stored, static_cast<std::int64_t>(one.messages),
            static_cast<std::int64_t>(one.recipients), static_cast<std::int64_t>(one.octets),
            static_cast<std::int64_t>(blocks)
        );
    }
    std::sort(channels.begin(), channels.end(), [](const auto& a, const auto& b) {
        return a.channel < b.channel;
    });
}

std::vector<ChannelCounts> difference(
    const std::vector<ChannelCounts>& before, const std::vector<ChannelCounts>& after
) {
    std::vector<ChannelCounts> out = after;
    for (ChannelCounts& counts : out) {
        const auto earlier = std::find_if(before.begin(), before.end(), [&](const auto& one) {
            return one.channel == counts.channel;
        });
        if (earlier == before.end()) continue;
        for (Cell c = 0; c < cell_count; ++c) {
            const bool is_level = c >= cell(Group::stored, Measure::messages) &&
                                  c <= cell(Group::stored, Measure::blocks);
            if (!is_level && counts.cells[c] >= earlier->cells[c])
                counts.cells[c] -= earlier->cells[c];
        }
    }
    return out;
}

LimitCounts difference(const LimitCounts& before, const LimitCounts& after) {
    LimitCounts out = after;
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (out[i] >= before[i]) out[i] -= before[i];
    }
    return out;
}

void write_report(
    std::ostream& out, const std::vector<ChannelCounts>& channels, const ReportStyle& style
) {
    ReportWriter writer(out);
    if (style.heading) writer.heading();
    for (const ChannelCounts& counts : channels) {
        if (is_empty(counts)) continue;
        out << counts.channel << '\n';
        if (style.channels) writer.messages(counts);
        if (style.associations) writer.associations(counts);
    }
}

void write_limits(std::ostream& out, const LimitCounts& limits, const ReportStyle& style) {
    if (!style.limits || std::all_of(limits.begin(), limits.end(), [](auto n) { return n == 0; }))
        return;
    if (style.heading) out << left("Limits reached", label_width) << "      Times\n";
    for (std::size_t i = 0; i < limits.size(); ++i) {
        if (limits[i] == 0) continue;
        const auto name = sluice::limits::name_of(static_cast<sluice::limits::Limit>(i));
        out << left("    " + std::string(name), label_width) << ' ' << number(limits[i]) << '\n';
    }
}

}  // namespace sluice::counters
