#include <algorithm>
#include <tuple>

#include "base/file.h"
#include "cases/cases.h"
#include "config/imta_cnf.h"

namespace sluice::cases {

namespace {

/// "dir/NAME.diag.tsv" belongs to "dir/NAME.cnf".
std::string configuration_of(const std::string& path, std::string_view suffix) {
    std::string base = path;
    if (base.ends_with(suffix)) base.resize(base.size() - suffix.size());
    return base + ".cnf";
}

std::string diagnostics_table(const Diagnostics& diagnostics, const std::string& directory) {
    struct Line {
        std::string file;
        std::size_t line;
        std::string severity;
        std::string code;
    };
    std::vector<Line> lines;
    for (const Diagnostic& d : diagnostics.items()) {
        std::string file(d.where.file_name());
        if (file.starts_with(directory)) file.erase(0, directory.size());
        const char* severity = d.severity == Severity::error ? "error" : "warning";
        lines.push_back({file, d.where.line, severity, d.code});
    }
    std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
        return std::tie(a.file, a.line, a.code) < std::tie(b.file, b.line, b.code);
    });
    std::string text = "file\tline\tseverity\tid\n";
    for (const Line& one : lines) {
        text += one.file + '\t' + std::to_string(one.line) + '\t' + one.severity + '\t' + one.code +
                '\n';
    }
    return text;
}

std::string channel_table(const channel::ChannelTable& channels) {
    std::string text = "channel\tofficial_host\tlocal_host_alias\teffective_keywords\n";
    for (const auto& channel : channels) {
        const std::string& alias = channel.local_host_alias();
        text += channel.name() + '\t' + channel.official_host() + '\t' +
                (alias.empty() ? "-" : alias) + '\t' + channel.to_debug_string() + '\n';
    }
    return text;
}

/// Compares the whole table: its order counts.
template <class Make>
Result<void> compare(
    const std::string& path, std::string_view suffix, const Report& report, const Make& make
) {
    const std::string configuration = configuration_of(path, suffix);
    if (!file_exists(configuration)) {
        return Error::permanent({5, 3, 5}, "file missing", path + ": no file " + configuration);
    }
    auto expected = read_file(path);
    if (!expected) return expected.error();
    config::DiskFiles files;
    Diagnostics diagnostics;
    const config::ImtaCnf cnf = config::read_imta_cnf(configuration, files, diagnostics);
    const std::size_t slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "" : path.substr(0, slash + 1);
    Outcome outcome;
    outcome.file = path;
    outcome.id = path.substr(directory.size());
    outcome.expected = *std::move(expected);
    outcome.actual = make(cnf, diagnostics, directory);
    for (const Diagnostic& d : diagnostics.items()) outcome.trace += d.to_string() + '\n';
    report(outcome);
    return {};
}

}  // namespace

Result<void> run_diagnostics(const std::string& path, const Report& report) {
    return compare(
        path, ".diag.tsv", report,
        [](const config::ImtaCnf&, const Diagnostics& found, const std::string& directory) {
            return diagnostics_table(found, directory);
        }
    );
}

Result<void> run_channels(const std::string& path, const Report& report) {
    return compare(
        path, ".channels.tsv", report,
        [](const config::ImtaCnf& cnf, const Diagnostics&, const std::string&) {
            return channel_table(cnf.channels);
        }
    );
}

}  // namespace sluice::cases
