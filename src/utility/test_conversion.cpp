// imsimta test -conversion: messages and the conversions file.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/file.h"
#include "config/conversions_file.h"
#include "converter/converter.h"
#include "converter/reformat.h"
#include "lookup/sources.h"
#include "utility/conversion_report.h"
#include "utility/json_line.h"
#include "utility/test_faces.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "TEST";

/// Reads the entries of one file, says what is wrong with them.
std::optional<conversion::Entries> read_entries(Console& console, const std::string& path) {
    config::DiskFiles files;
    Diagnostics diagnostics;
    if (const auto text = files.read(path); !text) {
        console.error(facility, "BADCONFIG", text.error().detail());
        return std::nullopt;
    }
    auto entries = config::read_conversions(path, files, nullptr, diagnostics);
    for (const Diagnostic& found : diagnostics.items()) console.explain(found.to_string());
    if (!diagnostics.has_errors()) return entries;
    console.error(
        facility, "BADCONFIG",
        std::to_string(diagnostics.error_count()) + " errors in the conversions file"
    );
    return std::nullopt;
}

/// As it lies in a queue: lines end with CRLF.
std::string with_line_ends(std::string_view text) {
    std::string out;
    char last = 0;
    for (const char c : text) {
        if (c == '\n' && last != '\r') out += '\r';
        out += c;
        last = c;
    }
    return out;
}

class ConversionTest {
public:
    ConversionTest(
        Invocation& invocation,
        const config::Configuration& site,
        const conversion::Entries& entries
    )
        : invocation_(invocation),
          console_(invocation.console()),
          site_(site),
          entries_(entries),
          executes_(invocation.line().has("execute")) {}

    ExitCode run(const std::string& path, lookup::Sources& sources) {
        const auto text = read_file(path);
        if (!text) {
            console_.error(facility, "NOFILE", text.error().detail());
            return ExitCode::not_found;
        }
        lookup::BlockingAnswers answers(sources);
        if (const auto failed = reformat(*text, answers)) return *failed;
        auto converted = converter::Conversion::run(task_for(*text, answers));
        if (!converted) {
            console_.error(facility, "FAILED", converted.error().detail());
            return ExitCode::failed;
        }
        invocation_.line().has("json") ? print_json(path, *converted) : print(path, *converted);
        return write_result(*converted);
    }

private:
    [[nodiscard]] std::string value_of(std::string_view name, std::string_view fallback) const {
        return std::string(invocation_.line().value(name).value_or(fallback));
    }

    converter::Task task_for(const std::string& text, mapping::Answers& answers) const {
        const bool has_instance = invocation_.instance() != nullptr;
        converter::Task task{
            entries_,
            site_.conversion_options_of("conversion"),
            {},
            {"recipient@example.com"},
            std::make_shared<TextSource>(with_line_ends(text)),
            (has_instance ? site_.tailor.path(config::TailorEntry::tmp) : "/tmp/") +
                "conversion-test-" + std::to_string(::getpid()),
            has_instance ? site_.tailor.path(config::TailorEntry::bin) + "command_host" : "",
            converter::ask_tables_of(site_, answers),
            executes_};
        task.facts.in_channel = value_of("in_channel", "tcp_local");
        task.facts.out_channel = value_of("out_channel", "l");
        for (const std::string_view tag : split(value_of("tag", ""), ',')) {
            if (!trim(tag).empty()) task.facts.tags.emplace_back(trim(tag));
        }
        return task;
    }

    /// What happens before any conversion channel; says nothing where there is no such table.
    std::optional<ExitCode> reformat(const std::string& text, mapping::Answers& answers) {
        if (site_.mappings.find("CHARSET-CONVERSION") == nullptr) return std::nullopt;
        const converter::Task like = task_for(text, answers);
        const converter::ReformatWay way{
            like.facts.in_channel, like.facts.out_channel, like.facts.tags};
        const auto choice = converter::choose_reformat(site_, way, answers);
        std::optional<converter::Reformatted> reformatted;
        if (choice.kind == converter::ReformatChoice::Kind::reformat) {
            auto made = converter::Reformatted::run(
                {site_, entries_, choice.keywords, way, "", "", like.recipients, like.message,
                 like.directory + "-service", "/tmp", like.command_host, answers, executes_}
            );
            if (!made) {
                console_.error(facility, "FAILED", made.error().detail());
                return ExitCode::failed;
            }
            reformatted.emplace(std::move(*made));
        }
        if (invocation_.line().has("json")) {
            console_.line(json_of(choice, reformatted).to_string());
        } else {
            print_reformat(console_, choice, reformatted);
        }
        return std::nullopt;
    }

    void print(const std::string& path, const converter::Conversion& converted) {
        console_.line(printable(path) + ':');
        for (const converter::PartRecord& record : converted.records())
            print_part(console_, record);
        for (const std::string& warning : converted.warnings())
            console_.warning(facility, "CONVERSION", warning);
        const auto& records = converted.records();
        const bool open =
            !executes_ && std::any_of(records.begin(), records.end(), [](const auto& one) {
                return !one.shell_text.empty();
            });
        const std::string outcome = outcome_text(converted);
        console_.line(
            "The message " + (open ? "waits for its commands' word" : printable(outcome))
        );
        if (!executes_)
            console_.line("No command was run (-execute runs them). Nothing is queued.");
    }

    void print_json(const std::string& path, const converter::Conversion& converted) {
        for (const converter::PartRecord& record : converted.records())
            console_.line(json_of(record).to_string());
        JsonLine json;
        json.add("message", path)
            .add("executed", executes_)
            .add("directive", conversion::to_string(converted.directive()))
            .add("changed", !converted.is_unchanged())
            .add("text", converted.text())
            .add("warnings", converted.warnings());
        console_.line(json.to_string());
    }

    ExitCode write_result(const converter::Conversion& converted) {
        const auto path = invocation_.line().value("result");
        if (!path) return ExitCode::done;
        std::string text;
        auto written = converted.write([&](std::string_view octets) -> Result<void> {
            text += octets;
            return {};
        });
        if (written) written = replace_file(std::string(*path), text);
        if (written) return ExitCode::done;
        console_.error(facility, "FAILED", written.error().detail());
        return ExitCode::failed;
    }

    Invocation& invocation_;
    Console& console_;
    const config::Configuration& site_;
    const conversion::Entries& entries_;
    bool executes_;
};

}  // namespace

ExitCode test_conversion(Invocation& invocation) {
    Console& console = invocation.console();
    const bool executes = invocation.line().has("execute");
    if (executes && ::geteuid() == 0) {
        console.error(facility, "PRIVILEGE", "commands are not run as root: set IMTA_USER");
        return ExitCode::failed;
    }
    if (executes && invocation.instance() == nullptr) {
        console.error(facility, "MISSING", "-execute needs an instance");
        return ExitCode::usage;
    }
    const auto site = load_test_configuration(invocation);
    if (!site) return ExitCode::failed;
    std::optional<conversion::Entries> own;
    if (const auto path = invocation.line().value("conversions_file")) {
        own = read_entries(console, std::string(*path));
        if (!own) return ExitCode::failed;
    }
    lookup::Sources sources(site);
    ConversionTest test(invocation, *site, own ? *own : site->conversions);
    return for_each_input(invocation, "Message file: ", [&](const std::string& path) {
        return test.run(path, sources);
    });
}

}  // namespace sluice::utility
