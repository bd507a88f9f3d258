#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dice.h"
#include "queue/message_file.h"
#include "queue/store.h"
#include "queue/sync_pool.h"
#include "support/disk_model.h"

namespace sluice::simulation {

/// The model of a disk that the queue's own tests use, with a real queue::Store on it, and troubles
/// that come and go: a full file system, or calls that fail.
class Disk {
public:
    Disk(Timeline& timeline, Dice& dice);

    [[nodiscard]] queue::Store& store() { return *store_; }
    void set_full(bool full) { full_ = full; }
    /// The share of all calls that fail.
    void set_failing(double share) { failing_ = share; }
    /// The power fails in the middle of one of the next calls; later ones fail, too.
    void cut_power_soon();
    [[nodiscard]] bool is_without_power() const { return model_->power_is_off(); }
    /// What the cut has left, after all programs are gone.
    void power_returns();
    [[nodiscard]] bool is_in_trouble() const { return full_ || failing_ > 0 || is_without_power(); }
    /// Makes durable what waits for it; false: not all of it.
    bool sync();
    [[nodiscard]] bool exists(const queue::MessageLocation& location);

    /// Commits one message for `channel`, or says why it could not.
    Result<queue::MessageLocation> enqueue(
        const std::string& channel, const queue::Envelope& envelope
    );

private:
    int fault(std::string_view call);
    void open();

    Timeline& timeline_;
    Dice& dice_;
    std::unique_ptr<test::DiskModel> model_;
    std::unique_ptr<queue::StorageFile> nodes_;
    std::unique_ptr<queue::Store> store_;
    queue::SyncPool no_threads_{0};
    bool full_ = false;
    double failing_ = 0;
};

}  // namespace sluice::simulation
