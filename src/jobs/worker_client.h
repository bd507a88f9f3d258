#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "jobs/protocol.h"

namespace sluice::jobs {

/// One worker thread's line to the job controller: asks for messages, reports what became of them.
/// Blocking; one object per thread, not shared.
///
/// When the connection is lost every call fails from then on: finish the message in hand, leave
/// the rest of the batch alone (the job controller hands it out again) and end the thread.
/// A program that can run several threads keeps one spare thread waiting in ask() until
/// `thread_limit` is reached, so that a stalled host never keeps the others waiting.
class WorkerClient {
public:
    struct Options {
        std::string socket_path;
        std::string channel;
        std::uint32_t thread = 0;        ///< number of the thread in this process, for logs
        std::uint16_t thread_limit = 1;  ///< most worker threads of this process
        std::uint32_t job = 0;           ///< see job_from_environment()
        std::chrono::milliseconds answer{30000};  ///< longest wait beyond ask()'s patience
    };
    struct Answer {
        enum class Kind { work, wait, exit };
        Kind kind = Kind::exit;
        Work work;                    ///< when kind is work
        std::chrono::seconds wait{};  ///< when kind is wait: sleep that long, then ask again
    };

    static Result<WorkerClient> connect(Options options);
    WorkerClient(WorkerClient&&) noexcept;
    WorkerClient& operator=(WorkerClient&&) noexcept;
    ~WorkerClient();

    /// Sends the reports still held, asks for up to `max_messages` (at most max_batch) and waits
    /// up to `patience` (at most 600 s are used) for work to appear.
    Result<Answer> ask(std::uint16_t max_messages, std::chrono::seconds patience);
    /// Reports one outcome. Reports are collected: they leave with the next ask() or flush(), at
    /// once when a host failed, otherwise when 64 are held or the oldest is a second old.
    Result<void> report(DoneItem item);
    Result<void> flush();
    /// Says that the far end of the channel is overloaded; needs no answer.
    Result<void> report_stress();

    /// The number the job controller gave this process (environment SLUICE_JOB); 0 if by hand.
    static std::uint32_t job_from_environment();

private:
    struct Impl;
    explicit WorkerClient(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::jobs
