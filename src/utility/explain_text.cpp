#include "utility/explain_text.h"

#include "base/bytes.h"

namespace sluice::utility {

namespace {

using RewriteEvent = rewrite::TraceEvent;
using MappingEvent = mapping::TraceStep::Event;

/// Gathers lines.
class Story {
public:
    explicit Story(std::size_t indent) : indent_(indent) {}

    void line(std::size_t depth, const std::string& text) {
        lines_.push_back(std::string(indent_ + 2 * depth, ' ') + printable(text));
    }
    [[nodiscard]] std::vector<std::string> take() { return std::move(lines_); }

private:
    std::size_t indent_;
    std::vector<std::string> lines_;
};

std::string quoted(std::string_view text) {
    return '"' + std::string(text) + '"';
}

// --- mapping tables ---

class MappingStory {
public:
    explicit MappingStory(std::size_t indent) : story_(indent) {}

    void tell(const mapping::TraceStep& step) {
        const std::size_t depth = 2 * std::size_t{step.depth};
        const std::string entry = step.where.to_string() + " `" + step.pattern + '`';
        switch (step.event) {
            case MappingEvent::probe:
                story_.line(
                    depth, "table " + step.table + " (" + step.where.to_string() +
                               ") is asked about " + quoted(step.input)
                );
                break;
            case MappingEvent::no_table:
                story_.line(
                    depth,
                    "there is no table " + step.table + " to be asked about " + quoted(step.input)
                );
                break;
            case MappingEvent::passed_over:
                story_.line(
                    depth + 1, '(' + step.detail + ", from " + step.where.to_string() + ')'
                );
                break;
            case MappingEvent::not_matched:
                story_.line(depth + 1, entry + " does not match: " + step.detail);
                break;
            case MappingEvent::matched:
                story_.line(depth + 1, entry + " matches " + quoted(step.input) + fields(step));
                break;
            case MappingEvent::succeeded:
            case MappingEvent::failed:
                tell_template(step, depth + 2);
                break;
            case MappingEvent::result:
                story_.line(depth + 1, "result: " + step.detail + made(step));
                break;
            default:
                story_.line(
                    depth + 1, (step.pattern.empty() ? "" : entry + ": ") +
                                   std::string(mapping::to_string(step.event)) +
                                   (step.detail.empty() ? "" : ", " + step.detail)
                );
        }
    }
    std::vector<std::string> take() { return story_.take(); }

private:
    static std::string fields(const mapping::TraceStep& step) {
        std::string text;
        for (std::size_t i = 0; i < step.fields.size(); ++i) {
            text += (i == 0 ? ": $" : ", $") + std::to_string(i) + '=' + quoted(step.fields[i]);
        }
        return text;
    }
    static std::string made(const mapping::TraceStep& step) {
        return ", output " + quoted(step.output) + ", flags " +
               (step.flags.empty() ? "-" : step.flags);
    }
    void tell_template(const mapping::TraceStep& step, std::size_t depth) {
        const bool done = step.event == MappingEvent::succeeded;
        std::string text = "template `" + step.template_text + '`';
        text += done ? made(step) : ", failed: " + step.detail;
        if (!done) text += ", flags " + (step.flags.empty() ? "-" : step.flags);
        story_.line(depth, text);
        for (const mapping::TracePart& part : step.parts) {
            // Text that stands for itself needs no words.
            if (part.note.empty() && part.source == part.text) continue;
            text = part.source;
            if (!part.text.empty() || part.note.empty()) text += " gives " + quoted(part.text);
            if (!part.note.empty()) text += ": " + part.note;
            story_.line(depth + 1, text);
        }
    }

    Story story_;
};

// --- rewrite rules ---

class RewriteStory {
public:
    explicit RewriteStory(Story& story) : story_(story) {}

    void tell(const rewrite::Trace& steps) {
        for (const rewrite::TraceStep& step : steps) {
            if (step.event == RewriteEvent::probe) {
                without_rule_ += (without_rule_.empty() ? "" : "  ") + step.pattern;
                continue;
            }
            flush();
            tell(step);
        }
        flush();
    }

private:
    void flush() {
        if (!without_rule_.empty()) story_.line(2, "no rule for  " + without_rule_);
        without_rule_.clear();
    }
    void tell(const rewrite::TraceStep& step) {
        const std::string rule =
            (step.rule.file ? step.rule.to_string() : std::string("domain database")) + "  " +
            step.pattern + "  `" + step.template_text + "`: ";
        switch (step.event) {
            case RewriteEvent::address:
                story_.line(1, "pass " + std::to_string(++passes_) + ": " + step.detail);
                break;
            case RewriteEvent::asked:
                story_.line(3, "asked: " + step.detail);
                break;
            case RewriteEvent::rule_failed:
                story_.line(2, rule + "does not apply, " + step.detail);
                break;
            case RewriteEvent::rule_matched:
                story_.line(2, rule + "makes " + step.detail);
                break;
            case RewriteEvent::considered:
                story_.line(2, '(' + step.detail + ')');
                break;
            case RewriteEvent::channel_table:
                story_.line(
                    2, step.pattern + " is a host name of the channel table: " + step.detail
                );
                break;
            case RewriteEvent::as_is:
                story_.line(2, "no rule applies: " + step.detail + " is used as it is");
                break;
            case RewriteEvent::route_removed:
                story_.line(
                    2, step.detail + " is this system, and there is a host behind it: removed"
                );
                break;
            case RewriteEvent::mailbox:
                story_.line(2, step.detail + " leads nowhere: a mailbox name of the local host");
                break;
            case RewriteEvent::proper_name:
                story_.line(
                    2, step.detail + " is an additional name of the channel: proper name taken"
                );
                break;
            case RewriteEvent::done:
            case RewriteEvent::failed:
            case RewriteEvent::probe:
                story_.line(1, std::string(to_string(step.event)) + ": " + step.detail);
        }
    }

    Story& story_;
    std::string without_rule_;
    unsigned passes_ = 0;
};

/// The domain database, which rules may come from, is asked for every pattern.
bool is_worth_telling(const mapping::RecordedAnswer& look_up) {
    return look_up.question.kind != mapping::Question::Kind::domain_template ||
           look_up.answer.kind != mapping::Answer::Kind::not_found;
}

void tell_look_ups(Story& story, const policy::TraceEntry& entry) {
    bool any = false;
    for (const mapping::RecordedAnswer& look_up : entry.look_ups) {
        if (!is_worth_telling(look_up)) continue;
        if (!any) story.line(0, entry.text + ':');
        any = true;
        story.line(1, look_up.to_string());
    }
}

void tell_tried(Story& story, const policy::TraceEntry::Tried& tried) {
    std::string text = "not in the " + std::string(tried.place) + ": ";
    for (std::size_t i = 0; i < tried.keys.size(); ++i)
        text += (i == 0 ? "" : ", ") + tried.keys[i];
    story.line(1, text);
}

}  // namespace

std::vector<std::string> explanation_of(
    std::span<const mapping::TraceStep> steps, std::size_t indent
) {
    MappingStory story(indent);
    for (const mapping::TraceStep& step : steps) story.tell(step);
    return story.take();
}

std::vector<std::string> explanation_of(const policy::Trace& trace) {
    std::vector<std::string> lines;
    for (const policy::TraceEntry& entry : trace) {
        Story story(0);
        if (entry.stage == policy::TraceEntry::Stage::answers) {
            tell_look_ups(story, entry);
        } else {
            std::string text = entry.text;
            if (entry.where.file) text += " (" + entry.where.to_string() + ')';
            story.line(0, text);
            for (const auto& tried : entry.tried) tell_tried(story, tried);
            RewriteStory(story).tell(entry.rewrite_steps);
        }
        for (auto& line : story.take()) lines.push_back(std::move(line));
        for (auto& line : explanation_of(entry.mapping_steps, 2)) lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace sluice::utility
