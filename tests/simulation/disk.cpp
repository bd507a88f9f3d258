#include "disk.h"

#include <cerrno>

#include "queue/commit.h"
#include "queue/message_writer.h"
#include "queue/unique_ids.h"

namespace sluice::simulation {

namespace {

const std::string root = "/queue";
constexpr unsigned subdirs = 1;

queue::StoreOptions options() {
    queue::StoreOptions options;
    // The thread that syncs by the machine's clock sleeps through it all; sync() does its work.
    options.sync_interval = std::chrono::hours(24 * 365);
    return options;
}

}  // namespace

Disk::Disk(Timeline& timeline, Dice& dice)
    : timeline_(timeline), dice_(dice), model_(std::make_unique<test::DiskModel>(root)) {
    open();
}

void Disk::open() {
    // A store takes the first node that is free from a random one on: leave it only one.
    nodes_ = std::move(*model_->open(root + "/.nodes", queue::Storage::Open::create_or_open));
    (void)nodes_->try_lock(1, queue::node_count - 1);
    store_ = std::move(*queue::Store::open(root, options(), *model_, timeline_));
    model_->set_fault([this](std::string_view call, const std::string& /*path*/, std::uint64_t) {
        return fault(call);
    });
}

void Disk::cut_power_soon() {
    model_->cut_power_at(model_->calls() + 1 + dice_.below(30));
}

void Disk::power_returns() {
    /// What survived is for the dice.
    class Chosen final : public test::Choices {
    public:
        explicit Chosen(Dice& dice) : dice_(dice) {}
        std::size_t choose(std::size_t count) override { return dice_.below(count); }

    private:
        Dice& dice_;
    };
    Chosen chosen(dice_);
    store_.reset();
    nodes_.reset();
    model_ = model_->after_power_cut(chosen);
    open();
}

int Disk::fault(std::string_view call) {
    const bool takes_room = call == "create" || call == "write" || call == "reserve";
    if (full_ && takes_room) return ENOSPC;
    return failing_ > 0 && dice_.chance(failing_) ? EIO : 0;
}

bool Disk::sync() {
    for (const char* channel : {"l", "process", "tcp_local"})
        store_->directory_syncs().note(root + '/' + channel + "/000");
    return static_cast<bool>(store_->directory_syncs().flush());
}

bool Disk::exists(const queue::MessageLocation& location) {
    return static_cast<bool>(model_->status(location.path(root)));
}

Result<queue::MessageLocation> Disk::enqueue(
    const std::string& channel, const queue::Envelope& envelope
) {
    auto writer = queue::MessageWriter::create(*store_, {channel, subdirs, 0, {}}, envelope);
    if (!writer) return std::move(writer).error();
    if (auto written = writer->append("Subject: x\r\n\r\nbody\r\n"); !written)
        return std::move(written).error();
    auto finished = writer->finish();
    if (!finished) return std::move(finished).error();
    const queue::MessageLocation location = finished->location();
    queue::CommitItem item;
    item.copies.push_back(*std::move(finished));
    queue::commit_batch(*store_, no_threads_, {&item, 1});
    if (item.failure) return *std::move(item.failure);
    return location;
}

}  // namespace sluice::simulation
