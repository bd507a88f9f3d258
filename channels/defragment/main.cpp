// Puts the pieces of a message (message/partial) together and passes it on to where it was going.
#include "defragmenter.h"

int main(int argc, char** argv) {
    using namespace sluice;
    return dequeue::master_main(
        argc, argv, [](const config::Configuration&, const channel::Channel&) { return 1U; },
        [](enqueue::Runtime& runtime, const channel::Channel& channel, unsigned) {
            return defragment::make_defragmenter(runtime, channel);
        }
    );
}
