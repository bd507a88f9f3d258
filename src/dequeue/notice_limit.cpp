#include "dequeue/notice_limit.h"

#include <chrono>

#include "base/bytes.h"
#include "base/limit_hits.h"
#include "base/log.h"
#include "base/shared_text.h"

namespace sluice::dequeue {

namespace {

// Errors beyond these are told apart no more in their hour.
constexpr std::size_t most_seen = 2000;

}  // namespace

NoticeBudget NoticeBudget::parse(std::string_view text) {
    NoticeBudget budget;
    const auto words = split_words(text.substr(0, text.find('\n')));
    if (words.size() != 3) return budget;
    const auto hour = parse_signed(words[0]);
    const auto sent = parse_unsigned(words[1]);
    const auto unsent = parse_unsigned(words[2]);
    if (!hour || !sent || !unsent) return budget;
    budget.hour_ = *hour;
    budget.sent_ = *sent;
    budget.unsent_ = *unsent;
    const auto lines = split(text, '\n');
    for (std::size_t i = 1; i < lines.size() && i <= most_seen; ++i) {
        if (const auto seen = parse_unsigned(lines[i])) budget.seen_.insert(*seen);
    }
    return budget;
}

std::string NoticeBudget::to_text() const {
    std::string text =
        std::to_string(hour_) + ' ' + std::to_string(sent_) + ' ' + std::to_string(unsent_) + '\n';
    for (const std::uint64_t seen : seen_) text += std::to_string(seen) + '\n';
    return text;
}

std::optional<std::uint64_t> NoticeBudget::take(
    WallTime now, std::uint64_t most, std::uint64_t fingerprint
) {
    const auto hour =
        std::chrono::duration_cast<std::chrono::hours>(now.time_since_epoch()).count();
    if (hour != hour_) {
        hour_ = hour;
        sent_ = 0;
        seen_.clear();
    }
    if (seen_.count(fingerprint) == 1 || (most > 0 && sent_ >= most)) {
        ++unsent_;
        return std::nullopt;
    }
    if (seen_.size() < most_seen) seen_.insert(fingerprint);
    ++sent_;
    const std::uint64_t kept_back = unsent_;
    unsent_ = 0;
    return kept_back;
}

std::optional<std::uint64_t> take_notice(
    const std::string& path, WallTime now, std::uint64_t most, std::uint64_t fingerprint
) {
    std::optional<std::uint64_t> taken = 0;
    // Cut short by a crash it counts as empty, which costs the postmaster a notice more.
    const auto changed = change_shared_text(path, [&](std::string_view text) {
        NoticeBudget budget = NoticeBudget::parse(text);
        taken = budget.take(now, most, fingerprint);
        return budget.to_text();
    });
    if (!changed) diag::warning(changed.error().detail());
    if (!taken) {
        limits::hit(
            limits::Limit::notify_max_per_hour,
            "the postmaster gets no further copy of this error, or none in this hour "
            "(NOTIFY_MAX_PER_HOUR)"
        );
    }
    return taken;
}

}  // namespace sluice::dequeue
