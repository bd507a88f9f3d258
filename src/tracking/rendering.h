#pragma once

#include <string>
#include <vector>

#include "tracking/completion.h"
#include "tracking/foreign_form.h"
#include "tracking/record.h"
#include "tracking/stamp.h"

namespace sluice::tracking {

/// Writes what was read in another dialect. Lines of that dialect already come back as they were,
/// with their stamp in the wanted style. Keeps what qmail's lines leave to those before them, and
/// the recipients of a message that share an entry: lines come when it is clear that no more
/// follow.
class Rendering {
public:
    /// `form`: sun, xml, json, postoffice or one of qmail's.
    Rendering(Dialect form, const TimeZone& zone, StampStyle stamps);

    /// None where the dialect has no such entry.
    std::vector<std::string> lines_of(Record record);
    /// What was kept back, at the end.
    std::vector<std::string> finish();

private:
    [[nodiscard]] std::string json_of(const Record& record) const;
    [[nodiscard]] bool is_same_form(Dialect dialect) const;

    Dialect form_;
    TimeZone zone_;
    StampStyle stamps_;
    Completion completion_;
    ForeignForm foreign_;
};

}  // namespace sluice::tracking
