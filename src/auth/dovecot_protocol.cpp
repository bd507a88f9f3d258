#include "auth/dovecot_protocol.h"

#include "auth/base64.h"
#include "base/bytes.h"

namespace sluice::auth::dovecot {

namespace {

constexpr char escape = '\001';

std::string unescaped(std::string_view field) {
    std::string out;
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (field[i] != escape || i + 1 == field.size()) {
            out += field[i];
            continue;
        }
        switch (field[++i]) {
            case '0':
                out += '\0';
                break;
            case '1':
                out += escape;
                break;
            case 't':
                out += '\t';
                break;
            case 'r':
                out += '\r';
                break;
            case 'n':
            case 'l':
                out += '\n';
                break;
            default:
                out += field[i];
        }
    }
    return out;
}

std::string escaped(std::string_view field) {
    std::string out;
    for (const char c : field) {
        switch (c) {
            case '\0':
                out += "\0010";
                break;
            case escape:
                out += "\0011";
                break;
            case '\t':
                out += "\001t";
                break;
            case '\r':
                out += "\001r";
                break;
            case '\n':
                out += "\001n";
                break;
            default:
                out += c;
        }
    }
    return out;
}

/// The value of "name=value"; nullopt: another field.
std::optional<std::string> value_of(const std::string& field, std::string_view name) {
    if (field.size() <= name.size() || !field.starts_with(name) || field[name.size()] != '=')
        return std::nullopt;
    return field.substr(name.size() + 1);
}

void take_parameter(Reply& reply, const std::string& field) {
    if (const auto user = value_of(field, "user")) reply.user = *user;
    if (const auto reason = value_of(field, "reason")) reply.reason = *reason;
    if (const auto code = value_of(field, "code")) {
        reply.temporary |= *code == "temp_fail";
        reply.disabled |= *code == "user_disabled";
    }
    if (const auto response = value_of(field, "resp"))
        reply.response = from_base64(*response).value_or("");
    reply.temporary |= field == "temp";
    reply.disabled |= field == "user_disabled";
}

}  // namespace

std::vector<std::string> fields_of(std::string_view line) {
    std::vector<std::string> fields;
    for (const std::string_view field : split(line, '\t')) fields.push_back(unescaped(field));
    return fields;
}

std::string line_of(const std::vector<std::string>& fields) {
    std::string line;
    for (const std::string& field : fields) line += (line.empty() ? "" : "\t") + escaped(field);
    return line + '\n';
}

void Handshake::take(std::string_view line) {
    const auto fields = fields_of(line);
    if (fields[0] == "VERSION") {
        version = fields.size() > 1 && fields[1] == "1";
        if (!version) fault = "another version of the protocol";
    } else if (fields[0] == "MECH" && fields.size() > 1) {
        mechanisms.push_back(to_upper(fields[1]));
    } else if (fields[0] == "DONE") {
        done = true;
        if (!version && fault.empty()) fault = "no version given";
    }
}

std::optional<Reply> parse_reply(std::string_view line, std::string_view request_id) {
    const auto fields = fields_of(line);
    if (fields.size() < 2 || fields[1] != request_id) return std::nullopt;
    Reply reply;
    if (fields[0] == "CONT") {
        reply.kind = Reply::Kind::go_on;
        auto challenge = from_base64(fields.size() > 2 ? fields[2] : "");
        if (!challenge) return std::nullopt;
        reply.response = std::move(*challenge);
        return reply;
    }
    if (fields[0] == "OK") {
        reply.kind = Reply::Kind::ok;
    } else if (fields[0] != "FAIL") {
        return std::nullopt;
    }
    for (std::size_t i = 2; i < fields.size(); ++i) take_parameter(reply, fields[i]);
    return reply;
}

}  // namespace sluice::auth::dovecot
