#include "jobs/control_client.h"

#include <utility>

#include "jobs/connection.h"

namespace sluice::jobs {

using std::chrono::steady_clock;

struct ControlClient::Impl {
    Connection connection;
    std::chrono::milliseconds answer;

    template <class Request>
    Result<void> send(const Request& request) {
        auto frame = encode(request);
        if (!frame) return std::move(frame).error();
        return connection.send(*frame, steady_clock::now() + answer);
    }

    template <class Reply, class Request>
    Result<Reply> call(const Request& request) {
        if (auto sent = send(request); !sent) return std::move(sent).error();
        return connection.receive_as<Reply>(steady_clock::now() + answer);
    }

    template <class Request>
    Result<std::uint32_t> affected(const Request& request) {
        auto reply = call<Okay>(request);
        if (!reply) return std::move(reply).error();
        return reply->affected;
    }

    template <class Rows, class Row>
    Result<void> list(
        ListScope scope, std::string_view channel, const std::function<void(const Row&)>& row
    ) {
        if (auto sent = send(List{scope, std::string(channel)}); !sent) return sent;
        while (true) {
            auto frame = connection.receive(steady_clock::now() + answer);
            if (!frame) return std::move(frame).error();
            if (frame->verb == Verb::list_end) return {};
            if (frame->verb != Rows::verb) return connection.unexpected(*frame);
            auto rows = decode<Rows>(frame->body);
            if (!rows) return std::move(rows).error();
            for (const Row& each : rows->rows) row(each);
        }
    }
};

ControlClient::ControlClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ControlClient::ControlClient(ControlClient&&) noexcept = default;
ControlClient& ControlClient::operator=(ControlClient&&) noexcept = default;
ControlClient::~ControlClient() = default;

Result<ControlClient> ControlClient::connect(
    const std::string& socket_path, std::chrono::milliseconds answer
) {
    auto connection = Connection::open(socket_path, Role::control, answer);
    if (!connection) return std::move(connection).error();
    return ControlClient(std::make_unique<Impl>(Impl{std::move(*connection), answer}));
}

Result<std::uint32_t> ControlClient::run(const Run& request) {
    return impl_->affected(request);
}

Result<std::uint32_t> ControlClient::sync(std::string_view channel) {
    return impl_->affected(Sync{std::string(channel)});
}

Result<void> ControlClient::stop_channel(std::string_view channel) {
    auto reply = impl_->affected(Stop{std::string(channel)});
    return reply ? Result<void>() : std::move(reply).error();
}

Result<void> ControlClient::start_channel(std::string_view channel) {
    auto reply = impl_->affected(Start{std::string(channel)});
    return reply ? Result<void>() : std::move(reply).error();
}

Result<std::uint32_t> ControlClient::forget(std::string_view channel, std::string_view file) {
    return impl_->affected(Forget{std::string(channel), std::string(file)});
}

Result<void> ControlClient::forget_all(const std::vector<Forget>& files) {
    std::string frames;
    for (const Forget& file : files) {
        auto frame = encode(file);
        if (!frame) return std::move(frame).error();
        frames += *frame;
    }
    const auto end = steady_clock::now() + impl_->answer;
    if (auto sent = impl_->connection.send(frames, end); !sent) return sent;
    // Each has its answer, a refusal too: what is not read now would be taken for the next one's.
    Result<void> all;
    for (std::size_t i = 0; i < files.size(); ++i) {
        auto reply = impl_->connection.receive_as<Okay>(steady_clock::now() + impl_->answer);
        if (!reply && all) all = std::move(reply).error();
    }
    return all;
}

Result<std::vector<StatusRow>> ControlClient::status() {
    auto reply = impl_->call<StatusReply>(Status{});
    if (!reply) return std::move(reply).error();
    return std::move(reply->rows);
}

Result<Reloaded> ControlClient::reload() {
    return impl_->call<Reloaded>(Reload{});
}

Result<std::uint32_t> ControlClient::change(const Change& request) {
    return impl_->affected(request);
}

Result<void> ControlClient::walk() {
    auto reply = impl_->affected(Walk{});
    return reply ? Result<void>() : std::move(reply).error();
}

Result<void> ControlClient::list_channels(
    std::string_view channel, const std::function<void(const ChannelRow&)>& row
) {
    return impl_->list<ChannelRows>(ListScope::channels, channel, row);
}

Result<void> ControlClient::list_hosts(
    std::string_view channel, const std::function<void(const HostRow&)>& row
) {
    return impl_->list<HostRows>(ListScope::hosts, channel, row);
}

Result<void> ControlClient::list_messages(
    std::string_view channel, const std::function<void(const MessageRow&)>& row
) {
    return impl_->list<MessageRows>(ListScope::messages, channel, row);
}

Result<void> ControlClient::list_jobs(
    std::string_view channel, const std::function<void(const JobRow&)>& row
) {
    return impl_->list<JobRows>(ListScope::jobs, channel, row);
}

}  // namespace sluice::jobs
