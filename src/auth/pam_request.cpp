#include "auth/pam_request.h"

#include "base/bytes.h"

namespace sluice::auth::pam {

std::optional<Secret> encode(const Request& request) {
    std::string packet;
    for (const std::string* field :
         {&request.service, &request.directory, &request.user, &request.remote,
          &request.password.reveal()}) {
        if (field->find('\0') != std::string::npos) return std::nullopt;
        packet.append(*field) += '\0';
    }
    if (packet.size() > longest_packet) return std::nullopt;
    return Secret(std::move(packet));
}

std::optional<Request> decode_request(std::string_view packet) {
    const auto fields = split(packet, '\0');
    if (fields.size() != 6 || !fields[5].empty()) return std::nullopt;
    return Request{
        std::string(fields[0]), std::string(fields[1]), std::string(fields[2]),
        std::string(fields[3]), Secret(std::string(fields[4]))};
}

std::string encode(const Verdict& verdict) {
    return static_cast<char>(verdict.kind) + verdict.text.substr(0, longest_packet - 1);
}

std::optional<Verdict> decode_verdict(std::string_view packet) {
    if (packet.empty()) return std::nullopt;
    switch (const auto kind = static_cast<Verdict::Kind>(packet[0])) {
        case Verdict::Kind::accepted:
        case Verdict::Kind::refused:
        case Verdict::Kind::unavailable:
            return Verdict{kind, std::string(packet.substr(1))};
    }
    return std::nullopt;
}

}  // namespace sluice::auth::pam
