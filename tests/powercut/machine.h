#pragma once

#include <memory>
#include <string>
#include <vector>

#include "channel/channel.h"
#include "dequeue/message_worker.h"
#include "enqueue/runtime.h"
#include "ledger.h"
#include "queue/segment_writer.h"
#include "queue/sync_pool.h"
#include "simulation/dice.h"
#include "support/disk_model.h"
#include "support/queue_support.h"

namespace sluice::powercut {

using simulation::Dice;

/// What is the same before and after a crash.
struct History {
    explicit History(std::uint64_t seed) : dice(seed) {}

    Dice dice;
    Ledger ledger;
    unsigned next_message = 0;
    std::int64_t age = 0;  ///< microseconds since the first start
};

/// An instance from one start to the next crash: the queue, enqueuing, the workers of master
/// programs and their settlement as they are, on the model of a disk; peers and operators by dice.
/// Work nests instead of running in threads: while one worker waits for its peer, others begin and
/// end, so that a crash finds several in flight, and a seed leads to the same history.
class Machine {
public:
    /// `faults`: the share of storage calls that fail.
    Machine(
        config::ConfigurationPtr site, test::DiskModel& disk, History& history, double faults = 0
    );
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    /// Until the power is off, or `messages` came in and `steps` steps were made.
    void run(unsigned messages, unsigned steps);
    /// One message to three recipients: delivered, returned and deferred; tried again; held,
    /// released, delivered, all of it made durable. `split`: one in pieces instead, put together.
    void run_one(bool split = false);
    /// One storage call fails: the `number`-th from now on.
    void fail_call(std::uint64_t number, int error);
    [[nodiscard]] bool has_failed() const { return has_failed_; }
    /// Delivers all that is there. False: something will not leave.
    [[nodiscard]] bool drain();
    /// What was found wrong on the way; empty: nothing.
    [[nodiscard]] const std::string& complaint() const { return complaint_; }

private:
    class Peer;
    struct Incoming {
        Ledger::Persons persons;
        std::vector<queue::FinishedFile> copies;
    };
    enum class Mood : std::uint8_t { by_dice, by_turn, accepting };

    void step();
    bool look();
    bool receive(bool small);
    bool receive_split();
    void commit_some(double share);
    void work();
    void handle(const queue::MessageLocation& location);
    std::vector<dequeue::Disposition> deliver(
        queue::MessageFile& file, const std::vector<std::size_t>& recipients
    );
    dequeue::Disposition answer(queue::MessageFile& file, const queue::Recipient& recipient);
    void operate();
    void flush();
    void check_content(queue::MessageFile& file);
    [[nodiscard]] Ledger::Persons persons_of(queue::MessageFile& file);
    [[nodiscard]] Ledger::Persons concerned_by(queue::MessageFile& file);
    std::unique_ptr<dequeue::Deliverer> deliverer_of(const channel::Channel& channel);
    bool write_copy(
        const std::string& channel,
        const queue::Envelope& envelope,
        const std::string& content,
        Incoming& message
    );
    void complain(const std::string& text);
    [[nodiscard]] queue::Store& store() { return runtime_->store(); }

    config::ConfigurationPtr site_;
    test::DiskModel& disk_;
    History& history_;
    test::QueueClock clock_;
    std::unique_ptr<queue::StorageFile> other_nodes_;
    std::unique_ptr<enqueue::Runtime> runtime_;
    queue::SyncPool no_threads_{0};
    std::vector<std::unique_ptr<queue::SegmentWriter>> committers_;
    std::vector<Incoming> incoming_;
    std::vector<queue::MessageLocation> known_;
    unsigned depth_ = 0;
    unsigned turn_ = 0;
    Mood mood_ = Mood::by_dice;
    bool nests_ = true;
    bool has_failed_ = false;
    std::string complaint_;
    std::string trouble_;  ///< why the queue could not be looked through
};

/// The shipped configuration, with a small limit for young messages.
config::ConfigurationPtr make_site(const std::string& directory);

}  // namespace sluice::powercut
