#include "metrics/dispatcher_page.h"

#include <array>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "message/date.h"

namespace sluice::metrics {

namespace {

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += is_control(c) ? ' ' : c;
        }
    }
    return out;
}

std::string number(std::uint64_t value) {
    return std::to_string(value);
}

std::string spread_text(const net::Spread& spread) {
    std::string out;
    for (const double value : {spread.least, spread.average, spread.most}) {
        std::array<char, 64> text;
        const auto written = std::to_chars(
            text.data(), text.data() + text.size(), value, std::chars_format::fixed, 1
        );
        if (!out.empty()) out += " / ";
        out.append(text.data(), written.ptr);
    }
    return out;
}

class Page {
public:
    Page(const std::string& title, const TimeZone& zone) : zone_(zone) {
        text_ = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>" +
                escaped(title) +
                "</title>\n<style>table{border-collapse:collapse}td,th{border:1px solid #999;"
                "padding:0.2em 0.6em;text-align:left}</style>\n</head>\n<body>\n<h1>" +
                escaped(title) + "</h1>\n";
    }
    void paragraph(std::string_view words) { text_ += "<p>" + escaped(words) + "</p>\n"; }
    void begin_table(std::string_view heading, std::initializer_list<std::string_view> columns) {
        text_ += "<h2>" + escaped(heading) + "</h2>\n<table>\n<tr>";
        for (const std::string_view column : columns) text_ += "<th>" + escaped(column) + "</th>";
        text_ += "</tr>\n";
    }
    void row(std::initializer_list<std::string> cells) {
        text_ += "<tr>";
        for (const std::string& cell : cells) text_ += "<td>" + escaped(cell) + "</td>";
        text_ += "</tr>\n";
    }
    void end_table() { text_ += "</table>\n"; }
    [[nodiscard]] std::string time(const std::optional<WallTime>& moment) const {
        return moment ? message::format_date(*moment, zone_) : std::string("-");
    }
    std::string end() { return std::move(text_) + "</body>\n</html>\n"; }

private:
    const TimeZone& zone_;
    std::string text_;
};

}  // namespace

std::string dispatcher_page(
    const net::Statistics& statistics, const std::string& host, WallTime now, const TimeZone& zone
) {
    Page page("Dispatcher of " + host, zone);
    page.paragraph(page.time(now));
    page.begin_table(
        "Services", {"Service", "Port", "Ready / busy / shutting", "Current", "Peak", "Total",
                     "Per hour: min / avg / max", "At a time: min / avg / max",
                     "Seconds: min / avg / max", "Rejected"}
    );
    for (const net::ServiceFigures& service : statistics.services) {
        page.row(
            {service.service, service.ports,
             number(service.ready) + " / " + number(service.busy) + " / " +
                 number(service.shutting),
             number(service.current), number(service.peak), number(service.total),
             spread_text(service.per_hour), spread_text(service.concurrent),
             spread_text(service.duration), number(service.rejected)}
        );
    }
    page.end_table();
    page.begin_table(
        "Workers", {"Service", "Process", "State", "Current", "Peak", "Total", "Started", "Ended"}
    );
    for (const net::WorkerFigures& worker : statistics.workers) {
        page.row(
            {worker.service, number(worker.pid), worker.state, number(worker.current),
             number(worker.peak), number(worker.total), page.time(worker.started),
             page.time(worker.ended)}
        );
    }
    page.end_table();
    page.begin_table(
        "Connections", {"Started", "Ended", "From", "To", "Service", "Process", "Outcome"}
    );
    for (const net::ConnectionFigures& connection : statistics.connections) {
        page.row(
            {page.time(connection.started), page.time(connection.ended), connection.source,
             connection.destination, connection.service, number(connection.pid), connection.outcome}
        );
    }
    page.end_table();
    return page.end();
}

}  // namespace sluice::metrics
