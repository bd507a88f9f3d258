#pragma once

#include <cstdint>
#include <string>

namespace sluice::dispatcher {

/// Bits of DEBUG in dispatcher.cnf and of IMTA_DISPATCHER_DEBUG (dispatcher.cnf(5)): what
/// dispatcher.log tells besides errors, starts and ends.
namespace debug_bit {
constexpr std::int64_t main_basic = 1;
constexpr std::int64_t main_extra = 2;
constexpr std::int64_t configuration = 4;
constexpr std::int64_t miscellaneous = 8;
constexpr std::int64_t services_basic = 16;
constexpr std::int64_t services_extra = 32;
constexpr std::int64_t processes = 64;
constexpr std::int64_t communication_basic = 256;
constexpr std::int64_t communication_extra = 512;
constexpr std::int64_t packets = 1024;
constexpr std::int64_t workers_basic = 4096;
constexpr std::int64_t workers_extra = 8192;
constexpr std::int64_t hand_offs = 16384;
constexpr std::int64_t worker_input_basic = 65536;
constexpr std::int64_t worker_input_extra = 131072;
constexpr std::int64_t statistics_basic = 1048576;
constexpr std::int64_t statistics_extra = 2097152;
constexpr std::int64_t port_access = 16777216;
}  // namespace debug_bit

/// The mask, and the lines that it switches on.
class Debug {
public:
    explicit Debug(std::int64_t mask) : mask_(mask) {}
    [[nodiscard]] bool has(std::int64_t bit) const { return (mask_ & bit) != 0; }
    /// Notes what `text` makes when the bit is set; nothing is made otherwise.
    template <class Text>
    void note(std::int64_t bit, const Text& text) const {
        if (has(bit)) write(text());
    }

private:
    static void write(const std::string& text);
    std::int64_t mask_;
};

}  // namespace sluice::dispatcher
