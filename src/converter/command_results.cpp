// Commands of conversion entries: what they are given, and what becomes of their results.
#include "containment/contained_command.h"
#include "converter/converter_work.h"
#include "converter/header_files.h"
#include "converter/new_content.h"
#include "converter/part_text.h"

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
    needs_eight_bit = needs_eight_bit || *chosen == message::TransferEncoding::eight_bit ||
                      *chosen == message::TransferEncoding::binary;
    // The lines of a message end with CRLF, whatever wrote it.
    const bool is_lines =
        labels.text_mode || labels.type == "message" || labels.type == "multipart";
    edits->set_content(
        part.index, std::move(output), *chosen,
        is_lines ? message::ContentMode::text : message::ContentMode::binary
    );
    return {};
}

}  // namespace sluice::converter
