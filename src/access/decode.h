#pragma once

#include <string_view>

#include "access/probes.h"
#include "access/verdict.h"
#include "mapping/engine.h"

// From the flags and the output string of an access table to a decision (imta_access(5),
// "Results").
namespace sluice::access {

/// Decodes FROM_ACCESS and the four recipient tables. `address` is the MAIL FROM or RCPT TO address
/// as the client gave it. Arguments stand in the output in the fixed order of the manual, one for
/// each flag that has one. If no template ran to its end there are no arguments.
Verdict decode_access(
    AccessTable table,
    const mapping::Outcome& outcome,
    std::string_view address,
    const Options& options
);

/// Decodes PORT_ACCESS.
Verdict decode_port_access(const mapping::Outcome& outcome);

/// Takes the arguments of flags off an output string, one bar at a time.
class ArgumentReader {
public:
    explicit ArgumentReader(std::string_view output) : rest_(output) {}
    /// The text up to the next bar; empty when nothing is left.
    std::string_view next();
    /// Everything that is left, bars included.
    std::string_view rest() { return rest_; }

private:
    std::string_view rest_;
};

/// What both decoders begin with: state of the probe, identity of the entry.
Verdict begin_verdict(std::string_view table, const mapping::Outcome& outcome);
/// The output where it is one, empty where no template ran to its end.
std::string_view output_of(const mapping::Outcome& outcome);

/// Effects that PORT_ACCESS shares with the other tables. Each takes its argument if its flag is
/// set.
void read_debug_level(const mapping::Outcome& outcome, ArgumentReader& arguments, Verdict& verdict);
void read_delay(const mapping::Outcome& outcome, ArgumentReader& arguments, Verdict& verdict);
/// `$<`, and `$>` in case of a refusal.
void read_syslog(
    const mapping::Outcome& outcome, ArgumentReader& arguments, bool refused, Verdict& verdict
);

}  // namespace sluice::access
