#include "utility/conversion_report.h"

#include "base/bytes.h"
#include "utility/test_faces.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "TEST";

/// "text/html", with parameters.
std::string label_text(const conversion::Labels& labels) {
    std::string text = labels.type + '/' + labels.subtype;
    for (const message::Parameter& parameter : labels.type_parameters)
        text += "; " + parameter.name + '=' + parameter.value;
    if (!labels.disposition.empty()) text += ", " + labels.disposition;
    if (!labels.description.empty()) text += ", \"" + labels.description + '"';
    return text;
}

std::string end_text(const containment::Report& report) {
    using Kind = containment::Report::Kind;
    switch (report.kind) {
        case Kind::exited:
            return "ended with status " + std::to_string(report.code);
        case Kind::killed:
            return "died of signal " + std::to_string(report.code);
        case Kind::limited:
            return "stopped: " + report.text;
        case Kind::failed:
            break;
    }
    return "not run: " + report.text;
}

void print_services(Console& console, const converter::Reformatted& reformatted) {
    for (const converter::ServiceRecord& service : reformatted.services()) {
        console.line(
            "  part " + service.facts.number + ": " + printable(label_text(service.facts.labels))
        );
        for (const conversion::Tried& tried : service.tried) {
            console.line(
                "    " + tried.entry->where.to_string() + ": " +
                (tried.matched ? "applies, " : "does not apply: ") + printable(tried.text)
            );
        }
        if (!service.shell_text.empty())
            console.line("    service command: " + printable(service.shell_text));
        if (service.report) console.line("    command " + printable(end_text(*service.report)));
        console.line("    result: " + printable(service.what));
    }
}

}  // namespace

std::string outcome_text(const converter::Conversion& conversion) {
    if (conversion.directive() == conversion::Directive::none)
        return conversion.is_unchanged() ? "goes on unchanged" : "goes on changed";
    return std::string(conversion::to_string(conversion.directive())) +
           (conversion.text().empty() ? "" : ": " + conversion.text());
}

void print_part(Console& console, const converter::PartRecord& record) {
    console.line(
        "Part " + record.facts.number + ": " + printable(label_text(record.facts.labels)) +
        ", encoding " + printable(record.facts.encoding)
    );
    for (const conversion::Tried& tried : record.plan.tried) {
        console.line(
            "  " + tried.entry->where.to_string() + ": " +
            (tried.matched ? "applies, " : "does not apply: ") + printable(tried.text)
        );
    }
    if (record.plan.entry == nullptr && !record.plan.relabeled) console.line("  no entry applies");
    if (!record.shell_text.empty()) console.line("  command: " + printable(record.shell_text));
    if (record.report) {
        console.line("  command " + printable(end_text(*record.report)));
        for (const std::string& applied : record.report->applied)
            console.line("  confined by: " + printable(applied));
        if (!record.report->output.empty()) {
            console.line("  its output:");
            print_lines(console, record.report->output);
        }
    }
    console.line("  result: " + printable(record.what));
    if (record.plan.after != record.facts.labels)
        console.line("  labels: " + printable(label_text(record.plan.after)));
}

JsonLine json_of(const converter::PartRecord& record) {
    JsonLine json;
    json.add("part", record.facts.number)
        .add("type", record.facts.labels.type)
        .add("subtype", record.facts.labels.subtype)
        .add("encoding", record.facts.encoding);
    std::vector<JsonLine> entries;
    for (const conversion::Tried& tried : record.plan.tried) {
        JsonLine entry;
        entry.add("where", tried.entry->where.to_string())
            .add("applies", tried.matched)
            .add("text", tried.text);
        entries.push_back(std::move(entry));
    }
    json.add("entries", entries);
    if (!record.shell_text.empty()) json.add("command", record.shell_text);
    if (record.report) {
        json.add("ended", end_text(*record.report))
            .add("output", record.report->output)
            .add("confined_by", record.report->applied);
    }
    json.add("result", record.what).add("labels", label_text(record.plan.after));
    return json;
}

void print_reformat(
    Console& console,
    const converter::ReformatChoice& choice,
    const std::optional<converter::Reformatted>& reformatted
) {
    console.line("CHARSET-CONVERSION, when the message is enqueued:");
    console.line("  " + printable(choice.text));
    if (!reformatted) return console.line("  result: nothing is done");
    print_services(console, *reformatted);
    for (const converter::ReformatRecord& record : reformatted->records()) {
        const std::string place = record.number.empty() ? "message" : "part " + record.number;
        console.line("  " + place + ": " + printable(record.what));
    }
    for (const std::string& warning : reformatted->warnings())
        console.warning(facility, "REFORMAT", warning);
    console.line(
        std::string("  result: goes on ") + (reformatted->is_unchanged() ? "unchanged" : "changed")
    );
}

JsonLine json_of(
    const converter::ReformatChoice& choice,
    const std::optional<converter::Reformatted>& reformatted
) {
    JsonLine json;
    json.add("charset_conversion", choice.text).add("reformats", reformatted.has_value());
    if (!reformatted) return json;
    std::vector<std::string> done;
    for (const converter::ServiceRecord& service : reformatted->services())
        done.push_back("part " + service.facts.number + ": service: " + service.what);
    for (const converter::ReformatRecord& record : reformatted->records())
        done.push_back("part " + record.number + ": " + record.what);
    json.add("done", done)
        .add("changed", !reformatted->is_unchanged())
        .add("warnings", reformatted->warnings());
    return json;
}

}  // namespace sluice::utility
