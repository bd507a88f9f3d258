// Master program of the tcp_* channels: SMTP and LMTP client.

#include <stdexcept>

#include "base/core_dumps.h"
#include "base/log.h"
#include "smtp_deliverer.h"

int main(int argc, char** argv) {
    using namespace sluice;
    keep_memory_private();
    std::unique_ptr<const tcp_client::ClientContext> context;
    return dequeue::master_main(
        argc, argv,
        [](const config::Configuration& configuration, const channel::Channel& channel) {
            return static_cast<unsigned>(configuration.options_of(channel.name()).max_client_threads
            );
        },
        [&context](enqueue::Runtime& runtime, const channel::Channel& channel, unsigned number) {
            if (number == 1) {  // the first thread is alone when it asks
                try {
                    context = std::make_unique<tcp_client::ClientContext>(runtime, channel);
                } catch (const std::runtime_error& error) {
                    diag::fatal(std::string("no resolver: ") + error.what());
                }
            }
            return std::make_unique<tcp_client::SmtpDeliverer>(*context);
        }
    );
}
