// Prints entries of kinds that no program writes yet, as the renderers make them, for tests with
// programs that read logs: log_samples FORMAT [ADDRESS].
#include <cstdio>
#include <string>

#include "log/render.h"

namespace {

using namespace sluice;

log::Event authentication(
    std::string address, std::string user, std::string info, std::string reply
) {
    log::Event event;
    event.kind = log::EventKind::authentication;
    event.time = system_clock().wall_now();
    event.process = {0x1e488, 3, 17};
    event.source_channel = "tcp_submit";
    event.transport =
        log::Transport{{*IpAddress::parse("192.0.2.1"), 587}, {*IpAddress::parse(address), 40000}};
    event.application = "SUBMIT";
    event.username = std::move(user);
    event.message_info = std::move(info);
    event.diagnostic = std::move(reply);
    return event;
}

}  // namespace

int main(int argc, char** argv) {
    log::LogOptions options;
    options.format = argc > 1 ? std::stoi(argv[1]) : 4;
    options.connection = 255;
    options.process = options.message_id = options.username = true;
    options.session = options.timing = true;
    const std::string address = argc > 2 ? argv[2] : "198.51.100.9";
    const std::string refused = "535 5.7.8 Bad username or password.";
    std::string out;
    for (const log::Event& event :
         {authentication(address, "adam", "Bad password", refused),
          authentication(
              address, "adam", "Bad password",
              "535 5.7.8 Bad username or password (Authentication failed)."
          ),
          authentication(address, "", "Bad password", refused),
          authentication(
              address, "x\" di=\"535\" tr=\"TCP|1|2|203.0.113.5|4", "Bad password", refused
          ),
          authentication("203.0.113.77", "*eve", "", "235 2.7.0 Authentication successful")})
        log::render(out, event, options, TimeZone::system());
    std::fputs(out.c_str(), stdout);
    return 0;
}
