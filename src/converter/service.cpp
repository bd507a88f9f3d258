#include "converter/service.h"

#include <algorithm>

#include "base/file.h"
#include "base/spool.h"
#include "containment/contained_command.h"
#include "conversion/value.h"
#include "converter/command_files.h"
#include "converter/new_content.h"
#include "converter/part_text.h"
#include "converter/work_directory.h"
#include "message/mime_edit.h"
#include "message/mime_scanner.h"

namespace sluice::converter {

using message::ByteSink;
using message::MimePart;

namespace {

constexpr std::string_view line_end = "\r\n";
const std::string input_file = "input";
const std::string output_file = "output";
const std::string info_file = "info";

/// Lines of a command's file as those of a message; the last one's end is left to finish().
class WireLines {
public:
    Result<void> feed(std::string_view octets, const ByteSink& sink) {
        std::string out = std::move(held_);
        held_.clear();
        encoder_.encode(octets, out);
        return give(std::move(out), sink);
    }
    Result<void> finish(bool ends_line, const ByteSink& sink) {
        std::string out = std::move(held_);
        held_.clear();
        encoder_.finish(out);
        if (auto given = give(std::move(out), sink); !given) return given;
        return ends_line ? sink(line_end) : Result<void>();
    }

private:
    Result<void> give(std::string out, const ByteSink& sink) {
        if (out.ends_with(line_end)) {
            held_ = line_end;
            out.resize(out.size() - line_end.size());
        }
        return out.empty() ? Result<void>() : sink(out);
    }

    message::TransferEncoder encoder_{
        message::TransferEncoding::eight_bit, message::ContentMode::text};
    std::string held_;
};

/// The file of a command in the place of a part.
message::ByteEdits::Producer wire_form(std::shared_ptr<ByteSource> file, bool ends_line) {
    return [file = std::move(file), ends_line](const ByteSink& sink) -> Result<void> {
        WireLines lines;
        auto read = message::read_range(*file, {0, file->size()}, [&](std::string_view octets) {
            return lines.feed(octets, sink);
        });
        return read ? lines.finish(ends_line, sink) : read;
    };
}

class ServiceRun {
public:
    explicit ServiceRun(const ServiceTask& task) : task_(task) { outcome_.message = task.message; }

    Result<ServiceOutcome> run() {
        auto scanned = scan_parts(*task_.message);
        if (!scanned) return std::move(scanned).error();
        parts_ = std::move(*scanned);
        Subjects subjects(*task_.message, parts_);
        std::vector<bool> is_done(parts_.size(), false);  // replaced, or in what was
        for (const MimePart& part : parts_) {
            if (part.parent != MimePart::none && is_done[part.parent]) {
                is_done[part.index] = true;
                continue;
            }
            auto subject = subjects.of(part);
            if (!subject) return std::move(subject).error();
            auto replaced = take(part, std::move(*subject));
            if (!replaced) return std::move(replaced).error();
            is_done[part.index] = *replaced;
        }
        if (!edits_.empty()) {
            if (auto kept = keep(); !kept) return std::move(kept).error();
        }
        return std::move(outcome_);
    }

private:
    // True: another text stands in its place.
    Result<bool> take(const MimePart& part, std::string subject) {
        ServiceRecord record;
        record.facts = facts_of(part, std::move(subject));
        const conversion::Entry* entry =
            conversion::find_service(task_.entries, task_.facts, record.facts, record.tried);
        if (entry == nullptr) {
            record.what = "no entry applies";
            outcome_.records.push_back(std::move(record));
            return false;
        }
        auto replaced = run_command(part, *entry, record);
        if (!replaced) return replaced;
        outcome_.records.push_back(std::move(record));
        return replaced;
    }

    Result<bool> run_command(
        const MimePart& part, const conversion::Entry& entry, ServiceRecord& record
    ) {
        const std::string place =
            task_.directory + "/service" + std::to_string(directories_.size() + 1);
        conversion::SymbolTable symbols =
            conversion::symbols_of(task_.facts, record.facts, record.facts.labels, entry);
        symbols.insert_or_assign("INPUT_FILE", place + '/' + input_file);
        symbols.insert_or_assign("OUTPUT_FILE", place + '/' + output_file);
        symbols.insert_or_assign("INFO_FILE", place + '/' + info_file);
        record.shell_text = conversion::shell_text(*entry.service_command, symbols);
        if (!task_.executes) {
            record.what = "would run a service command";
            return true;
        }
        if (auto made = make_directory(place); !made) return std::move(made).error();
        if (auto written = write_files(part); !written) return std::move(written).error();
        auto report = containment::run_contained(
            task_.command_host, job_for(task_.options, record.shell_text, place, symbols)
        );
        if (!report) return std::move(report).error();
        record.report = std::move(*report);
        return use(part, record);
    }

    Result<void> make_directory(const std::string& place) {
        if (directories_.empty()) {
            auto made = WorkDirectory::make(task_.directory);
            if (!made) return std::move(made).error();
            directories_.push_back(std::move(*made));
        }
        auto made = WorkDirectory::make(place);
        if (!made) return std::move(made).error();
        directories_.push_back(std::move(*made));
        return {};
    }

    [[nodiscard]] static bool is_whole(const MimePart& part) {
        return part.parent == MimePart::none;
    }

    /// A part's last line has an end here: its own belongs to the boundary line behind it.
    Result<void> write_files(const MimePart& part) {
        std::string recipients;
        for (const std::string& recipient : task_.recipients) recipients += recipient + '\n';
        const WorkDirectory& place = directories_.back();
        if (auto written = place.write(info_file, recipients); !written) return written;
        const auto input = place.create(input_file);
        if (!input) return input.error();
        const message::ByteRange all{part.header.begin, part.body.end};
        if (auto written = write_lines(*task_.message, all, input->get()); !written) return written;
        return is_whole(part) ? Result<void>() : write_all(input->get(), "\n");
    }

    Result<bool> use(const MimePart& part, ServiceRecord& record) {
        using Kind = containment::Report::Kind;
        const containment::Report& report = *record.report;
        if (report.kind == Kind::failed) {
            return Error::temporary(
                {4, 3, 0}, "temporary failure", "service command not run: " + report.text
            );
        }
        if (report.kind != Kind::exited || report.code != 0) {
            return refuse(
                record, report.kind == Kind::exited
                            ? "its command ended with status " + std::to_string(report.code)
                        : report.kind == Kind::killed
                            ? "its command died of signal " + std::to_string(report.code)
                            : "its command was stopped: " + report.text
            );
        }
        const WorkDirectory& place = directories_.back();
        auto output = place.has(output_file) ? place.source(output_file) : nullptr;
        if (output == nullptr) return refuse(record, "its command made no OUTPUT_FILE");
        auto problem = problem_of(part, output);
        if (!problem) return std::move(problem).error();
        if (!problem->empty()) return refuse(record, *problem);
        outcome_.needs_eight_bit = outcome_.needs_eight_bit || output_has_eight_bit_;
        edits_.replace(
            {part.header.begin, part.body.end}, wire_form(std::move(output), is_whole(part))
        );
        record.what = "replaced by what its service command made";
        return true;
    }

    /// The original is used.
    Result<bool> refuse(ServiceRecord& record, const std::string& why) {
        record.what = "kept: " + why;
        outcome_.warnings.push_back(
            (record.facts.number.empty() ? std::string("message") : "part " + record.facts.number) +
            ": service: " + why
        );
        return false;
    }

    /// Why the file of a command cannot stand in the place of a part; empty: it can.
    Result<std::string> problem_of(
        const MimePart& part, const std::shared_ptr<ByteSource>& output
    ) {
        message::MimeScanner scanner;
        message::ContentSurvey survey;
        auto read = message::read_range(
            *output, {0, output->size()},
            [&](std::string_view octets) -> Result<void> {
                scanner.feed(octets);
                survey.feed(octets);
                return {};
            }
        );
        if (!read) return std::move(read).error();
        scanner.finish();
        output_has_eight_bit_ = survey.has_eight_bit();
        const MimePart& made = scanner.parts().front();
        if (survey.has_nul()) return std::string("OUTPUT_FILE has a NUL in it");
        if (made.trouble.no_blank_line || (is_whole(part) && made.header.empty()))
            return std::string("OUTPUT_FILE does not begin with a header");
        auto breaks_out = message::shows_boundary_line(output, parts_, part);
        if (!breaks_out) return std::move(breaks_out).error();
        return std::string(*breaks_out ? "OUTPUT_FILE has a boundary line of the message" : "");
    }

    /// The changed message, before the files of the commands go.
    Result<void> keep() {
        Spool spool(task_.spool_directory);
        auto written = edits_.write(*task_.message, [&](std::string_view octets) {
            return spool.append(octets);
        });
        if (!written) return written;
        outcome_.message = std::make_shared<SpoolSource>(std::move(spool));
        return {};
    }

    const ServiceTask& task_;
    message::MimeParts parts_;
    std::vector<WorkDirectory> directories_;  ///< that of the task, then one for each command
    message::ByteEdits edits_;
    bool output_has_eight_bit_ = false;  ///< the file looked at last
    ServiceOutcome outcome_;
};

}  // namespace

bool has_services(const conversion::Entries& entries) {
    return std::any_of(entries.entries.begin(), entries.entries.end(), [](const auto& entry) {
        return entry.is_for_service();
    });
}

Result<ServiceOutcome> run_services(const ServiceTask& task) {
    return ServiceRun(task).run();
}

}  // namespace sluice::converter
