#include "message/received.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "message/date.h"
#include "message/header_field.h"

namespace sluice::message {

namespace {

constexpr std::size_t max_foreign = 255;

// A host name from outside: only what cannot end the clause it stands in.
std::string host_text(std::string_view host) {
    std::string out;
    for (const char c : host.substr(0, max_foreign)) {
        const bool safe =
            is_alnum(c) || std::string_view("-._:[]").find(c) != std::string_view::npos;
        out += safe || static_cast<unsigned char>(c) >= 0x80 ? c : '?';
    }
    return out;
}

std::string address_text(std::string_view address) {
    std::string out;
    for (const char c : address.substr(0, longest_line / 2)) {
        if (!is_control(c) && c != '<' && c != '>') out += c;
    }
    return '<' + out + '>';
}

std::string peer_comment(const ReceivedLine& line) {
    std::string out = host_text(line.reverse_name);
    if (line.address) {
        if (!out.empty()) out += ' ';
        out += '[' + std::string(line.address->is_v6() ? "IPv6:" : "") + line.address->to_string() +
               ']';
    }
    if (out.empty()) return out;
    if (!line.client_user.empty()) out.insert(0, host_text(line.client_user) + '@');
    return '(' + out + ')';
}

}  // namespace

std::string protocol_word(const SessionProtocol& protocol) {
    std::string word;
    if (protocol.lmtp) {
        word = protocol.smtputf8 ? "UTF8LMTP" : "LMTP";
    } else if (protocol.smtputf8) {
        word = "UTF8SMTP";
    } else {
        word = protocol.extended ? "ESMTP" : "SMTP";
    }
    if (!protocol.extended && !protocol.lmtp) return word;
    if (protocol.tls) word += 'S';
    if (protocol.authenticated) word += 'A';
    return word;
}

std::string format_received(const ReceivedLine& line, const TimeZone& zone) {
    std::vector<std::string> pieces;
    if (!line.helo.empty()) pieces.push_back("from " + host_text(line.helo));
    pieces.push_back(peer_comment(line));
    pieces.push_back("by " + host_text(line.by));
    if (!line.version.empty()) pieces.push_back('(' + comment_text(line.version) + ')');
    if (!line.with.empty()) pieces.push_back("with " + line.with);
    if (!line.id.empty()) pieces.push_back("id <" + host_text(line.id) + '>');
    if (!line.for_recipient.empty()) pieces.push_back("for " + address_text(line.for_recipient));
    if (!line.original_sender.empty()) {
        pieces.push_back(
            "(original mail from " + comment_text(address_text(line.original_sender)) + ')'
        );
    }
    pieces.back() += ';';
    pieces.push_back(format_date(line.time, zone));
    return fold_pieces("Received", pieces);
}

}  // namespace sluice::message
