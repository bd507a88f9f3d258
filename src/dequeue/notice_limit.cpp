#include "dequeue/notice_limit.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "base/bytes.h"
#include "base/file.h"
#include "base/log.h"

namespace sluice::dequeue {

namespace {

// Errors beyond these are told apart no more in their hour.
constexpr std::size_t most_seen = 2000;
constexpr std::size_t longest_file = 256UL << 10U;

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
    const UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) {
        diag::warning(Error::from_errno(errno, "open " + path).detail());
        return 0;
    }
    while (::flock(file.get(), LOCK_EX) != 0) {
        if (errno != EINTR) return 0;
    }
    std::string text(longest_file, '\0');
    const ssize_t size = ::pread(file.get(), text.data(), text.size(), 0);
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    NoticeBudget budget = NoticeBudget::parse(text);
    const auto taken = budget.take(now, most, fingerprint);
    const std::string after = budget.to_text();
    // Torn by a crash it counts as empty, which costs the postmaster a notice more.
    if (::pwrite(file.get(), after.data(), after.size(), 0) != static_cast<ssize_t>(after.size()) ||
        ::ftruncate(file.get(), static_cast<off_t>(after.size())) != 0) {
        diag::warning(Error::from_errno(errno, "write " + path).detail());
    }
    return taken;
}

}  // namespace sluice::dequeue
