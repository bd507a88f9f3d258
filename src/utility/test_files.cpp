// imsimta test -input=FILE -output=FILE.
#include <fstream>

#include "base/bytes.h"
#include "utility/test_faces.h"

namespace sluice::utility {

namespace {

constexpr std::string_view facility = "TEST";

/// The lines of a file, as if somebody had typed them.
class FileInput final : public Input {
public:
    explicit FileInput(const std::string& path) : stream_(path) {}
    [[nodiscard]] bool is_open() const { return stream_.is_open(); }

    std::optional<std::string> read_line(std::string_view) override {
        std::string line;
        if (!std::getline(stream_, line) || line.size() > max_input_line) return std::nullopt;
        if (line.ends_with('\r')) line.pop_back();
        return line;
    }
    [[nodiscard]] bool is_terminal() const override { return false; }

private:
    std::ifstream stream_;
};

}  // namespace

ExitCode with_files(Invocation& invocation, ExitCode (*run)(Invocation&)) {
    const CommandLine& line = invocation.line();
    Console& console = invocation.console();
    const std::string from(line.value("input").value_or(line.value("script").value_or("")));
    const std::string into(line.value("output").value_or(""));
    if (from.empty() && into.empty()) return run(invocation);
    if (!from.empty() && !line.parameters().empty()) {
        console.error(
            facility, "CONFLICT", "-input=" + from + " and parameters exclude each other"
        );
        return ExitCode::usage;
    }
    std::optional<FileInput> input;
    if (!from.empty() && !input.emplace(from).is_open()) {
        console.error(facility, "NOFILE", "cannot read " + from);
        return ExitCode::not_found;
    }
    std::ofstream output;
    if (!into.empty()) output.open(into, std::ios::trunc);
    if (!into.empty() && !output.is_open()) {
        console.error(facility, "NOFILE", "cannot write " + into);
        return ExitCode::not_found;
    }
    Console redirected = console.with(into.empty() ? nullptr : &output, input ? &*input : nullptr);
    Invocation inside(
        line, redirected, invocation.instance(), invocation.who(), invocation.session()
    );
    const ExitCode code = run(inside);
    if (!into.empty() && !output.flush()) {
        console.error(facility, "NOFILE", "cannot write all of " + into);
        return ExitCode::failed;
    }
    return code;
}

}  // namespace sluice::utility
