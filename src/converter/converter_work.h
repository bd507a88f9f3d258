#pragma once

#include <optional>
#include <string>
#include <vector>

#include "converter/command_files.h"
#include "converter/converter.h"
#include "converter/work_directory.h"

// What a Conversion is made of. Inside this room only: parts and entries in converter.cpp, commands
// and their results in command_results.cpp.
namespace sluice::converter {

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
    std::vector<std::optional<std::string>> headers;   ///< by part, where a command changed them
    std::size_t subject_of = message::MimePart::none;  ///< the message whose subject was read last
    std::string subject;
    bool needs_eight_bit = false;
    conversion::Directive directive = conversion::Directive::none;
    std::string text;

    Result<void> run();
    Result<void> scan();
    Result<bool> take(const message::MimePart& part);
    [[nodiscard]] bool is_inside_of_replaced(const message::MimePart& part) const;
    [[nodiscard]] Result<std::string> header_of(std::size_t part) const;
    Result<conversion::PartFacts> facts_of(const message::MimePart& part);
    Result<bool> run_command(const message::MimePart& part, PartRecord& record);
    Result<void> write_files(
        const message::MimePart& part, const PartRecord& record, const CommandFiles& files
    );
    Result<bool> use(const message::MimePart& part, PartRecord& record, const CommandFiles& files);
    void take_header(const message::MimePart& part, const CommandFiles& files);
    void take_message_header(
        const message::MimePart& part, const PartRecord& record, const CommandFiles& files
    );
    Result<void> take_output(
        const message::MimePart& part, const conversion::Labels& labels, const CommandFiles& files
    );
    void label(
        const message::MimePart& part,
        const conversion::Labels& before,
        const conversion::Labels& after
    );
    void end_with(conversion::Directive what, std::string why) {
        directive = what;
        text = std::move(why);
    }
    void warn(const message::MimePart& part, const std::string& what) {
        warnings.push_back("part " + part.number + ": " + what);
    }
};

}  // namespace sluice::converter
