// What log-ins are made of: base64, secrets and the file of them, Dovecot's lines, requests to PAM.
// What is understood comes out as it went in, and nothing crashes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "auth/base64.h"
#include "auth/client_secrets.h"
#include "auth/dovecot_protocol.h"
#include "auth/pam_request.h"
#include "auth/password_file.h"
#include "auth/server_exchange.h"

namespace {

using namespace sluice::auth;

void expect(bool holds) {
    if (!holds) std::abort();
}

void check_base64(std::string_view text) {
    if (const auto octets = from_base64(text)) expect(to_base64(*octets) == text);
    expect(from_base64(to_base64(text)) == text);
    (void)from_base64url(text);
}

void check_secret(std::string_view text) {
    const auto secret = parse_scram_secret(text);
    if (secret) expect(parse_scram_secret(to_text(*secret)) == secret);
}

void check_password_file(std::string_view text) {
    sluice::Diagnostics findings;
    const PasswordFile file = PasswordFile::parse(text, "passwords", findings);
    for (const PasswordEntry& entry : file.entries()) {
        expect(is_user_name(entry.user) && file.find(entry.user) != nullptr);
        const std::string again = without_entry(with_entry(text, entry), entry.user);
        const PasswordFile rest = PasswordFile::parse(again, "passwords", findings);
        expect(rest.find(entry.user) == nullptr);
    }
}

void check_dovecot(std::string_view text) {
    dovecot::Handshake handshake;
    handshake.take(text);
    (void)dovecot::parse_reply(text, "1");
    const auto fields = dovecot::fields_of(text);
    const std::string line = dovecot::line_of(fields);
    expect(line.find('\n') == line.size() - 1);
    expect(dovecot::fields_of(std::string_view(line).substr(0, line.size() - 1)) == fields);
}

void check_pam(std::string_view text) {
    if (const auto request = pam::decode_request(text)) {
        const auto packet = encode(*request);
        if (packet) expect(packet->reveal() == text);
    }
    (void)pam::decode_verdict(text);
}

/// Knows nobody, and asks for nothing slow.
class Nobody final : public IdentitySource {
public:
    bool serves(std::string_view) const override { return true; }
    Answer check_password(const Circumstances&, const std::string&, const Secret&) override {
        return {};
    }
    Lookup find_secret(ScramHash hash, const std::string& user) override {
        return {{}, decoy_secret(hash, user, "seed", 4096)};
    }
};

// Responses between zero octets, one exchange: nobody gets in.
void check_exchange(std::string_view mechanism, std::string_view text) {
    const auto sources = std::make_shared<const Sources>(Sources::List{std::make_shared<Nobody>()});
    auto exchange = begin_exchange(mechanism, {}, sources);
    if (!exchange) return;
    Step step = exchange->start(std::nullopt);
    while (step.kind == Step::Kind::challenge) {
        const std::size_t end = std::min(text.find('\xff'), text.size());
        step = exchange->respond(Secret(std::string(text.substr(0, end))));
        if (end == text.size()) break;
        text.remove_prefix(end + 1);
    }
    expect(step.kind != Step::Kind::success);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 10) {
        case 0:
            check_base64(text);
            break;
        case 1:
            check_secret(text);
            break;
        case 2:
            check_password_file(text);
            break;
        case 3:
            check_dovecot(text);
            break;
        case 4:
            check_pam(text);
            break;
        case 5: {
            std::vector<std::size_t> faults;
            (void)ClientSecrets::parse(text, faults).find({"a.example", "b"});
            break;
        }
        case 6:
            check_exchange("PLAIN", text);
            break;
        case 7:
            check_exchange("LOGIN", text);
            break;
        case 8:
            check_exchange("SCRAM-SHA-256", text);
            break;
        default:
            check_exchange("EXTERNAL", text);
            break;
    }
    return 0;
}
