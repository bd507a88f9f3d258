#include "utility/track_request.h"

#include "base/bytes.h"
#include "tracking/stamp.h"
#include "utility/quantities.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "TRACK";

class RequestReader {
public:
    explicit RequestReader(Invocation& invocation)
        : line_(invocation.line()), console_(invocation.console()) {}

    std::optional<TrackRequest> read() {
        tracking::Selection& wanted = request_.selection;
        wanted.message_id = text("message_id");
        wanted.envelope_id = text("envid");
        wanted.file = text("file");
        wanted.sender = text("from");
        wanted.recipient = text("to");
        wanted.host = text("host");
        const bool good = read_numbers() && read_times() && read_view();
        return good ? std::optional(request_) : std::nullopt;
    }

private:
    [[nodiscard]] std::string text(std::string_view name) const {
        return std::string(line_.value(name).value_or(""));
    }
    bool bad(std::string_view name) {
        console_.error(
            facility, "VALUE",
            "-" + std::string(name) + ": not understood: " + printable(text(name))
        );
        return false;
    }
    bool read_numbers() {
        if (line_.has("client")) {
            request_.selection.client = IpAddress::parse(text("client"));
            if (!request_.selection.client) return bad("client");
        }
        if (line_.has("session")) {
            request_.selection.session = parse_unsigned(text("session"));
            if (!request_.selection.session) return bad("session");
        }
        if (line_.has("window")) {
            const auto window = parse_age(text("window"));
            if (!window) return bad("window");
            request_.window = *window;
        }
        return true;
    }
    bool read_time(std::string_view name, std::optional<WallTime>& time) {
        if (!line_.has(name)) return true;
        const WallTime now = system_clock().wall_now();
        time = parse_moment(text(name), now);
        if (time) return true;
        // "2026-03-02", "2026-03-02 10:11", "02-Mar-2026 10:11:07": in local time.
        const std::string typed = text(name);
        for (const char* rest : {"", ":00", " 00:00:00"}) {
            const std::string whole = typed + rest;
            std::string_view left = whole;
            const auto stamp = tracking::take_stamp(left, {TimeZone::system(), now});
            if (!stamp || !stamp->time || !left.empty()) continue;
            time = stamp->time;
            return true;
        }
        return bad(name);
    }
    bool read_times() {
        return read_time("since", request_.selection.since) &&
               read_time("until", request_.selection.until);
    }
    bool read_view() {
        TrackView& view = request_.view;
        for (const char* name : {"style", "format"}) {
            if (!line_.has(name)) continue;
            const auto style = parse_track_style(text(name));
            if (!style) return bad(name);
            view.style = *style;
        }
        if (line_.has("json")) view.style = TrackStyle::json;
        view.list = line_.has("list");
        view.summary = line_.has("summary");
        if (line_.has("stamp")) {
            const auto style = tracking::parse_stamp_style(text("stamp"));
            if (!style) return bad("stamp");
            view.stamps = *style;
        }
        const std::string group = text("group");
        if (group == "connection")
            request_.grouping = TrackGrouping::connection;
        else if (group == "none")
            request_.grouping = TrackGrouping::none;
        else if (!group.empty() && group != "message")
            return bad("group");
        view.connections = request_.grouping == TrackGrouping::connection;
        return true;
    }

    const CommandLine& line_;
    Console& console_;
    TrackRequest request_;
};

}  // namespace

std::optional<TrackRequest> read_track_request(Invocation& invocation) {
    return RequestReader(invocation).read();
}

}  // namespace sluice::utility
