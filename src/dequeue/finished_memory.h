#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace sluice::dequeue {

/// Recipients that are finished although their message file could not be made to say so, for want
/// of room on the disk above all: they are not served again while this process lives. After that
/// they are, as the log said they might (spec page queue, section 12). At most 10,000 messages;
/// those beyond are not kept. Thread-safe; a message belongs to one thread at a
/// time.
class FinishedMemory {
public:
    /// `unique`: part of the file's name that stays; `recipient`: index in its envelope.
    void note(const std::string& unique, std::size_t recipient);
    [[nodiscard]] std::set<std::size_t> noted(const std::string& unique) const;
    void forget(const std::string& unique);
    /// As the end of the process would: for tests in which one instance follows another.
    void forget_all();

    /// That of this process.
    static FinishedMemory& instance();

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::set<std::size_t>> messages_;
};

}  // namespace sluice::dequeue
