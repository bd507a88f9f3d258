#pragma once

#include <cstdint>

#include "log/event.h"

namespace sluice::log {

/// Counts logged operations for the process field of LOG_PROCESS: one counter per thread (per
/// process in single-threaded programs), from 0, one step per operation and not per line. Opening a
/// connection is an operation, so is each message transaction, each file written, the close.
/// Not thread-safe: one object belongs to one thread.
class ProcessField {
public:
    /// A single-threaded program: "pid.count".
    explicit ProcessField(std::uint64_t pid) { tag_.pid = pid; }
    /// A multithreaded one: "pid.thread.count".
    ProcessField(std::uint64_t pid, std::uint64_t thread) {
        tag_.pid = pid;
        tag_.thread = thread;
    }
    /// The tag for all lines of the next operation.
    ProcessTag next_operation() {
        ProcessTag tag = tag_;
        ++tag_.count;
        return tag;
    }

private:
    ProcessTag tag_;
};

/// The calling thread's counter in a multithreaded program. Threads are numbered from 1 in the
/// order of their first call.
ProcessField& this_thread_process_field();

}  // namespace sluice::log
