#include "converter/converter.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/bytes.h"
#include "containment/contained_command.h"
#include "converter/command_files.h"
#include "converter/header_files.h"
#include "converter/new_content.h"
#include "converter/part_text.h"
#include "converter/work_directory.h"
#include "message/mime_scanner.h"

namespace sluice::converter {

using conversion::Directive;
using message::MimePart;

namespace {

std::string joined_lines(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + '\n';
    return text;
}

}  // namespace

struct Conversion::Work {
    explicit Work(Task task_) : task(std::move(task_)) {}

    Task task;
    message::MimeParts parts;
    std::optional<message::MimeEdits> edits;
    std::optional<WorkDirectory> directory;
    std::vector<WorkDirectory> part_directories;  ///< kept: their files are read when it is written
    std::vector<PartRecord> records;
    std::vector<std::string> warnings;
    std::vector<bool> replaced;  ///< by part: what is inside is not looked at any more
    std::vector<std::optional<std::string>> headers;  ///< by part, where a command changed them
    std::size_t subject_of = MimePart::none;          ///< the message whose subject was read last
    std::string subject;
    Directive directive = Directive::none;
    std::string text;

    Result<void> run();
    Result<void> scan();
    Result<bool> take(const MimePart& part);
    [[nodiscard]] bool is_inside_of_replaced(const MimePart& part) const;
    [[nodiscard]] Result<std::string> header_of(std::size_t part) const;
    Result<conversion::PartFacts> facts_of(const MimePart& part);
    Result<bool> run_command(const MimePart& part, PartRecord& record);
    Result<void> write_files(
        const MimePart& part, const PartRecord& record, const CommandFiles& files
    );
    Result<bool> use(const MimePart& part, PartRecord& record, const CommandFiles& files);
    void take_header(const MimePart& part, const CommandFiles& files);
    void take_message_header(
        const MimePart& part, const PartRecord& record, const CommandFiles& files
    );
    Result<void> take_output(
        const MimePart& part, const conversion::Labels& labels, const CommandFiles& files
    );
    void label(
        const MimePart& part, const conversion::Labels& before, const conversion::Labels& after
    );
    void end_with(Directive what, std::string why) {
        directive = what;
        text = std::move(why);
    }
    void warn(const MimePart& part, const std::string& what) {
        warnings.push_back("part " + part.number + ": " + what);
    }
};

Result<void> Conversion::Work::scan() {
    message::MimeScanner scanner;
    auto read = message::read_range(
        *task.message, {0, task.message->size()},
        [&](std::string_view octets) -> Result<void> {
            scanner.feed(octets);
            return {};
        }
    );
    if (!read) return read;
    scanner.finish();
    parts = scanner.take_parts();
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

Result<bool> Conversion::Work::run_command(const MimePart& part, PartRecord& record) {
    const conversion::Entry& entry = *record.plan.entry;
    const std::string place =
        task.directory + "/part" + std::to_string(part_directories.size() + 1);
    const CommandFiles files(place);
    conversion::SymbolTable symbols = record.plan.symbols;
    files.add_symbols(symbols);
    record.shell_text = conversion::shell_text(*entry.command, symbols);
    if (!task.executes) {
        record.what = "would run a command";
        return true;
    }
    auto made = WorkDirectory::make(place);
    if (!made) return std::move(made).error();
    part_directories.push_back(std::move(*made));
    if (auto written = write_files(part, record, files); !written)
        return std::move(written).error();
    auto report = containment::run_contained(
        task.command_host, job_for(task.options, record.shell_text, place, symbols)
    );
    if (!report) return std::move(report).error();
    record.report = std::move(*report);
    return use(part, record, files);
}

Result<void> Conversion::Work::write_files(
    const MimePart& part, const PartRecord& record, const CommandFiles& files
) {
    const conversion::Entry& entry = *record.plan.entry;
    const WorkDirectory& place = part_directories.back();
    const std::size_t message = entry.message_header_file == 2 ? 0 : message_of(parts, part);
    const auto message_header = header_of(message);
    if (!message_header) return message_header.error();
    const auto own_header =
        header_of(entry.original_header_file ? message_of(parts, part) : part.index);
    if (!own_header) return own_header.error();
    for (const auto& [name, octets] :
         {std::pair(files.message_headers, *message_header),
          std::pair(files.input_headers, *own_header),
          std::pair(files.envelope_to, joined_lines(task.recipients))}) {
        if (auto written = place.write(name, octets); !written) return written;
    }
    auto input = place.create(files.input);
    if (!input) return std::move(input).error();
    const bool as_text = record.plan.after.text_mode && part.type.type == "text";
    return write_content(*task.message, part, as_text, input->get());
}

// False: the whole message comes to an end here.
Result<bool> Conversion::Work::use(
    const MimePart& part, PartRecord& record, const CommandFiles& files
) {
    constexpr std::size_t most_options = 65536;
    const WorkDirectory& place = part_directories.back();
    std::vector<std::string> complaints;
    conversion::OutputOptions options;
    if (record.plan.entry->override_option_file)
        options = conversion::parse_output_options(
            place.text(files.output_options, most_options), complaints
        );
    const conversion::CommandEnd end = end_of(*record.report);
    record.verdict = conversion::judge(end, options, place.has(files.output));
    const conversion::Verdict& verdict = *record.verdict;
    for (const std::string& complaint : complaints) warn(part, complaint);
    for (const std::string& complaint : verdict.warnings) warn(part, complaint);
    const std::string why = "part " + part.number + ": " + verdict.text;
    switch (verdict.directive) {
        case Directive::force_return:
        case Directive::force_discard:
            record.what = to_string(verdict.directive);
            end_with(verdict.directive, verdict.text);
            return false;
        case Directive::force_hold:
            record.what = "FORCEHOLD";
            end_with(
                Directive::force_hold,
                "conversion" + (verdict.text.empty() ? std::string() : ": " + verdict.text)
            );
            return false;
        case Directive::again: {
            const bool hold = end.kind == conversion::CommandEnd::Kind::limited &&
                              task.options.limit_action == config::LimitAction::hold;
            record.what = hold ? "held, its command was stopped" : "AGN";
            end_with(
                hold ? Directive::force_hold : Directive::again, hold ? "conversion: " + why : why
            );
            return false;
        }
        case Directive::force_delete:
            record.what = "deleted by its command";
            edits->drop(part.index);
            replaced[part.index] = true;
            return true;
        case Directive::no_change:
            record.what = "kept as it was";
            if (end.code == 0) take_message_header(part, record, files);
            // Labels of earlier entries with RELABEL are none of the command's business.
            label(part, record.facts.labels, record.plan.before);
            return true;
        case Directive::none:
            break;
    }
    record.what = "converted";
    take_message_header(part, record, files);
    conversion::Labels labels = record.plan.after;
    conversion::apply_options(options, labels);
    if (record.plan.entry->override_header_file) take_header(part, files);
    label(part, record.facts.labels, labels);
    replaced[part.index] = true;
    if (auto taken = take_output(part, labels, files); !taken) return std::move(taken).error();
    return true;
}

void Conversion::Work::take_header(const MimePart& part, const CommandFiles& files) {
    const WorkDirectory& place = part_directories.back();
    if (!place.has(files.output_headers)) return;
    const auto given = header_of_file(place.text(files.output_headers, max_header_file));
    if (!given) return warn(part, "OUTPUT_HEADERS is no header, it is not used");
    if (!part.is_message_header) {
        headers[part.index] = *given;
        return;
    }
    const auto header = header_of(part.index);
    if (header) headers[part.index] = merged_into_message_header(*header, *given);
}

void Conversion::Work::take_message_header(
    const MimePart& part, const PartRecord& record, const CommandFiles& files
) {
    const unsigned wanted = record.plan.entry->message_header_file;
    if (wanted == 0) return;
    const std::size_t message = wanted == 2 ? 0 : message_of(parts, part);
    const WorkDirectory& place = part_directories.back();
    const auto given = header_of_file(place.text(files.message_headers, max_header_file));
    if (!given || given->empty())
        return warn(part, "MESSAGE_HEADERS is no header any more, it is not used");
    const auto before = header_of(message);
    if (before && *before != *given) headers[message] = *given;
}

Result<void> Conversion::Work::take_output(
    const MimePart& part, const conversion::Labels& labels, const CommandFiles& files
) {
    auto output = part_directories.back().source(files.output);
    if (!output) return Error::temporary({4, 3, 0}, "temporary failure", "OUTPUT_FILE is gone");
    std::string complaint;
    auto chosen = choose_encoding(*output, part, labels, complaint);
    if (!chosen) return std::move(chosen).error();
    if (!complaint.empty()) warn(part, complaint);
    // The lines of a message end with CRLF, whatever wrote it.
    const bool is_lines =
        labels.text_mode || labels.type == "message" || labels.type == "multipart";
    edits->set_content(
        part.index, std::move(output), *chosen,
        is_lines ? message::ContentMode::text : message::ContentMode::binary
    );
    return {};
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
