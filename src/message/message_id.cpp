#include "message/message_id.h"

#include <random>
#include <string_view>
#include <utility>

namespace sluice::message {

namespace {

std::string base36(std::uint64_t value) {
    constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    std::string out;
    do {
        out.insert(out.begin(), digits[value % 36]);
        value /= 36;
    } while (value > 0);
    return out;
}

std::uint64_t random_seed() {
    std::random_device source;
    return (static_cast<std::uint64_t>(source()) << 32U) | source();
}

}  // namespace

MessageIdGenerator::MessageIdGenerator(std::string domain)
    : MessageIdGenerator(std::move(domain), random_seed()) {}

MessageIdGenerator::MessageIdGenerator(std::string domain, std::uint64_t seed)
    : domain_(std::move(domain)), seed_(seed) {}

std::string MessageIdGenerator::next(WallTime now) {
    std::uint64_t count = 0;
    {
        const std::lock_guard lock(mutex_);
        count = count_++;
    }
    const auto ticks = static_cast<std::uint64_t>(now.time_since_epoch().count());
    return '<' + base36(ticks) + '.' + base36(seed_) + '.' + base36(count) + '@' + domain_ + '>';
}

}  // namespace sluice::message
