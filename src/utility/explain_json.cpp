#include "utility/explain_json.h"

#include <algorithm>
#include <string>

namespace sluice::utility {

namespace {

void add_if(JsonLine& json, std::string_view key, std::string_view text) {
    if (!text.empty()) json.add(key, text);
}

void add_if(JsonLine& json, std::string_view key, std::span<const JsonLine> objects) {
    if (!objects.empty()) json.add(key, objects);
}

void add_place(JsonLine& json, const SourceLocation& where) {
    if (!where.file) return;
    json.add("file", where.file_name()).add("line", std::uint64_t{where.line});
}

/// "rule matched" as "rule_matched".
std::string word(std::string_view text) {
    std::string out(text);
    std::replace(out.begin(), out.end(), ' ', '_');
    return out;
}

JsonLine object_of(const mapping::TraceStep& step) {
    using Event = mapping::TraceStep::Event;
    JsonLine json;
    json.add("event", word(to_string(step.event))).add("table", step.table);
    if (step.depth > 0) json.add("depth", std::uint64_t{step.depth});
    add_place(json, step.where);
    add_if(json, "pattern", step.pattern);
    json.add("input", step.input);
    if (step.count > 0) json.add("count", std::uint64_t{step.count});
    if (step.event == Event::matched) json.add("fields", step.fields);
    add_if(json, "elements", json_of(step.elements));
    add_if(json, "template", step.template_text);
    add_if(json, "parts", json_of(step.parts));
    if (step.event == Event::succeeded || step.event == Event::result) {
        json.add("output", step.output);
    }
    if (step.event == Event::succeeded || step.event == Event::failed ||
        step.event == Event::result) {
        json.add("flags", step.flags);
    }
    add_if(json, "detail", step.detail);
    return json;
}

JsonLine object_of(const rewrite::TraceStep& step) {
    JsonLine json;
    json.add("event", word(rewrite::to_string(step.event)));
    add_place(json, step.rule);
    add_if(json, "pattern", step.pattern);
    add_if(json, "template", step.template_text);
    add_if(json, "host", step.host);
    add_if(json, "position", step.position);
    add_if(json, "detail", step.detail);
    return json;
}

JsonLine object_of(const mapping::RecordedAnswer& look_up) {
    JsonLine json;
    json.add("question", look_up.question.to_debug_string())
        .add("answer", word(mapping::to_string(look_up.answer.kind)));
    add_if(json, "text", look_up.answer.text);
    return json;
}

JsonLine object_of(const policy::TraceEntry& entry) {
    JsonLine json;
    json.add("stage", policy::to_string(entry.stage)).add("text", entry.text);
    add_place(json, entry.where);
    std::vector<JsonLine> tried;
    for (const auto& each : entry.tried)
        tried.emplace_back().add("place", each.place).add("keys", each.keys);
    add_if(json, "tried", tried);
    std::vector<JsonLine> rules;
    for (const rewrite::TraceStep& step : entry.rewrite_steps) rules.push_back(object_of(step));
    add_if(json, "rules", rules);
    add_if(json, "tables", json_of(entry.mapping_steps));
    std::vector<JsonLine> look_ups;
    for (const auto& look_up : entry.look_ups) look_ups.push_back(object_of(look_up));
    add_if(json, "look_ups", look_ups);
    return json;
}

}  // namespace

std::vector<JsonLine> json_of(std::span<const mapping::TracePart> parts) {
    std::vector<JsonLine> out;
    for (const mapping::TracePart& part : parts) {
        JsonLine& json = out.emplace_back();
        json.add("source", part.source).add("text", part.text);
        add_if(json, "note", part.note);
    }
    return out;
}

std::vector<JsonLine> json_of(std::span<const mapping::TraceStep> steps) {
    std::vector<JsonLine> out;
    for (const mapping::TraceStep& step : steps) out.push_back(object_of(step));
    return out;
}

std::vector<JsonLine> json_of(const policy::Trace& trace) {
    std::vector<JsonLine> out;
    for (const policy::TraceEntry& entry : trace) out.push_back(object_of(entry));
    return out;
}

}  // namespace sluice::utility
