// A server's octets against the client core, in one piece and octet by octet. Every recipient of a
// transaction that was begun gets exactly one final word, at the latest when the connection ends.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/client_session.h"

namespace {

using namespace sluice::smtp;
using namespace sluice::smtp::client_event;

void require(bool condition) {
    if (!condition) std::abort();
}

OutgoingMessage message() {
    OutgoingMessage out;
    out.sender = "a@b.example";
    out.size = 100;
    for (const char* recipient : {"c@d", "e@f", "g@h"})
        out.recipients.push_back({recipient, {}, {}});
    return out;
}

struct Run {
    explicit Run(std::uint8_t choice) : session(settings_for(choice)) {}

    static std::shared_ptr<const ClientSettings> settings_for(std::uint8_t choice) {
        auto settings = std::make_shared<ClientSettings>();
        settings->host = "fuzz.example";
        if ((choice & 1U) != 0) settings->protocol = ClientSettings::Protocol::lmtp;
        if ((choice & 2U) != 0) settings->commands_in_flight = 2;
        if ((choice & 4U) != 0) settings->auth = ClientSettings::Need::may;
        return settings;
    }

    // Feeds one piece; false when the session is over.
    bool hear(std::string_view input) {
        while (true) {
            const ClientEvent event = session.feed(input);
            out += session.take_output();
            if (std::holds_alternative<NeedInput>(event)) return true;
            if (!std::holds_alternative<AwaitShell>(event))
                out += '{' + to_debug_string(event) + '}';
            if (std::holds_alternative<Unusable>(event) || std::holds_alternative<Finished>(event))
                return false;
            if (const auto* done = std::get_if<RecipientDone>(&event)) ++words.at(done->index);
            if (std::holds_alternative<AskAuth>(event)) session.auth_command("AUTH PLAIN AA==");
            if (const auto* auth = std::get_if<AuthReply>(&event))
                session.auth_finished(auth->reply.is_positive());
            if (std::holds_alternative<SendBody>(event)) {
                session.append_body(".\nx\r.");
                session.end_body();
            }
            if (std::holds_alternative<TransactionDone>(event)) {
                for (const int count : words) require(count == 1);
                words.clear();
            }
            if (!std::holds_alternative<AwaitShell>(event)) continue;
            if (session.can_begin() && session.transactions() < 3) {
                words.assign(3, 0);
                session.begin(message());
            } else {
                session.quit();
            }
        }
    }

    ClientSession session;
    std::string out;
    std::vector<int> words;
};

std::string transcript(std::string_view octets, std::uint8_t choice, std::size_t piece) {
    Run run(choice);
    bool open = run.hear("");
    for (std::size_t at = 0; at < octets.size() && open; at += piece)
        open = run.hear(octets.substr(at, piece));
    run.session.on_disconnect();
    run.hear("");
    require(run.words.empty());
    return run.out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
    transcript(octets, data[0], octets.size() + 1);
    transcript(octets, data[0], 1);
    return 0;
}
