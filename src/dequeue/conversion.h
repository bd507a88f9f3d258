#pragma once

#include <string>

#include "dequeue/master.h"

namespace sluice::dequeue {

/// The deliverer of the channels `conversion*`: runs the entries of the conversions file on the
/// message and enqueues the result to where it was going (spec page conversions). What one entry
/// says about the whole message holds for the recipients that go to the same channel.
std::unique_ptr<Deliverer> make_converter(
    enqueue::Runtime& runtime, const channel::Channel& channel
);

/// An address whose domain only led to the conversion channel, without it: user%host@conversion is
/// user@host, user@conversion is the user of that name here. Pure.
std::string beyond_conversion(std::string_view address, std::string_view local_host);

}  // namespace sluice::dequeue
