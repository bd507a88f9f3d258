// Rewrites the recipients of what waits on the channel again and enqueues it to where they go now.
#include "dequeue/reprocess.h"

int main(int argc, char** argv) {
    using namespace sluice;
    return dequeue::master_main(
        argc, argv, [](const config::Configuration&, const channel::Channel&) { return 4U; },
        [](enqueue::Runtime& runtime, const channel::Channel& channel, unsigned) {
            return dequeue::make_reprocessor(runtime, channel);
        }
    );
}
