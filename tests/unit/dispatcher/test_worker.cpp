// A worker for service_test.cpp: dispatcher_test_worker FILE. The first one to make FILE takes its
// connection and says nothing about it; later ones acknowledge and greet. With FILE.refuse they
// cannot take a new configuration.
#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "net/handoff.h"

int main(int argc, char** argv) {
    using namespace sluice;
    constexpr int channel = 3;
    if (argc != 2) return 2;
    const std::string refusal = std::string(argv[1]) + ".refuse";
    // Before it is ready: it may be killed at any moment afterwards.
    const bool is_first = UniqueFd(::open(argv[1], O_CREAT | O_EXCL | O_CLOEXEC, 0600)).get() >= 0;
    if (!net::send_record(channel, net::WorkerReady{})) return 2;
    while (true) {
        auto record = net::receive_dispatcher_record(channel);
        if (!record) return 0;
        if (std::holds_alternative<net::ReloadOrder>(*record)) {
            net::WorkerReloaded reloaded;
            reloaded.taken = !UniqueFd(::open(refusal.c_str(), O_RDONLY | O_CLOEXEC));
            if (!net::send_record(channel, std::move(reloaded))) return 1;
            continue;
        }
        auto* connection = std::get_if<net::HandedConnection>(&*record);
        if (connection == nullptr) return 0;
        if (is_first) {
            ::pause();
            continue;
        }
        constexpr std::string_view greeting = "hello\n";
        if (::write(connection->socket.get(), greeting.data(), greeting.size()) < 0) return 1;
        if (!net::send_record(channel, net::ConnectionAccepted{connection->id})) return 1;
        connection->socket.reset();
        if (!net::send_record(channel, net::ConnectionDone{connection->id, 0, 6, "quit"})) return 1;
    }
}
