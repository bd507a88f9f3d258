#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/time_zone.h"
#include "tracking/record.h"

namespace sluice::tracking {

/// Events that were read from one kind of log as lines of Post.Office or qmail, by the renderers of
/// those logs (src/postoffice_log, src/qmail_log). What only a running MTA knows is made up from
/// what there is: messages are told apart by envelope id, else message-id; a delivery
/// begins as long before its end as the log says, else in that moment; a message is gone with its
/// last recipient. Not thread-safe.
class ForeignForm {
public:
    ForeignForm(Dialect form, const TimeZone& zone);
    ~ForeignForm();
    ForeignForm(const ForeignForm&) = delete;
    ForeignForm& operator=(const ForeignForm&) = delete;

    /// Lines, perhaps of records before; those for this one may come later.
    std::vector<std::string> lines_of(const Record& record);
    std::vector<std::string> finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::tracking
