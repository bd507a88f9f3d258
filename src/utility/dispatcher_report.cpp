#include "utility/dispatcher_report.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/time_zone.h"
#include "utility/json_line.h"
#include "utility/printable.h"
#include "utility/qm_layout.h"

namespace sluice::utility {

namespace {

using Row = std::vector<std::string>;

std::string decimal(double value, int digits) {
    std::array<char, 64> text;
    const auto written = std::to_chars(
        text.data(), text.data() + text.size(), value, std::chars_format::fixed, digits
    );
    return {text.data(), written.ptr};
}

std::string spread_text(const net::Spread& spread, int digits) {
    return decimal(spread.least, digits) + '/' + decimal(spread.average, digits) + '/' +
           decimal(spread.most, digits);
}

std::string time_text(const std::optional<WallTime>& time) {
    return time ? qm_date(*time, TimeZone::system()) : "-";
}

Row row_of(const net::ServiceFigures& service) {
    return {
        printable_text(service.service),
        service.ports.empty() ? "-" : printable_text(service.ports),
        std::to_string(service.ready) + '/' + std::to_string(service.busy) + '/' +
            std::to_string(service.shutting),
        std::to_string(service.current),
        std::to_string(service.peak),
        std::to_string(service.total),
        spread_text(service.per_hour, 0),
        spread_text(service.concurrent, 1),
        spread_text(service.duration, 1),
        std::to_string(service.rejected)};
}

Row row_of(const net::WorkerFigures& worker) {
    return {printable_text(worker.service), std::to_string(worker.pid),
            printable_text(worker.state),   std::to_string(worker.current),
            std::to_string(worker.peak),    std::to_string(worker.total),
            time_text(worker.started),      time_text(worker.ended)};
}

Row row_of(const net::ConnectionFigures& connection) {
    return {time_text(connection.started),      time_text(connection.ended),
            printable_text(connection.source),  printable_text(connection.destination),
            printable_text(connection.service), std::to_string(connection.pid),
            printable_text(connection.outcome)};
}

template <class Figures>
void append_table(std::vector<std::string>& lines, Row title, const std::vector<Figures>& figures) {
    std::vector<Row> rows{std::move(title)};
    for (const Figures& each : figures) rows.push_back(row_of(each));
    std::vector<std::size_t> widths(rows.front().size());
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    for (const Row& row : rows) {
        std::string line;
        for (std::size_t i = 0; i + 1 < row.size(); ++i) line += pad_right(row[i], widths[i] + 2);
        lines.push_back(line + row.back());
    }
}

JsonLine spread_json(const net::Spread& spread) {
    JsonLine json;
    json.add_number("min", decimal(spread.least, 3)).add_number("avg", decimal(spread.average, 3));
    json.add_number("max", decimal(spread.most, 3));
    return json;
}

void add_end(JsonLine& json, const std::optional<WallTime>& ended) {
    if (ended) {
        json.add("ended", *ended);
    } else {
        json.add_null("ended");
    }
}

}  // namespace

std::vector<std::string> text_lines(const net::Statistics& statistics) {
    std::vector<std::string> lines;
    append_table(
        lines,
        {"SERVICE", "PORT", "READY/BUSY/SHUTTING", "CURRENT", "PEAK", "TOTAL", "PER HOUR",
         "AT A TIME", "SECONDS", "REJECTED"},
        statistics.services
    );
    lines.emplace_back();
    append_table(
        lines, {"SERVICE", "WORKER", "STATE", "CURRENT", "PEAK", "TOTAL", "STARTED", "ENDED"},
        statistics.workers
    );
    if (statistics.connections.empty()) return lines;
    lines.emplace_back();
    append_table(
        lines, {"STARTED", "ENDED", "FROM", "TO", "SERVICE", "WORKER", "OUTCOME"},
        statistics.connections
    );
    return lines;
}

std::vector<std::string> json_lines(const net::Statistics& statistics) {
    std::vector<std::string> lines;
    for (const net::ServiceFigures& service : statistics.services) {
        JsonLine json;
        json.add("kind", "service").add("service", service.service).add("ports", service.ports);
        json.add("ready", service.ready).add("busy", service.busy);
        json.add("shutting", service.shutting).add("current", service.current);
        json.add("peak", service.peak).add("total", service.total);
        json.add("rejected", service.rejected).add("concurrent", spread_json(service.concurrent));
        json.add("per_hour", spread_json(service.per_hour));
        json.add("duration", spread_json(service.duration));
        lines.push_back(json.to_string());
    }
    for (const net::WorkerFigures& worker : statistics.workers) {
        JsonLine json;
        json.add("kind", "worker").add("service", worker.service).add("worker", worker.pid);
        json.add("state", worker.state).add("current", worker.current).add("peak", worker.peak);
        json.add("total", worker.total).add("started", worker.started);
        add_end(json, worker.ended);
        lines.push_back(json.to_string());
    }
    for (const net::ConnectionFigures& connection : statistics.connections) {
        JsonLine json;
        json.add("kind", "connection").add("service", connection.service).add("id", connection.id);
        json.add("worker", connection.pid).add("source", connection.source);
        json.add("destination", connection.destination).add("started", connection.started);
        add_end(json, connection.ended);
        json.add("outcome", connection.outcome);
        lines.push_back(json.to_string());
    }
    return lines;
}

}  // namespace sluice::utility
