// Converts the parts of what waits on the channel and enqueues it to where it was going.
#include "dequeue/conversion.h"

int main(int argc, char** argv) {
    using namespace sluice;
    return dequeue::master_main(
        argc, argv,
        [](const config::Configuration& configuration, const channel::Channel& channel) {
            return static_cast<unsigned>(
                configuration.conversion_options_of(channel.name()).max_client_threads
            );
        },
        [](enqueue::Runtime& runtime, const channel::Channel& channel, unsigned) {
            return dequeue::make_converter(runtime, channel);
        }
    );
}
