#include "converter/reformat.h"

#include <array>
#include <random>

#include "base/spool.h"
#include "converter/part_reformat.h"
#include "converter/part_text.h"
#include "message/mime_structure.h"

namespace sluice::converter {

namespace {

/// Nobody who writes a message can guess it.
std::string fresh_boundary() {
    std::random_device random;
    std::string out = "reformat";
    for (int i = 0; i < 4; ++i) out += to_hex(random());
    return out;
}

}  // namespace

struct Reformatted::Work {
    std::shared_ptr<ByteSource> original;
    std::shared_ptr<ByteSource> source;  ///< that `edits` are of
    message::MimeParts parts;            ///< of `source`
    message::MimeEdits edits{parts};
    std::vector<ServiceRecord> services;
    std::vector<ReformatRecord> records;
    std::vector<std::string> warnings;
    bool needs_eight_bit = false;

    Result<void> run(const ReformatTask& task);
    Result<void> scan();
    Result<void> run_services(const ReformatTask& task);
    Result<void> change_structure(const ReformatTask& task);
    Result<void> change_parts(const ReformatTask& task);
};

Result<void> Reformatted::Work::run(const ReformatTask& task) {
    original = source = task.message;
    const bool converts = task.keywords.when != conversion::ReformatKeywords::When::never;
    if (converts && has_services(task.entries)) {
        if (auto ran = run_services(task); !ran) return ran;
    }
    if (auto scanned = scan(); !scanned) return scanned;
    for (const std::string& word : task.keywords.not_offered)
        records.push_back({"", "keyword " + printable(word) + " does nothing here"});
    const bool restructures =
        task.keywords.fewer_levels || task.keywords.embedded != message::EmbeddedMessages::keep;
    if (restructures) {
        if (auto changed = change_structure(task); !changed) return changed;
    }
    return change_parts(task);
}

Result<void> Reformatted::Work::scan() {
    auto scanned = scan_parts(*source);
    if (!scanned) return std::move(scanned).error();
    parts = std::move(*scanned);
    return {};
}

Result<void> Reformatted::Work::run_services(const ReformatTask& task) {
    const conversion::MessageFacts facts{
        task.way.in_channel, task.way.out_channel, task.way.tags, task.envelope_from,
        task.message_id};
    // The channel of that name says what commands may use up.
    const ServiceTask services_task{
        task.entries,
        task.configuration.conversion_options_of("conversion"),
        facts,
        task.recipients,
        source,
        task.directory,
        task.spool_directory,
        task.command_host,
        task.executes};
    auto outcome = converter::run_services(services_task);
    if (!outcome) return std::move(outcome).error();
    source = std::move(outcome->message);
    services = std::move(outcome->records);
    warnings = std::move(outcome->warnings);
    needs_eight_bit = outcome->needs_eight_bit;
    return {};
}

Result<void> Reformatted::Work::change_structure(const ReformatTask& task) {
    const message::StructureWish wish{
        task.keywords.embedded, task.keywords.fewer_levels, fresh_boundary()};
    const auto changes = message::structure_edits(parts, wish, source);
    if (!changes) return changes.error();
    if (changes->empty()) return {};
    Spool spool(task.spool_directory);
    auto written =
        changes->write(*source, [&](std::string_view octets) { return spool.append(octets); });
    if (!written) return written;
    source = std::make_shared<SpoolSource>(std::move(spool));
    records.push_back({"", "levels of the message changed"});
    return scan();
}

Result<void> Reformatted::Work::change_parts(const ReformatTask& task) {
    PartReformat reformat(task, source, parts, edits, {records, warnings});
    return reformat.run();
}

Reformatted::Reformatted(std::unique_ptr<Work> work) : work_(std::move(work)) {}
Reformatted::Reformatted(Reformatted&&) noexcept = default;
Reformatted::~Reformatted() = default;

Result<Reformatted> Reformatted::run(const ReformatTask& task) {
    auto work = std::make_unique<Work>();
    if (auto ran = work->run(task); !ran) return std::move(ran).error();
    return Reformatted(std::move(work));
}

bool Reformatted::is_unchanged() const {
    return work_->source == work_->original && work_->edits.empty();
}
bool Reformatted::needs_eight_bit() const {
    return work_->needs_eight_bit;
}
const std::vector<ServiceRecord>& Reformatted::services() const {
    return work_->services;
}
const std::vector<ReformatRecord>& Reformatted::records() const {
    return work_->records;
}
const std::vector<std::string>& Reformatted::warnings() const {
    return work_->warnings;
}
Result<void> Reformatted::write(const message::ByteSink& sink) const {
    return work_->edits.write(work_->source, sink);
}

}  // namespace sluice::converter
