#include "dispatcher/debug.h"

#include "base/log.h"

namespace sluice::dispatcher {

// The mask alone decides; the level of the log is about other lines.
void Debug::write(const std::string& text) {
    diag::info("debug: " + text);
}

}  // namespace sluice::dispatcher
