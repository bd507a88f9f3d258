#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace sluice::local {

/// Delivers into Maildirs below one store directory: tmp, sync, move to new, sync. A mailbox is
/// made at its first delivery. Thread-safe; one per process.
class MaildirStore {
public:
    /// `node`: this host's name, part of each file name.
    MaildirStore(std::string root, std::string node);

    /// One delivery in progress. Destroying it before commit() leaves nothing behind.
    class Delivery {
    public:
        Delivery(Delivery&&) noexcept;
        Delivery& operator=(Delivery&&) = delete;
        ~Delivery();
        /// Octets of the message with CRLF line ends, cut anywhere; the file gets LF.
        Result<void> append(std::string_view bytes);
        /// The message is in the mailbox and on stable storage on return. Returns its path.
        Result<std::string> commit();
        /// Octets of the message as it is stored; final after commit().
        [[nodiscard]] std::uint64_t size() const { return size_; }

    private:
        friend class MaildirStore;
        Delivery(UniqueFd file, std::string mailbox, std::string name);
        Result<void> flush();

        UniqueFd file_;
        std::string mailbox_;
        std::string name_;
        std::string buffer_;
        bool pending_cr_ = false;
        std::uint64_t size_ = 0;
    };

    /// `user` is a name that config::LocalUsers accepts; it is folded to lower case.
    Result<Delivery> begin(std::string_view user, WallTime now);

private:
    Result<void> prepare(const std::string& mailbox);
    void forget(const std::string& mailbox);

    std::string root_;
    std::string node_;
    std::atomic<unsigned> count_{0};
    std::mutex mutex_;
    /// Mailboxes whose directories this process knows to be on stable storage; bounded.
    std::set<std::string> prepared_;
};

}  // namespace sluice::local
