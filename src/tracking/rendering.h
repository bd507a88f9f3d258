#pragma once

#include <string>
#include <vector>

#include "tracking/completion.h"
#include "tracking/record.h"
#include "tracking/stamp.h"

namespace sluice::tracking {

/// Writes what was read in another dialect. Lines of that dialect already come back as they were,
/// with their stamp in the wanted style. Keeps what qmail's lines leave to those before them.
class Rendering {
public:
    /// `form`: sun, xml, json, or a foreign dialect, of which only its own lines can be written.
    Rendering(Dialect form, const TimeZone& zone, StampStyle stamps);

    /// None where the dialect has no such entry.
    std::vector<std::string> lines_of(Record record);

private:
    [[nodiscard]] std::string json_of(const Record& record) const;
    [[nodiscard]] bool is_same_form(Dialect dialect) const;

    Dialect form_;
    TimeZone zone_;
    StampStyle stamps_;
    Completion completion_;
};

}  // namespace sluice::tracking
