#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "jobs/protocol.h"

namespace sluice::jobs {

/// What operator commands say to a running job controller. Blocking; not for two threads at once.
/// Every call fails with a temporary Error when the job controller does not answer in time, and
/// with a permanent one whose text is the job controller's when it refuses.
class ControlClient {
public:
    static Result<ControlClient> connect(
        const std::string& socket_path, std::chrono::milliseconds answer = std::chrono::seconds(30)
    );
    ControlClient(ControlClient&&) noexcept;
    ControlClient& operator=(ControlClient&&) noexcept;
    ~ControlClient();

    /// Makes delayed messages ready; the number of messages concerned.
    Result<std::uint32_t> run(const Run& request);
    /// Starts a scan of the directories and returns; the number of channels to be scanned.
    Result<std::uint32_t> sync(std::string_view channel = {});
    Result<void> stop_channel(std::string_view channel);
    Result<void> start_channel(std::string_view channel);
    /// Drops one file's entry; 0 when it was not tracked.
    Result<std::uint32_t> forget(std::string_view channel, std::string_view file);
    /// The same for many, in one go.
    Result<void> forget_all(const std::vector<Forget>& files);
    Result<std::vector<StatusRow>> status();
    /// Takes the published configuration. The permanent Error says why it was not taken.
    Result<Reloaded> reload();
    /// Changes a setting until the job controller ends; the number of channels concerned.
    Result<std::uint32_t> change(const Change& request);
    /// Has it write its state into its log.
    Result<void> walk();

    /// Listings come row by row, in no particular order; an empty channel means all. Rows that
    /// exist for the whole listing come exactly once.
    Result<void> list_channels(
        std::string_view channel, const std::function<void(const ChannelRow&)>& row
    );
    Result<void> list_hosts(
        std::string_view channel, const std::function<void(const HostRow&)>& row
    );
    Result<void> list_messages(
        std::string_view channel, const std::function<void(const MessageRow&)>& row
    );
    Result<void> list_jobs(std::string_view channel, const std::function<void(const JobRow&)>& row);

private:
    struct Impl;
    explicit ControlClient(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::jobs
