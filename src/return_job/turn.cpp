#include "return_job/turn.h"

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/log.h"

namespace sluice::return_job {

namespace {

/// With whoever has it: an operator, or a rollover that is being finished.
constexpr std::chrono::hours patience{2};
constexpr std::chrono::seconds look_again{1};

Error another_is_at_work(const Error& error) {
    if (!is_taken(error)) return error;
    return Error::temporary(
        {4, 3, 0}, "local system error", "another return job of this instance is at work"
    );
}

}  // namespace

bool is_taken(const Error& error) {
    return error.error_number() == EAGAIN;
}

Result<Turn> Turn::take(const std::string& lock_file) {
    auto logs = rollover::RolloverTurn::take(lock_file);
    if (!logs) return another_is_at_work(logs.error());
    return Turn(*std::move(logs));
}

Result<Turn> Turn::wait_for_one_a_night(const std::string& lock_file) {
    log::WriterLock night(lock_file);
    if (auto taken = night.try_lock_exclusive(nightly_lock_byte); !taken)
        return another_is_at_work(taken.error());
    const MonoTime end = system_clock().mono_now() + patience;
    auto logs = rollover::RolloverTurn::take(lock_file);
    if (!logs && is_taken(logs.error())) diag::info("another return job is at work: waiting");
    while (!logs && is_taken(logs.error()) && system_clock().mono_now() < end) {
        std::this_thread::sleep_for(look_again);
        logs = rollover::RolloverTurn::take(lock_file);
    }
    if (!logs) return another_is_at_work(logs.error());
    Turn turn(*std::move(logs));
    turn.night_ = std::move(night);
    return turn;
}

}  // namespace sluice::return_job
