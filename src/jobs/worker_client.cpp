#include "jobs/worker_client.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/bytes.h"
#include "jobs/connection.h"

namespace sluice::jobs {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t held_reports = 64;
constexpr std::chrono::seconds held_time{1};
constexpr std::chrono::seconds longest_patience{600};

}  // namespace

struct WorkerClient::Impl {
    Options options;
    Connection connection;
    Done held;
    steady_clock::time_point held_since;

    /// The frames of the held reports; they count as sent.
    Result<std::string> take_reports() {
        if (held.items.empty()) return std::string();
        return encode(std::exchange(held, {}));
    }
};

WorkerClient::WorkerClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WorkerClient::WorkerClient(WorkerClient&&) noexcept = default;
WorkerClient& WorkerClient::operator=(WorkerClient&&) noexcept = default;
WorkerClient::~WorkerClient() {
    if (impl_) (void)flush();  // best effort: what is lost here is found out when the file is met
}

Result<WorkerClient> WorkerClient::connect(Options options) {
    auto connection = Connection::open(options.socket_path, Role::worker, options.answer);
    if (!connection) return std::move(connection).error();
    return WorkerClient(std::make_unique<Impl>(Impl{
        std::move(options), std::move(*connection), {}, steady_clock::now()}));
}

Result<WorkerClient::Answer> WorkerClient::ask(
    std::uint16_t max_messages, std::chrono::seconds patience
) {
    patience = std::clamp(patience, std::chrono::seconds(0), longest_patience);
    Ask ask;
    ask.channel = impl_->options.channel;
    ask.pid = static_cast<std::uint32_t>(::getpid());
    ask.thread = impl_->options.thread;
    ask.job = impl_->options.job;
    ask.thread_limit = impl_->options.thread_limit;
    ask.max_messages = std::clamp<std::uint16_t>(max_messages, 1, max_batch);
    ask.patience = static_cast<std::uint16_t>(patience.count());

    auto bytes = impl_->take_reports();
    if (!bytes) return std::move(bytes).error();
    auto question = encode(ask);
    if (!question) return std::move(question).error();
    *bytes += *question;
    const auto deadline = steady_clock::now() + patience + impl_->options.answer;
    if (auto sent = impl_->connection.send(*bytes, deadline); !sent) {
        return std::move(sent).error();
    }
    auto frame = impl_->connection.receive(deadline);
    if (!frame) return std::move(frame).error();

    Answer answer;
    if (frame->verb == Verb::exit) return answer;
    if (frame->verb == Verb::wait) {
        auto wait = decode<Wait>(frame->body);
        if (!wait) return std::move(wait).error();
        answer.kind = Answer::Kind::wait;
        answer.wait = std::chrono::seconds(wait->seconds);
        return answer;
    }
    if (frame->verb != Verb::work) return impl_->connection.unexpected(*frame);
    auto work = decode<Work>(frame->body);
    if (!work) return std::move(work).error();
    answer.kind = Answer::Kind::work;
    answer.work = std::move(*work);
    return answer;
}

Result<void> WorkerClient::report(DoneItem item) {
    const bool urgent = item.host_report == HostReport::failed;
    if (item.reason.size() > max_reason) item.reason.resize(max_reason);
    if (impl_->held.items.empty()) impl_->held_since = steady_clock::now();
    impl_->held.items.push_back(std::move(item));
    const bool due = impl_->held.items.size() >= held_reports ||
                     steady_clock::now() - impl_->held_since >= held_time;
    return urgent || due ? flush() : Result<void>();
}

Result<void> WorkerClient::flush() {
    auto bytes = impl_->take_reports();
    if (!bytes) return std::move(bytes).error();
    return impl_->connection.send(*bytes, steady_clock::now() + impl_->options.answer);
}

Result<void> WorkerClient::report_stress() {
    auto frame = encode(Stress{impl_->options.channel});
    if (!frame) return std::move(frame).error();
    return impl_->connection.send(*frame, steady_clock::now() + impl_->options.answer);
}

std::uint32_t WorkerClient::job_from_environment() {
    const char* text = std::getenv("SLUICE_JOB");  // NOLINT(concurrency-mt-unsafe): read only
    const auto number = parse_unsigned(text != nullptr ? text : "");
    return number && *number <= UINT32_MAX ? static_cast<std::uint32_t>(*number) : 0;
}

}  // namespace sluice::jobs
