// A peer's octets against the server core. The first octet chooses settings; the rest is fed in one
// piece and octet by octet, which must come to the same. No message that is accepted may hold a
// bare CR or LF; of a message that the shell refuses it sees nothing more.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "smtp/server_session.h"
#include "smtp/standard_replies.h"

namespace {

using namespace sluice::smtp;
using namespace sluice::smtp::server_action;

void require(bool condition) {
    if (!condition) std::abort();
}

std::shared_ptr<const ServerSettings> settings_for(std::uint8_t choice) {
    auto settings = std::make_shared<ServerSettings>();
    settings->host = "fuzz.example";
    settings->refuse_early_pipelining = false;  // depends on the pieces, and should
    settings->line_endings = static_cast<LineEndings>(choice & 3U);
    settings->long_lines = static_cast<LongLines>(((choice >> 2U) & 3U) % 3U);
    settings->chunking = settings->binary_mime = (choice & 16U) != 0;
    settings->smtputf8 = (choice & 32U) != 0;
    settings->message_size = (choice & 64U) != 0 ? 50 : 0;
    if ((choice & 128U) != 0) {
        settings->auth_mechanisms = {"PLAIN"};
        settings->auth_without_tls = settings->auth_mechanisms;
    }
    settings->text_line = 80;
    return settings;
}

Reply answer_to(const ServerAction& action) {
    if (std::holds_alternative<BeginData>(action)) return replies::enter_mail();
    if (std::holds_alternative<AskAuth>(action)) return Reply(334, "");
    const auto* rcpt = std::get_if<AskRecipient>(&action);
    if (rcpt != nullptr && rcpt->command.path.size() % 3 == 0)
        return replies::unknown_user(rcpt->command.path);
    return replies::ok();
}

void check_message(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r') require(i + 1 < text.size() && text[i + 1] == '\n');
        if (text[i] == '\n') require(i > 0 && text[i - 1] == '\r');
    }
}

constexpr std::size_t never = ~std::size_t{0};

/// `refused_from`: the shell refuses messages with so many octets.
std::string transcript(
    std::string_view octets, std::uint8_t choice, std::size_t piece, std::size_t refused_from
) {
    ServerSession session(settings_for(choice));
    session.greet();
    std::string out;
    std::string content;
    bool refused = false;
    for (std::size_t at = 0; at < octets.size() && !session.finished(); at += piece) {
        std::string_view input = octets.substr(at, piece);
        while (true) {
            const ServerAction action = session.feed(input);
            out += session.take_output();
            if (std::holds_alternative<NeedInput>(action)) break;
            if (std::holds_alternative<Flush>(action)) continue;
            if (const auto* chunk = std::get_if<DataChunk>(&action)) {
                require(!refused);
                content += chunk->octets;
                refused = content.size() >= refused_from;
                if (refused) session.refuse_data(Reply(552, {5, 2, 3}, "too much"));
                continue;
            }
            out += '{' + to_debug_string(action) + '}';
            if (std::holds_alternative<EndData>(action)) {
                require(!refused);
                check_message(content);
                out += content;
            }
            if (std::holds_alternative<EndData>(action) || std::holds_alternative<Abort>(action)) {
                content.clear();
                refused = false;
            }
            if (std::holds_alternative<Close>(action)) return out;
            session.answer(answer_to(action));
        }
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::string whole = transcript(octets, data[0], octets.size() + 1, never);
    require(whole == transcript(octets, data[0], 1, never));
    const std::size_t most = 1 + size % 64;
    for (const std::size_t piece : {octets.size() + 1, std::size_t{1}})
        (void)transcript(octets, data[0], piece, most);
    return 0;
}
