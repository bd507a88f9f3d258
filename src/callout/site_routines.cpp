#include "callout/site_routines.h"

#include <algorithm>

#include "base/log.h"

namespace sluice::callout {

using mapping::Answer;

SiteRoutines::SiteRoutines(Settings settings, const Clock& clock)
    : settings_(std::move(settings)), clock_(clock) {
    for (unsigned i = 0; i < settings_.processes; ++i) {
        processes_.push_back(std::make_unique<SiteProcess>(settings_.program, clock_));
        idle_.push_back(processes_.back().get());
    }
}

SiteRoutines::~SiteRoutines() = default;

Answer SiteRoutines::call(
    const std::string& library, const std::string& routine, const std::string& argument
) {
    const MonoTime until = clock_.mono_now() + settings_.limit;
    SiteProcess* const process = claim(until);
    if (process == nullptr) return Answer::none();
    using std::chrono::milliseconds;
    const auto left = std::chrono::ceil<milliseconds>(until - clock_.mono_now());
    const auto reply = process->call({library, routine, argument}, std::max(left, milliseconds(1)));
    release(process);
    const std::string name = library + ", " + routine;
    if (!reply) {
        diag::warning("site routine " + name + ": " + reply.error().detail());
        return Answer::none();
    }
    switch (reply->kind) {
        case SiteReply::Kind::success:
            return Answer::literal(reply->text);
        case SiteReply::Kind::failure:
            break;
        case SiteReply::Kind::unusable:
            say_once("site routine " + name + ": " + reply->text);
            break;
    }
    return Answer::none();
}

SiteProcess* SiteRoutines::claim(MonoTime until) {
    std::unique_lock lock(mutex_);
    while (true) {
        const auto ready = std::find_if(idle_.begin(), idle_.end(), [](const SiteProcess* process) {
            return process->is_ready();
        });
        if (ready != idle_.end()) {
            SiteProcess* const process = *ready;
            idle_.erase(ready);
            return process;
        }
        // All have crashed lately: nobody waits for that.
        if (idle_.size() == processes_.size()) return nullptr;
        const auto left = until - clock_.mono_now();
        if (left.count() <= 0 || freed_.wait_for(lock, left) == std::cv_status::timeout)
            return nullptr;
    }
}

void SiteRoutines::release(SiteProcess* process) {
    {
        const std::lock_guard lock(mutex_);
        idle_.push_back(process);
    }
    freed_.notify_one();
}

void SiteRoutines::say_once(const std::string& text) {
    constexpr std::size_t most = 1000;
    {
        const std::lock_guard lock(mutex_);
        if (said_.size() >= most || !said_.insert(text).second) return;
    }
    diag::warning(text);
}

}  // namespace sluice::callout
