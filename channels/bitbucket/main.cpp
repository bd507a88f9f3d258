// Everything that is sent to the channel is thrown away, with a log entry.
#include "dequeue/master.h"

namespace {

class Bitbucket final : public sluice::dequeue::Deliverer {
public:
    std::vector<sluice::dequeue::Disposition>
    deliver(sluice::queue::MessageFile&, const std::vector<std::size_t>& recipients, const std::string&)
        override {
        return {recipients.size(), sluice::dequeue::Disposition::delivered()};
    }
};

}  // namespace

int main(int argc, char** argv) {
    using namespace sluice;
    return dequeue::master_main(
        argc, argv, [](const config::Configuration&, const channel::Channel&) { return 1U; },
        [](enqueue::Runtime&, const channel::Channel&, unsigned) {
            return std::make_unique<Bitbucket>();
        }
    );
}
