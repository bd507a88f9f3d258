#include "converter/converter.h"

#include "converter/converter_work.h"
#include "converter/new_content.h"
#include "converter/part_text.h"

namespace sluice::converter {

using conversion::Directive;
using message::MimePart;

Result<void> Conversion::Work::scan() {
    auto scanned = scan_parts(*task.message);
    if (!scanned) return std::move(scanned).error();
    parts = std::move(*scanned);
    replaced.assign(parts.size(), false);
    headers.resize(parts.size());
    edits.emplace(parts);
    return {};
}

Result<void> Conversion::Work::run() {
    if (auto scanned = scan(); !scanned) return scanned;
    if (task.entries.entries.empty()) return {};
    for (const MimePart& part : parts) {
        // What nobody looked into must not slip past a scanner among the commands.
        if (part.trouble.too_many_parts || part.trouble.too_deep) {
            end_with(Directive::force_hold, "mime: more parts, or deeper, than are looked at");
            return {};
        }
    }
    if (task.executes) {
        auto made = WorkDirectory::make(task.directory);
        if (!made) return std::move(made).error();
        directory.emplace(std::move(*made));
    }
    for (const MimePart& part : parts) {
        if (part.kind == message::PartKind::multipart || is_inside_of_replaced(part)) continue;
        const auto goes_on = take(part);
        if (!goes_on) return goes_on.error();
        if (!*goes_on) return {};
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (headers[i]) edits->set_header(i, *headers[i]);
    }
    return {};
}

bool Conversion::Work::is_inside_of_replaced(const MimePart& part) const {
    for (std::size_t i = part.parent; i != MimePart::none; i = parts[i].parent) {
        if (replaced[i]) return true;
    }
    return false;
}

Result<std::string> Conversion::Work::header_of(std::size_t part) const {
    if (headers[part]) return *headers[part];
    return header_text(*task.message, parts[part].header);
}

Result<conversion::PartFacts> Conversion::Work::facts_of(const MimePart& part) {
    const std::size_t around = message_of(parts, part);
    // Most parts are in one message; a command may have changed its header.
    if (subject_of != around || headers[around]) {
        const auto header = header_of(around);
        if (!header) return header.error();
        subject = subject_in(*header);
        subject_of = around;
    }
    return converter::facts_of(part, subject);
}

// False: the whole message comes to an end here.
Result<bool> Conversion::Work::take(const MimePart& part) {
    auto facts = facts_of(part);
    if (!facts) return std::move(facts).error();
    PartRecord record;
    record.part = part.index;
    record.facts = std::move(*facts);
    record.plan = conversion::plan_part(task.entries, task.facts, record.facts, task.ask_table);
    bool goes_on = true;
    if (record.plan.not_now) {
        record.what = "waits for a mapping table";
        end_with(Directive::again, "a mapping table of the conversions file has no answer now");
        goes_on = false;
    } else if (record.plan.deletes()) {
        record.what = "deleted";
        edits->drop(part.index);
        replaced[part.index] = true;
    } else if (record.plan.runs_command()) {
        auto ran = run_command(part, record);
        if (!ran) return std::move(ran).error();
        goes_on = *ran;
    } else {
        const bool changed =
            record.plan.before != record.plan.after || record.facts.labels != record.plan.after;
        record.what = changed ? "labelled" : "kept";
        if (changed) label(part, record.facts.labels, record.plan.after);
        if (record.plan.after.encoding) recode(part, *record.plan.after.encoding, *edits);
    }
    records.push_back(std::move(record));
    return goes_on;
}

void Conversion::Work::label(
    const MimePart& part, const conversion::Labels& before, const conversion::Labels& after
) {
    const message::PartLabels labels = labels_between(before, after);
    if (labels != message::PartLabels()) edits->set_labels(part.index, labels);
}

Conversion::Conversion(std::unique_ptr<Work> work) : work_(std::move(work)) {}
Conversion::Conversion(Conversion&&) noexcept = default;
Conversion::~Conversion() = default;

Result<Conversion> Conversion::run(Task task) {
    auto work = std::make_unique<Work>(std::move(task));
    if (auto ran = work->run(); !ran) return std::move(ran).error();
    return Conversion(std::move(work));
}

Directive Conversion::directive() const {
    return work_->directive;
}
const std::string& Conversion::text() const {
    return work_->text;
}
bool Conversion::is_unchanged() const {
    return !work_->edits || work_->edits->empty();
}
bool Conversion::needs_eight_bit() const {
    return work_->needs_eight_bit;
}
const message::MimeParts& Conversion::parts() const {
    return work_->parts;
}
const std::vector<PartRecord>& Conversion::records() const {
    return work_->records;
}
const std::vector<std::string>& Conversion::warnings() const {
    return work_->warnings;
}
Result<void> Conversion::write(const message::ByteSink& sink) const {
    if (is_unchanged())
        return message::read_range(*work_->task.message, {0, work_->task.message->size()}, sink);
    return work_->edits->write(work_->task.message, sink);
}

}  // namespace sluice::converter
