#include "mapping/trace.h"

#include <utility>

#include "base/bytes.h"
#include "mapping/limits.h"

namespace sluice::mapping {

namespace {

using Event = TraceStep::Event;

std::string listed(const std::vector<std::string>& fields) {
    std::string text;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        text += " $" + std::to_string(i) + "=\"" + fields[i] + '"';
    }
    return text;
}

std::size_t octets_of(const TraceStep& step) {
    std::size_t octets = step.input.size() + step.output.size() + step.template_text.size();
    octets += step.pattern.size() + step.detail.size();
    for (const auto& field : step.fields) octets += field.size();
    for (const auto* parts : {&step.elements, &step.parts}) {
        for (const auto& part : *parts) octets += part.source.size() + part.text.size();
    }
    return octets;
}

bool has_flags(Event event) {
    return event == Event::succeeded || event == Event::failed || event == Event::result;
}

}  // namespace

std::string_view to_string(TraceStep::Event event) {
    switch (event) {
        case Event::probe:
            return "probe";
        case Event::passed_over:
            return "passed over";
        case Event::not_matched:
            return "no match";
        case Event::abandoned:
            return "comparison abandoned";
        case Event::matched:
            return "match";
        case Event::succeeded:
            return "template done";
        case Event::failed:
            return "template failed";
        case Event::restart_refused:
            return "restart limit reached";
        case Event::next_pass:
            return "another pass";
        case Event::ended:
            return "ended";
        case Event::no_table:
            return "no such table";
        case Event::pending:
            return "waiting for an answer";
        case Event::result:
            break;
    }
    return "result";
}

bool TraceStep::concerns_an_entry() const {
    switch (event) {
        case Event::not_matched:
        case Event::abandoned:
        case Event::matched:
        case Event::succeeded:
        case Event::failed:
        case Event::restart_refused:
        case Event::pending:
            return true;
        default:
            return false;
    }
}

std::string TraceStep::to_string() const {
    std::string text(std::size_t{2} * depth, ' ');
    text += table;
    if (where.file && event != Event::result) text += ' ' + where.to_string();
    if (!pattern.empty()) text += " `" + pattern + '`';
    if (event == Event::passed_over) return printable(text + ": " + detail);
    if (event != Event::result) text += " on \"" + input + '"';
    text += ": ";
    text += mapping::to_string(event);
    if (!detail.empty()) text += ": " + detail;
    text += listed(fields);
    if (event == Event::succeeded || event == Event::result) text += " -> \"" + output + '"';
    if (has_flags(event)) text += " flags " + (flags.empty() ? "-" : flags);
    return printable(text);
}

void Trace::add(TraceStep step) {
    octets_ += octets_of(step);
    if (steps_.size() >= limits::trace_steps || octets_ > limits::trace_octets) truncated_ = true;
    if (truncated_) return;
    steps_.push_back(std::move(step));
}

std::string Trace::to_string() const {
    std::string text;
    for (const auto& step : steps_) text += step.to_string() + '\n';
    if (truncated_) text += "(further steps left out)\n";
    return text;
}

}  // namespace sluice::mapping
