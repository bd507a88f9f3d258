#include "converter/command_files.h"

#include <cstdlib>

namespace sluice::converter {

namespace {

std::string zone() {
    const char* value = std::getenv("TZ");  // NOLINT(concurrency-mt-unsafe): nobody sets it
    return value != nullptr ? value : "";
}

/// The program that the command begins with, where it is named by its complete path.
std::string program_of(const std::string& shell_text) {
    const std::size_t begin = shell_text.find_first_not_of(" \t");
    if (begin == std::string::npos || shell_text[begin] != '/') return {};
    const std::string path =
        shell_text.substr(begin, shell_text.find_first_of(" \t;|&<>()\"'$`\\", begin) - begin);
    return path;
}

}  // namespace

void CommandFiles::add_symbols(conversion::SymbolTable& symbols) const {
    const auto add = [&](const char* name, const std::string& file) {
        symbols.insert_or_assign(name, directory + '/' + file);
    };
    add("INPUT_FILE", input);
    add("INPUT_HEADERS", input_headers);
    add("MESSAGE_HEADERS", message_headers);
    add("ENVELOPE_TO", envelope_to);
    add("OUTPUT_FILE", output);
    add("OUTPUT_HEADERS", output_headers);
    add("OUTPUT_OPTIONS", output_options);
}

void apply(const config::ConversionOptions& options, containment::Job& job) {
    constexpr unsigned mebibyte = 20;
    const auto octets = [](std::int64_t mebibytes) {
        return static_cast<std::uint64_t>(mebibytes) << mebibyte;
    };
    job.readable = options.command_read;
    job.writable = options.command_write;
    job.limits.wall_time = options.command_timeout;
    job.limits.cpu_time = options.command_cpu_time;
    job.limits.memory = octets(options.command_memory);
    job.limits.file_size = octets(options.command_file_size);
    job.limits.disk = octets(options.command_disk);
    job.limits.processes = static_cast<std::uint64_t>(options.command_processes);
    job.limits.open_files = static_cast<std::uint64_t>(options.command_open_files);
    job.network = options.command_network;
    job.strict = options.command_strict;
}

containment::Job job_for(
    const config::ConversionOptions& options,
    const std::string& shell_text,
    const std::string& directory,
    const conversion::SymbolTable& symbols
) {
    containment::Job job;
    job.command = shell_text;
    job.directory = directory;
    job.environment = {
        {"PATH", "/usr/local/bin:/usr/bin:/bin"},
        {"HOME", directory},
        {"TMPDIR", directory},
        {"LANG", "C.UTF-8"}};
    if (!zone().empty()) job.environment.emplace_back("TZ", zone());
    for (const auto& [name, value] : symbols) job.environment.emplace_back(name, value);
    apply(options, job);
    if (std::string program = program_of(shell_text); !program.empty())
        job.readable.push_back(std::move(program));
    return job;
}

conversion::CommandEnd end_of(const containment::Report& report) {
    using From = containment::Report::Kind;
    using To = conversion::CommandEnd::Kind;
    switch (report.kind) {
        case From::exited:
            return {To::exited, report.code, {}};
        case From::killed:
            return {To::killed, report.code, {}};
        case From::limited:
            return {To::limited, 0, report.text};
        case From::failed:
            break;
    }
    return {To::failed, 0, report.text};
}

}  // namespace sluice::converter
