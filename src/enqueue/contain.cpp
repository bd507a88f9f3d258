#include "enqueue/contain.h"

#include <cstdlib>

#include "base/denial_hint.h"
#include "base/file.h"
#include "base/log.h"
#include "base/starter_link.h"
#include "config/containment_options.h"
#include "containment/confine.h"
#include "containment/probe.h"
#include "containment/starter.h"
#include "enqueue/places.h"

namespace sluice::enqueue {

namespace {

using Mode = config::ContainmentOptions::Mode;

/// What this process has kept.
struct Held {
    std::optional<containment::Rights> rights;  ///< nullopt: everything
    bool is_whole = false;                      ///< nothing else is left to it
};
Held& held_rights() {
    static Held held;
    return held;
}

Mode mode_of(const config::Configuration& configuration) {
    Diagnostics reported;  // when the configuration was checked
    return config::read_containment_options(configuration.options, reported).mode;
}

std::string joined(const std::vector<std::string>& texts, const char* between) {
    std::string all;
    for (const std::string& text : texts) {
        if (!all.empty()) all += between;
        all += text;
    }
    return all.empty() ? "nothing" : all;
}

Result<void> prepare_starter(
    const config::Configuration& configuration, const containment::Rights& rights
) {
    if (rights.hosts.empty()) return {};
    const std::string program =
        configuration.tailor.path(config::TailorEntry::bin) + "host_starter";
    auto socket = containment::start_host_starter(program, rights.hosts);
    if (!socket) return std::move(socket).error();
    use_starter(std::move(*socket));
    return {};
}

/// What is not there when rights are given up stays out of reach for good, whoever makes it later.
void make_missing_directories(
    const config::Configuration& configuration, const containment::Rights& rights
) {
    using config::TailorEntry;
    constexpr unsigned private_mode = 0700;
    constexpr unsigned usual_mode = 0755;
    const config::Tailor& tailor = configuration.tailor;
    // Where the configuration is going to be published.
    const std::string& image = tailor.path(TailorEntry::config_data);
    static_cast<void>(make_directories(directory_of(image), usual_mode));
    for (const std::string& path : rights.written) {
        const bool is_store = path + '/' == tailor.path(TailorEntry::store);
        static_cast<void>(make_directories(path, is_store ? private_mode : usual_mode));
    }
}

void say(const containment::Rights& rights, const containment::Confinement& made) {
    diag::info("confined: " + joined(made.applied, ", "));
    diag::info("confined: writes to " + joined(rights.written, " "));
    if (!rights.hosts.empty())
        diag::info("confined: may have started " + joined(rights.hosts, " "));
    diag::debug("confined: reads " + joined(rights.read, " "));
    if (!rights.update.empty()) diag::debug("confined: changes in " + joined(rights.update, " "));
}

Error not_confined(const std::string& why) {
    return Error::temporary(
        {4, 3, 5}, "system not accepting messages",
        "not confined as CONTAINMENT.MODE=strict demands: " + why
    );
}

/// What does not hold: an Error where nothing less is wanted.
Result<void> settle_for_less(Mode mode, const std::string& why) {
    if (mode == Mode::strict) return not_confined(why);
    diag::warning("not confined as it could be: " + why);
    return {};
}

Result<void> give_up_rights(
    const config::Configuration& configuration,
    const containment::ProgramRow& program,
    Mode mode,
    const std::function<Result<void>()>& before
) {
    containment::Rights rights = rights_of(configuration, program);
    // Without it what must be started would not be, and mail would stop.
    auto ready = before ? before() : Result<void>();
    if (ready) ready = prepare_starter(configuration, rights);
    if (!ready) return settle_for_less(mode, ready.error().detail());
    make_missing_directories(configuration, rights);
    const containment::Confinement made = containment::confine(rights);
    say(rights, made);
    set_denial_hint(
        ", or outside of what " + rights.program + " may use: CONTAINMENT.READ and .WRITE add to it"
    );
    held_rights() = {std::move(rights), made.lacking.empty()};
    if (made.lacking.empty()) return {};
    return settle_for_less(mode, joined(made.lacking, "; "));
}

void try_the_forbidden() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread yet
    const char* const directory = std::getenv(containment::probe_variable);
    if (directory == nullptr) return;
    for (const containment::Attempt& attempt : containment::probe(directory))
        diag::info("probe: " + attempt.name + ": " + attempt.result);
}

}  // namespace

Result<void> contain(
    const config::Configuration& configuration,
    std::string_view program,
    const std::function<Result<void>()>& before
) {
    const Mode mode = mode_of(configuration);
    const containment::ProgramRow* const row = containment::find_program(program);
    Result<void> done;
    if (row == nullptr) {
        diag::info("not confined: nobody said what " + std::string(program) + " needs");
    } else if (mode == Mode::off) {
        diag::info("not confined: CONTAINMENT.MODE=off");
    } else {
        done = give_up_rights(configuration, *row, mode, before);
    }
    try_the_forbidden();
    return done;
}

std::optional<std::string> outgrows_rights(const config::Configuration& fresh) {
    const Held& held = held_rights();
    const Mode mode = mode_of(fresh);
    if (!held.rights) {
        if (mode == Mode::off) return std::nullopt;
        return "it has kept all its rights";
    }
    if (mode == Mode::strict && !held.is_whole) return "it has kept more rights than it should";
    const auto* const row = containment::find_program(held.rights->program);
    const std::string lack = containment::missing_right(*held.rights, rights_of(fresh, *row));
    if (lack.empty()) return std::nullopt;
    return "it has given up rights: " + lack;
}

}  // namespace sluice::enqueue
