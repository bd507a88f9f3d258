#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "jobs/frame.h"
#include "jobs/protocol.h"

// What job_controller.log tells besides starts, ends and trouble: DEBUG in job_controller.cnf
// (manual page job_controller.cnf(5)).
namespace sluice::job_controller {

/// Bits of the mask. Those between are about routines that this job controller does not have.
namespace debug_bit {
constexpr std::int64_t messages = 1;   ///< requests and answers
constexpr std::int64_t details = 2;    ///< what is in them
constexpr std::int64_t states = 4;     ///< messages handed out and what became of them
constexpr std::int64_t rebuild = 8;    ///< scans of directories
constexpr std::int64_t queues = 16;    ///< all channels, after each decision
constexpr std::int64_t waiting = 256;  ///< turns of the event loop
}  // namespace debug_bit

/// The mask; a negative one has every bit.
class Debug {
public:
    explicit Debug(std::int64_t mask) : mask_(mask) {}
    [[nodiscard]] bool has(std::int64_t bit) const { return mask_ < 0 || (mask_ & bit) != 0; }
    /// Notes what `text` makes when the bit is set; nothing is made otherwise.
    template <class Text>
    void note(std::int64_t bit, const Text& text) const {
        if (has(bit)) write(text());
    }

private:
    static void write(const std::string& text);
    std::int64_t mask_;
};

/// "enqueue", "ask" ...
[[nodiscard]] std::string word_of(jobs::Verb verb);
/// "ok", "temp" ...
[[nodiscard]] std::string word_of(jobs::Outcome outcome);
/// "message 17 temp: connection refused"
[[nodiscard]] std::string describe(const jobs::DoneItem& done);
/// "tcp_local ready 3, in progress 1 ..." of each channel that has messages or jobs.
[[nodiscard]] std::string describe(const std::vector<jobs::ChannelRow>& channels);

}  // namespace sluice::job_controller
