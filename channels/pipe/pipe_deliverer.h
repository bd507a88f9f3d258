#pragma once

#include <memory>

#include "dequeue/master.h"

namespace sluice::pipe {

/// The deliverer of the channels `pipe*`: gives the message to a program that programs.cnf lists,
/// once for each recipient. The program is confined as commands of conversion channels are, and
/// reads the message, with LF as the line end, from its standard input.
std::unique_ptr<dequeue::Deliverer> make_pipe_deliverer(
    enqueue::Runtime& runtime, const channel::Channel& channel
);

}  // namespace sluice::pipe
