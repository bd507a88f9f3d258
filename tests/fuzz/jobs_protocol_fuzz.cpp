// Any bytes from a peer of the job controller: frames are cut, bodies decoded; what decodes must
// encode to the same bytes again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "jobs/frame.h"

using namespace sluice::jobs;

namespace {

template <class Message>
bool check(const Frame& frame) {
    if (frame.verb != Message::verb) return false;
    const auto message = decode<Message>(frame.body);
    if (!message) return true;
    const auto again = encode(*message);
    if (!again || std::string_view(*again).substr(5) != frame.body) std::abort();
    return true;
}

template <class... Messages>
void check_all(const Frame& frame) {
    (check<Messages>(frame) || ...);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FrameReader reader;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    // In two pieces, so that unfinished frames are met as well.
    for (const std::string_view part : {bytes.substr(0, size / 2), bytes.substr(size / 2)}) {
        reader.feed(part);
        while (true) {
            const auto frame = reader.next();
            if (!frame) return 0;
            if (!frame->has_value()) break;
            check_all<
                Hello, Welcome, Enqueue, Accepted, Ask, Work, Wait, Exit, Done, Run, List, Sync,
                Stop, Start, Status, Forget, Okay, Problem, ChannelRows, HostRows, MessageRows,
                JobRows, ListEnd, StatusReply, Reload, Reloaded, Change, Walk, Stress>(**frame);
        }
    }
    return 0;
}
