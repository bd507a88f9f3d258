#include "utility/track_output.h"

#include <algorithm>

#include "base/bytes.h"
#include "log/render.h"
#include "tracking/rendering.h"
#include "utility/json_line.h"
#include "utility/printable.h"
#include "utility/qm_layout.h"

namespace sluice::utility {

namespace {

using tracking::Group;
using tracking::Story;

std::string from_text(const Story& story) {
    if (!story.has_sender) return "";
    return story.sender.empty() ? "<>" : story.sender;
}

std::string size_text(std::uint64_t bytes) {
    return std::to_string((bytes + 1023) / 1024) + "k";
}

std::string recipients_text(const Story& story) {
    constexpr std::size_t most = 3;
    std::string out;
    for (std::size_t i = 0; i < std::min(most, story.fates.size()); ++i)
        out += (i > 0 ? "," : "") + story.fates[i].recipient;
    if (story.fates.size() > most) out += ",+" + std::to_string(story.fates.size() - most);
    return out;
}

std::string marks_of(const Story& story) {
    std::string out;
    if (!story.begun) out += " [begin not in these logs]";
    if (!story.ended) out += " [end not in these logs]";
    if (story.guessed) out += " [tied by addresses only]";
    if (story.flushed) out += " [more lines than are kept]";
    return out;
}

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width) text.append(width - text.size(), ' ');
    return text;
}

}  // namespace

std::optional<TrackStyle> parse_track_style(std::string_view word) {
    if (word == "text") return TrackStyle::text;
    if (word == "json") return TrackStyle::json;
    if (word == "sun" || word == "pmdf") return TrackStyle::sun;
    if (word == "qmail") return TrackStyle::qmail;
    if (word == "postoffice") return TrackStyle::postoffice;
    return std::nullopt;
}

std::string TrackPrinter::stamp_of(const tracking::Step& step) const {
    tracking::Stamp stamp;
    stamp.text = step.stamp;
    stamp.time = step.time;
    return tracking::show_stamp(stamp, view_.stamps, view_.zone);
}

void TrackPrinter::show(const Group& group) {
    ++shown_;
    if (view_.summary) return count(group);
    const bool dialect = view_.style != TrackStyle::text && view_.style != TrackStyle::json;
    if (dialect) return show_dialect(group);
    const Story story = tracking::tell_story(group, reader_);
    if (story.guessed) ++guessed_;
    if (view_.style == TrackStyle::json)
        show_json(story);
    else if (view_.list)
        show_list(story);
    else
        show_text(story);
}

void TrackPrinter::show_step(const tracking::Step& step) {
    constexpr std::size_t what_width = 11;
    console_.line(
        "  " + printable_text(stamp_of(step)) + "  " + padded(step.what, what_width) + ' ' +
        printable_text(step.text)
    );
}

void TrackPrinter::show_text(const Story& story) {
    std::string title = view_.connections ? "Connection" : "Message";
    for (const std::string& id : story.message_ids) title += ' ' + id;
    if (!view_.connections) {
        if (story.has_sender) title += " from " + from_text(story);
        if (!story.fates.empty()) title += ": " + story.state();
    }
    console_.line(printable_text(title) + marks_of(story));
    for (const auto& step : story.steps) show_step(step);
    if (story.fates.size() > 1) {
        for (const auto& fate : story.fates)
            console_.line("    " + printable_text(fate.recipient) + ": " + fate.state);
    }
    console_.line("");
}

void TrackPrinter::show_list(const Story& story) {
    const std::string time = story.steps.empty() ? "" : stamp_of(story.steps.front());
    console_.line(
        printable_text(time) + "  " + printable_text(from_text(story)) + "  " +
        printable_text(recipients_text(story)) + "  " + size_text(story.bytes) + "  " +
        story.state() + (story.ended ? "" : " (open)")
    );
}

void TrackPrinter::show_json(const Story& story) {
    JsonLine json;
    json.add("message_ids", std::span<const std::string>(story.message_ids));
    if (story.has_sender) json.add("from", story.sender);
    json.add("octets", story.bytes).add("state", story.state());
    json.add("begun", story.begun).add("complete", story.begun && story.ended);
    json.add("guessed", story.guessed).add("cut", story.flushed);
    std::vector<JsonLine> fates;
    for (const auto& fate : story.fates) {
        JsonLine one;
        one.add("to", fate.recipient).add("state", fate.state);
        one.add("deferrals", std::uint64_t{fate.attempts}).add("reason", fate.reason);
        if (fate.time) one.add("time", *fate.time);
        fates.push_back(std::move(one));
    }
    json.add("recipients", std::span<const JsonLine>(fates));
    std::vector<JsonLine> steps;
    for (const auto& step : view_.list ? std::vector<tracking::Step>() : story.steps) {
        JsonLine one;
        if (step.time) one.add("time", *step.time);
        one.add("what", step.what).add("text", step.text);
        one.add("dialect", tracking::dialect_name(step.dialect)).add("line", step.line);
        steps.push_back(std::move(one));
    }
    if (!view_.list) json.add("steps", std::span<const JsonLine>(steps));
    console_.line(json.to_string());
}

void TrackPrinter::show_dialect(const Group& group) {
    const auto form = view_.style == TrackStyle::sun     ? tracking::Dialect::sun
                      : view_.style == TrackStyle::qmail ? tracking::Dialect::qmail_send
                                                         : tracking::Dialect::postoffice;
    tracking::Rendering rendering(form, view_.zone, view_.stamps);
    std::size_t lines = 0;
    const auto show = [&](const std::string& text) {
        ++lines;
        console_.line(printable_text(text));
    };
    for (const auto& line : group.lines) {
        tracking::Record record = reader_.read(line.text);
        for (const std::string& text : rendering.lines_of(record)) show(text);
    }
    for (const std::string& text : rendering.finish()) show(text);
    if (lines == 0) ++without_form_;
    console_.line("");
}

void TrackPrinter::show_line(std::string_view line) {
    ++shown_;
    const tracking::Step step = tracking::tell_step(reader_.read(line));
    if (view_.style == TrackStyle::json) {
        JsonLine json;
        if (step.time) json.add("time", *step.time);
        json.add("what", step.what).add("text", step.text);
        json.add("dialect", tracking::dialect_name(step.dialect)).add("line", step.line);
        console_.line(json.to_string());
    } else if (view_.style == TrackStyle::text) {
        show_step(step);
    } else {
        show_dialect(Group{{{0, step.time, std::string(line)}}, true, true, false, false});
    }
}

void TrackPrinter::count(const Group& group) {
    for (const auto& line : group.lines) {
        const tracking::Record record = reader_.read(line.text);
        const tracking::Step step = tracking::tell_step(record);
        if (record.events.empty() || !step.time) continue;
        const CivilTime at = civil_time(*step.time, view_.zone);
        char day[32];
        std::snprintf(day, sizeof day, "%04d-%02u-%02u", at.year, at.month, at.day);
        counts_[{day, record.events.front().source_channel, step.what}] += record.events.size();
    }
}

void TrackPrinter::finish() {
    for (const auto& [key, number] : counts_) {
        const auto& [day, channel, what] = key;
        if (view_.style == TrackStyle::json) {
            JsonLine json;
            json.add("day", day).add("channel", channel).add("what", what).add("count", number);
            console_.line(json.to_string());
        } else {
            console_.line(
                day + "  " + padded(printable_text(channel), 16) + padded(what, 14) +
                pad_left(std::to_string(number), 10)
            );
        }
    }
    if (guessed_ > 0)
        console_.warning(
            "TRACK", "GUESSED",
            "lines were tied by addresses only; LOG_MESSAGE_ID=1 and LOG_FILENAME=1 tell messages "
            "apart"
        );
    if (without_form_ > 0)
        console_.warning(
            "TRACK", "NOFORM",
            std::to_string(without_form_) + " stories have no counterpart in this style"
        );
}

}  // namespace sluice::utility
