#include "utility/statistics_report.h"

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

#include "base/bytes.h"
#include "utility/json_line.h"
#include "utility/printable.h"
#include "utility/qm_layout.h"
#include "utility/statistics_page.h"

namespace sluice::utility {

namespace {

using tracking::Counts;
using tracking::Statistics;

struct Column {
    std::string_view name;     ///< in machine-readable forms
    std::string_view heading;  ///< in the table
    std::uint64_t (*value)(const Counts& counts);
};

std::uint64_t average_delay(const Counts& counts) {
    return counts.delays == 0 ? 0 : counts.delay_seconds / counts.delays;
}

constexpr std::array<Column, 12> columns = {{
    {"messages", "messages", [](const Counts& c) { return c.messages; }},
    {"octets", "octets", [](const Counts& c) { return c.octets; }},
    {"recipients", "recipients", [](const Counts& c) { return c.recipients; }},
    {"delivered", "delivered", [](const Counts& c) { return c.delivered; }},
    {"deferred", "deferred", [](const Counts& c) { return c.deferred; }},
    {"bounced", "bounced", [](const Counts& c) { return c.bounced; }},
    {"discarded", "discarded", [](const Counts& c) { return c.discarded; }},
    {"refused", "refused", [](const Counts& c) { return c.refused; }},
    {"connections", "connect.", [](const Counts& c) { return c.connections; }},
    {"rejected", "rejected", [](const Counts& c) { return c.rejected; }},
    {"delay_average", "delay s", average_delay},
    {"delay_longest", "longest s", [](const Counts& c) { return c.longest_delay; }},
}};

struct Row {
    std::string_view section;
    std::string name;
    Counts counts;
};

bool is_busier(const Row& a, const Row& b) {
    const auto weight = [](const Row& row) {
        return row.counts.recipients + row.counts.delivered + row.counts.refused;
    };
    return weight(a) > weight(b);
}

std::vector<Row> rows_of(
    std::string_view section, const std::map<std::string, Counts>& counts, std::size_t most
) {
    std::vector<Row> rows;
    for (const auto& [name, one] : counts) rows.push_back({section, name, one});
    if (rows.size() <= most) return rows;
    std::stable_sort(rows.begin(), rows.end(), is_busier);
    rows.resize(most);
    return rows;
}

std::vector<Row> all_rows(const Statistics& counted, const ReportView& view) {
    std::vector<Row> rows = {{"total", "", counted.total()}};
    for (const auto& part :
         {rows_of("channel", counted.channels(), SIZE_MAX),
          rows_of("domain", counted.domains(), view.most_domains),
          rows_of("hour", counted.hours(), SIZE_MAX)})
        rows.insert(rows.end(), part.begin(), part.end());
    return rows;
}

std::string delay_name(std::size_t index) {
    if (index == tracking::delay_classes.size())
        return "more than " + std::to_string(tracking::delay_classes.back()) + " s";
    return "up to " + std::to_string(tracking::delay_classes[index]) + " s";
}

JsonLine json_of(const Row& row) {
    JsonLine json;
    json.add("section", row.section).add("name", row.name);
    for (const Column& column : columns) json.add(column.name, column.value(row.counts));
    return json;
}

template <class Visit>
void for_plain_counts(const Statistics& counted, const Visit& visit) {
    for (std::size_t i = 0; i < counted.delays().size(); ++i)
        visit("delay", delay_name(i), counted.delays()[i]);
    for (const auto& [reason, count] : counted.reasons()) visit("reason", reason, count);
}

std::string csv_field(std::string_view text) {
    std::string out = "\"";
    for (const char c : printable_text(text)) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

}  // namespace

void report_text(const Statistics& counted, const ReportView& view, Console& console) {
    constexpr std::size_t width = 12;
    std::string_view section;
    for (const Row& row : all_rows(counted, view)) {
        const std::string name = printable_text(row.name);
        if (row.section != section) {
            section = row.section;
            std::string heading = pad_right(to_upper(section), 24);
            for (const Column& column : columns) heading += pad_left(column.heading, width);
            if (section != "total") console.line("");
            console.line(heading);
        }
        std::string line = pad_right(name, 24);
        for (const Column& column : columns)
            line += pad_left(std::to_string(column.value(row.counts)), width);
        console.line(line);
    }
    section = {};
    for_plain_counts(counted, [&](std::string_view of, const std::string& name, std::uint64_t n) {
        if (of != section) {
            console.line("");
            console.line(of == "delay" ? "DELAY OF DELIVERIES" : "REFUSALS AND RETURNS");
            section = of;
        }
        console.line(pad_right(printable_text(name), 42) + pad_left(std::to_string(n), width));
    });
}

void report_csv(const Statistics& counted, const ReportView& view, Console& console) {
    std::string heading = "section,name";
    for (const Column& column : columns) (heading += ',') += column.name;
    console.line(heading + ",count");
    for (const Row& row : all_rows(counted, view)) {
        std::string line = std::string(row.section) + ',' + csv_field(row.name);
        for (const Column& column : columns)
            (line += ',') += std::to_string(column.value(row.counts));
        console.line(line + ',');
    }
    for_plain_counts(counted, [&](std::string_view of, const std::string& name, std::uint64_t n) {
        std::string line = std::string(of) + ',' + csv_field(name);
        line.append(columns.size() + 1, ',');
        console.line(line + std::to_string(n));
    });
}

void report_json(const Statistics& counted, const ReportView& view, Console& console) {
    for (const Row& row : all_rows(counted, view)) console.line(json_of(row).to_string());
    for_plain_counts(counted, [&](std::string_view of, const std::string& name, std::uint64_t n) {
        JsonLine json;
        json.add("section", of).add("name", name).add("count", n);
        console.line(json.to_string());
    });
}

std::string report_page(const Statistics& counted, const ReportView& view) {
    std::vector<JsonLine> rows;
    for (const Row& row : all_rows(counted, view)) rows.push_back(json_of(row));
    for_plain_counts(counted, [&](std::string_view of, const std::string& name, std::uint64_t n) {
        JsonLine json;
        json.add("section", of).add("name", name).add("count", n);
        rows.push_back(json);
    });
    JsonLine data;
    data.add("rows", std::span<const JsonLine>(rows));
    data.add("lines", counted.lines()).add("not_understood", counted.not_understood());
    return statistics_page(data.to_string());
}

}  // namespace sluice::utility
