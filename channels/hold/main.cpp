// Messages in channel `hold` wait as .HELD files; one that was released is rewritten again and goes
// on.
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
