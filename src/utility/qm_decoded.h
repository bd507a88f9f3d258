#pragma once

#include "queue/message_file.h"
#include "utility/message.h"

namespace sluice::utility {

/// Shows the texts in a message as people read them: encodings undone, in UTF-8, each part with a
/// line that says what it is. Other parts are only named. Very long texts are cut.
void show_decoded(Console& console, queue::MessageFile& file);

}  // namespace sluice::utility
