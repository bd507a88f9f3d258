#pragma once

#include "dequeue/master.h"

namespace sluice::defragment {

/// The deliverer of the channel `defragment` (RFC 2046 section 5.2.2.1). A piece waits until the
/// others are there; whichever is delivered last takes them along. Pieces that have waited for half
/// of the channel's first number of `notices` go on as they are: nobody is ever told that a piece
/// is late. Only one program at a time puts messages together.
std::unique_ptr<dequeue::Deliverer> make_defragmenter(
    enqueue::Runtime& runtime, const channel::Channel& channel
);

}  // namespace sluice::defragment
