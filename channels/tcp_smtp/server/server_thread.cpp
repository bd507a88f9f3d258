#include "server_thread.h"

#include <boost/asio.hpp>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/log.h"
#include "session.h"

namespace sluice::smtp_server {

namespace asio = boost::asio;

namespace {

constexpr std::size_t read_buffer_size = 64UL << 10U;

struct Release {
    asio::io_context* io;
    std::shared_ptr<Session> session;
    Result<void> outcome;
};

/// Of the batch that this committer thread has in hand.
thread_local std::vector<Release> releases;

void release(std::vector<Release>& batch) {
    for (Release& one : batch) one.session->on_committed(std::move(one.outcome));
}

}  // namespace

void release_committed() {
    std::unordered_map<asio::io_context*, std::vector<Release>> by_thread;
    for (Release& one : releases) by_thread[one.io].push_back(std::move(one));
    releases.clear();
    for (auto& [io, batch] : by_thread)
        asio::post(*io, [batch = std::move(batch)]() mutable { release(batch); });
}

struct BlockingPool::Impl {
    explicit Impl(unsigned threads) : count(threads) {}
    unsigned count;
    std::once_flag begun;  ///< most processes have no use for some pools
    std::optional<asio::thread_pool> pool;
};

BlockingPool::BlockingPool(unsigned threads) : impl_(std::make_unique<Impl>(threads)) {}

BlockingPool::~BlockingPool() {
    if (!impl_->pool) return;
    impl_->pool->stop();
    impl_->pool->join();
}

void BlockingPool::run(std::function<void()> work) {
    std::call_once(impl_->begun, [this] { impl_->pool.emplace(impl_->count); });
    asio::post(*impl_->pool, std::move(work));
}

struct ServerThread::Impl final : SessionHost {
    explicit Impl(Shared its_shared)
        : shared(std::move(its_shared)),
          buffer(read_buffer_size),
          work(asio::make_work_guard(context)),
          thread([this] { run(); }) {}

    asio::io_context& io() override { return context; }
    std::span<char> read_buffer() override { return buffer; }

    void flush_log_soon() override {
        if (std::exchange(flush_is_due, true)) return;
        asio::post(context, [this] {
            flush_is_due = false;
            shared.runtime.log().flush();
        });
    }

    void commit(enqueue::PreparedMessage message, std::shared_ptr<Session> session) override {
        std::move(message).commit(
            shared.runtime.site(), shared.commits,
            [this, session = std::move(session)](const Result<void>& outcome) {
                releases.push_back({&context, session, outcome});
            }
        );
    }

    void run_blocking(
        std::function<void()> to_do, std::function<void()> done, Dialogue::TaskLane lane
    ) override {
        BlockingPool& pool = lane == Dialogue::TaskLane::slow    ? shared.slow_pool
                             : lane == Dialogue::TaskLane::login ? shared.login_pool
                                                                 : shared.pool;
        pool.run([this, to_do = std::move(to_do), done = std::move(done)]() mutable {
            to_do();
            asio::post(context, std::move(done));
        });
    }

    void ended(Session* session, net::ConnectionDone done) override {
        sessions.erase(session);
        shared.on_done(std::move(done));
    }

    // Out of memory, say: one session suffers, the thread lives.
    void run() {
        while (true) {
            try {
                context.run();
                return;
            } catch (const std::exception& problem) {
                diag::warning(std::string("in the event loop: ") + problem.what());
            }
        }
    }

    void begin(net::HandedConnection connection, ServerContextPtr its_context) {
        const std::uint64_t id = connection.id;
        std::shared_ptr<Session> session;
        try {
            session = make_session(*this, std::move(its_context), std::move(connection));
            sessions.emplace(session.get(), session);
            session->start();
        } catch (const std::exception& problem) {
            diag::warning(std::string("session not started: ") + problem.what());
            sessions.erase(session.get());
            shared.on_done({id, 0, 0, "not started"});
            return;
        }
        if (shutting_down) session->shut_down();
    }

    /// A session may end while it is told, so the list is copied first.
    void for_all(void (*tell)(Session&)) const {
        std::vector<std::shared_ptr<Session>> all;
        for (const auto& [key, session] : sessions) all.push_back(session);
        for (const auto& session : all) tell(*session);
    }

    Shared shared;
    asio::io_context context{1};
    std::vector<char> buffer;
    std::unordered_map<Session*, std::shared_ptr<Session>> sessions;
    bool flush_is_due = false;
    bool shutting_down = false;
    asio::executor_work_guard<asio::io_context::executor_type> work;
    std::thread thread;
};

ServerThread::ServerThread(Shared shared) : impl_(std::make_unique<Impl>(std::move(shared))) {}

ServerThread::~ServerThread() {
    impl_->work.reset();
    impl_->thread.join();
}

void ServerThread::take(net::HandedConnection connection, ServerContextPtr context) {
    // Handlers may be copied on their way; a connection may not.
    auto shared = std::make_shared<net::HandedConnection>(std::move(connection));
    asio::post(
        impl_->context, [impl = impl_.get(), shared, context = std::move(context)](
                        ) mutable { impl->begin(std::move(*shared), std::move(context)); }
    );
}

void ServerThread::shut_down() {
    asio::post(impl_->context, [impl = impl_.get()] {
        impl->shutting_down = true;
        impl->for_all([](Session& session) { session.shut_down(); });
    });
}

void ServerThread::reconsider() {
    asio::post(impl_->context, [impl = impl_.get()] {
        impl->for_all([](Session& session) { session.reconsider(); });
    });
}

}  // namespace sluice::smtp_server
