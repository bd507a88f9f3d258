#include "base/version.h"

#include <sys/utsname.h>

#include "utility/json_line.h"
#include "utility/utilities.h"
#include "utility/utility.h"

// imsimta version: what runs here, for problem reports.
namespace sluice::utility {

namespace {

constexpr std::string_view product = product_name;
constexpr std::string_view version = product_version_number;
constexpr std::string_view build_date = SLUICE_BUILD_DATE;
#if defined(__clang__)
constexpr std::string_view compiler = "Clang " __clang_version__;
#else
constexpr std::string_view compiler = "GCC " __VERSION__;
#endif

ExitCode run(Invocation& invocation) {
    utsname machine{};
    if (::uname(&machine) != 0) machine = {};
    if (invocation.line().has("json")) {
        JsonLine json;
        json.add("product", product).add("version", version).add("build_date", build_date);
        json.add("compiler", compiler);
        json.add("system", machine.sysname).add("node", machine.nodename);
        json.add("release", machine.release).add("architecture", machine.machine);
        invocation.console().line(json.to_string());
        return ExitCode::done;
    }
    auto& out = invocation.console().out();
    out << product << ' ' << version << " (built " << build_date << ")\n"
        << "libsluice " << version << " (" << compiler << ")\n"
        << machine.sysname << ' ' << machine.nodename << ' ' << machine.release << ' '
        << machine.machine << '\n';
    return ExitCode::done;
}

constexpr Switch switches[] = {
    {"json", Switch::Value::none, "as one JSON object"},
};

}  // namespace

const Command version_command = {
    .name = "version",
    .summary = "show product, library and platform versions",
    .parameters = "",
    .switches = switches,
    .run = run,
};

}  // namespace sluice::utility
