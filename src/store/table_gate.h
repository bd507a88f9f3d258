#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace sluice::store {

/// The file beside a table that processes change together: who changes it holds its lock, and it
/// says whether the table can be trusted. Not more than one thread of a process at a time.
///
/// Content: a line with what this is, one with the start of the machine that the table is of, one
/// with a digit: the changes that were begun and not ended, in a row.
class TableGate {
public:
    explicit TableGate(std::string path) : path_(std::move(path)) {}

    /// Waits until nobody else is in; an Error when that takes longer than `limit`. True: the table
    /// is to be begun anew. That is so when the gate is new; after a start of the machine, as
    /// nobody syncs the table and it may have stayed half written; and after two changes in a row
    /// that killed who made them, as damaged pages do. One alone was stopped from outside, which a
    /// table survives.
    Result<bool> enter(std::chrono::milliseconds limit = std::chrono::seconds(2));
    /// The change is made, or was given up in good order.
    void leave();

private:
    [[nodiscard]] Result<void> lock(std::chrono::milliseconds limit);
    [[nodiscard]] bool is_current() const;

    const std::string path_;
    UniqueFd fd_;
};

/// What tells this start of the machine from others; empty where the kernel does not say.
const std::string& start_of_machine();

}  // namespace sluice::store
