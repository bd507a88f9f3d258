#include "dequeue/reprocess.h"

#include "dequeue/requeue.h"

namespace sluice::dequeue {

namespace {

class Reprocessor final : public Deliverer {
public:
    Reprocessor(enqueue::Runtime& runtime, const channel::Channel& channel)
        : requeuer_(runtime, channel) {}

    std::vector<Disposition>
    deliver(queue::MessageFile& file, const std::vector<std::size_t>& recipients, const std::string&)
        override {
        return requeuer_.requeue(file, recipients, [&file]() -> Content {
            return [reader = queue::WireReader(file)]() mutable { return reader.next(); };
        });
    }

private:
    Requeuer requeuer_;
};

}  // namespace

std::unique_ptr<Deliverer> make_reprocessor(
    enqueue::Runtime& runtime, const channel::Channel& channel
) {
    return std::make_unique<Reprocessor>(runtime, channel);
}

}  // namespace sluice::dequeue
