#include "rewrite/context.h"

#include "base/bytes.h"

namespace sluice::rewrite {

bool is_reprocessing_name(std::string_view channel) {
    return starts_with_ignoring_case(channel, "reprocess") ||
           starts_with_ignoring_case(channel, "process");
}

}  // namespace sluice::rewrite
