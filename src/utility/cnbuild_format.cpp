#include "utility/cnbuild_format.h"

#include <filesystem>
#include <optional>
#include <vector>

#include "base/file.h"
#include "lint/format.h"
#include "utility/json_line.h"

namespace sluice::utility {

namespace {

using config::TailorEntry;
using lint::Language;

constexpr std::string_view facility = "CNBUILD";

struct File {
    std::string path;
    Language language;
};

std::optional<Language> language_named(std::string_view name) {
    if (equals_ignoring_case(name, "imta_cnf") || equals_ignoring_case(name, "imta.cnf"))
        return Language::imta_cnf;
    if (equals_ignoring_case(name, "mappings") || equals_ignoring_case(name, "mapping"))
        return Language::mappings;
    return std::nullopt;
}

/// By the switch, else by being one of the instance's files, else by the file's name.
std::optional<Language> language_of(const Invocation& invocation, const std::string& path) {
    if (const auto named = invocation.line().value("format")) return language_named(*named);
    const config::Tailor& tailor = invocation.instance()->tailor;
    std::error_code unequal;
    if (std::filesystem::equivalent(path, tailor.path(TailorEntry::config_file), unequal))
        return Language::imta_cnf;
    if (std::filesystem::equivalent(path, tailor.path(TailorEntry::mapping_file), unequal))
        return Language::mappings;
    const std::filesystem::path name = std::filesystem::path(path).filename();
    const std::string extension = name.extension().string();
    if (extension == ".cnf" || extension == ".rules" || extension == ".chans")
        return Language::imta_cnf;
    const bool mapping = name.string().find("mapping") != std::string::npos;
    if (mapping || extension == ".map") return Language::mappings;
    return std::nullopt;
}

std::optional<std::vector<File>> files_meant(const Invocation& invocation) {
    const config::Tailor& tailor = invocation.instance()->tailor;
    std::vector<File> files;
    for (const std::string& path : invocation.line().parameters()) {
        const auto language = language_of(invocation, path);
        if (!language) {
            invocation.console().error(
                facility, "LANGUAGE",
                "cannot tell what " + path + " is: use -format=imta_cnf or -format=mappings"
            );
            return std::nullopt;
        }
        files.push_back({path, *language});
    }
    if (!files.empty()) return files;
    files.push_back({tailor.path(TailorEntry::config_file), Language::imta_cnf});
    const std::string& mappings = tailor.path(TailorEntry::mapping_file);
    if (file_exists(mappings)) files.push_back({mappings, Language::mappings});
    return files;
}

void say(const Invocation& invocation, const std::string& path, std::string_view what) {
    Console& console = invocation.console();
    if (invocation.line().has("json")) {
        JsonLine line;
        line.add("file", path).add("result", what);
        console.line(line.to_string());
    } else if (what == "unformatted") {
        console.warning(facility, "FORMAT", path + " is not in its usual form");
    } else {
        console.success(facility, "FORMATTED", path + ' ' + std::string(what));
    }
}

/// Nothing is written unless the new text means the same, and the file is still what was read.
ExitCode format_one(const Invocation& invocation, const File& file) {
    Console& console = invocation.console();
    const auto text = read_file(file.path);
    if (!text) {
        console.error(facility, "NOFILE", text.error().detail());
        return ExitCode::not_found;
    }
    const auto out = lint::format(file.language, *text);
    if (!out) {
        console.error(facility, "NOTFORMATTED", file.path + ": " + out.error().text());
        return ExitCode::failed;
    }
    if (*out == *text) {
        say(invocation, file.path, "unchanged");
        return ExitCode::done;
    }
    if (invocation.line().has("check")) {
        say(invocation, file.path, "unformatted");
        return ExitCode::failed;
    }
    // A link stays a link.
    std::error_code error;
    const auto real = std::filesystem::canonical(file.path, error);
    const auto now = read_file(file.path);
    if (error || !now || *now != *text) {
        console.error(facility, "CHANGED", file.path + " changed meanwhile; it stays as it is");
        return ExitCode::failed;
    }
    if (auto written = rewrite_file(real.string(), *out); !written) {
        console.error(facility, "NOTWRITTEN", written.error().detail());
        return ExitCode::failed;
    }
    say(invocation, file.path, "rewritten");
    return ExitCode::done;
}

}  // namespace

ExitCode format_files(Invocation& invocation) {
    const auto files = files_meant(invocation);
    if (!files) return ExitCode::usage;
    ExitCode worst = ExitCode::done;
    for (const File& file : *files) {
        const ExitCode one = format_one(invocation, file);
        if (one != ExitCode::done) worst = one;
    }
    return worst;
}

}  // namespace sluice::utility
