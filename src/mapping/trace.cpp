#include "mapping/trace.h"

#include <utility>

#include "base/bytes.h"
#include "mapping/limits.h"

namespace sluice::mapping {

namespace {

std::string_view name_of(TraceStep::Event event) {
    switch (event) {
        case TraceStep::Event::not_matched:
            return "no match";
        case TraceStep::Event::abandoned:
            return "comparison abandoned";
        case TraceStep::Event::succeeded:
            return "match";
        case TraceStep::Event::failed:
            return "match, template failed";
        case TraceStep::Event::restart_refused:
            return "restart limit reached";
        case TraceStep::Event::no_table:
            return "no such table";
        case TraceStep::Event::pending:
            return "waiting for an answer";
    }
    return "?";
}

std::string listed(const std::vector<std::string>& fields) {
    std::string text;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        text += " $" + std::to_string(i) + "=\"" + fields[i] + '"';
    }
    return text;
}

}  // namespace

std::string TraceStep::to_string() const {
    std::string text(std::size_t{2} * depth, ' ');
    text += table;
    if (where.file) text += ' ' + where.to_string();
    if (!pattern.empty()) text += " `" + pattern + '`';
    text += " on \"" + input + "\": ";
    text += name_of(event);
    if (!detail.empty()) text += ": " + detail;
    text += listed(fields);
    if (event == Event::succeeded) text += " -> \"" + output + '"';
    if (event == Event::succeeded || event == Event::failed) {
        text += " flags " + (flags.empty() ? "-" : flags);
    }
    return printable(text);
}

void Trace::add(TraceStep step) {
    if (steps_.size() >= limits::trace_steps) {
        truncated_ = true;
        return;
    }
    steps_.push_back(std::move(step));
}

std::string Trace::to_string() const {
    std::string text;
    for (const auto& step : steps_) text += step.to_string() + '\n';
    if (truncated_) text += "(further steps left out)\n";
    return text;
}

}  // namespace sluice::mapping
