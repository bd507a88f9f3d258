// Gives what waits on the channel to programs of the site.
#include "converter/work_directory.h"
#include "pipe_deliverer.h"

int main(int argc, char** argv) {
    using namespace sluice;
    return dequeue::master_main(
        argc, argv,
        [](const config::Configuration& configuration, const channel::Channel& channel) {
            return static_cast<unsigned>(
                configuration.conversion_options_of(channel.name()).max_client_threads
            );
        },
        [](enqueue::Runtime& runtime, const channel::Channel& channel, unsigned number) {
            if (number == 1) {
                // Of processes that were killed: no program runs this long.
                constexpr auto forgotten = std::chrono::hours(25);
                converter::remove_abandoned(
                    runtime.configuration().tailor.path(config::TailorEntry::tmp) + "pipe",
                    channel.name() + '-', forgotten
                );
            }
            return pipe::make_pipe_deliverer(runtime, channel);
        }
    );
}
