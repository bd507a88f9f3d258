#include "smtp/command_parser.h"

#include <algorithm>
#include <array>
#include <vector>

#include "address/ascii_domain.h"
#include "base/bytes.h"
#include "base/utf8.h"
#include "grammar/smtp_command.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp {

namespace {

namespace pegtl = tao::pegtl;
namespace grammar = grammar::smtp_command;

// RFC 3461 sections 4.2 and 4.4.
constexpr std::size_t orcpt_limit = 500;
constexpr std::size_t envid_limit = 100;

struct Parameter {
    std::string_view keyword;
    std::string_view value;
    bool has_value = false;
};

struct PathAndParameters {
    std::string_view bracketed;
    std::string_view path;
    std::string_view rest;
};

template <class Rule>
bool matches(std::string_view text) {
    pegtl::memory_input input(text.data(), text.size(), "");
    return pegtl::parse<Rule>(input);
}

// Matches Rule at the front; the length used, 0 where it does not match.
template <class Rule>
std::size_t matched_length(std::string_view text) {
    pegtl::memory_input input(text.data(), text.size(), "");
    return pegtl::parse<Rule>(input) ? input.byte() : 0;
}

template <class Rule>
std::optional<PathAndParameters> split_path(std::string_view argument) {
    const std::size_t length = matched_length<Rule>(argument);
    if (length == 0) return std::nullopt;
    const std::size_t opening = argument.find('<');
    const std::string_view bracketed = argument.substr(opening, length - opening);
    return PathAndParameters{
        bracketed, bracketed.substr(1, bracketed.size() - 2), argument.substr(length)};
}

std::optional<std::vector<Parameter>> split_parameters(std::string_view text) {
    if (!matches<grammar::params>(text)) return std::nullopt;
    std::vector<Parameter> parameters;
    for (const std::string_view word : split_words(text)) {
        const std::size_t equals = word.find('=');
        const bool has_value = equals != std::string_view::npos;
        parameters.push_back(
            {word.substr(0, equals), has_value ? word.substr(equals + 1) : std::string_view(),
             has_value}
        );
    }
    return parameters;
}

bool is_repeated(const std::vector<Parameter>& parameters, std::size_t index) {
    const auto end = parameters.begin() + static_cast<std::ptrdiff_t>(index);
    return std::any_of(parameters.begin(), end, [&](const Parameter& earlier) {
        return equals_ignoring_case(earlier.keyword, parameters[index].keyword);
    });
}

bool set_size(MailCommand& mail, const Parameter& parameter) {
    if (!matches<grammar::size_value>(parameter.value)) return false;
    // 20 digits may be more than 64 bits hold: then it is too big for anybody.
    mail.size = parse_unsigned(parameter.value).value_or(~std::uint64_t{0});
    return true;
}

bool set_body(MailCommand& mail, const Parameter& parameter) {
    if (equals_ignoring_case(parameter.value, "7BIT"))
        mail.body = Body::seven_bit;
    else if (equals_ignoring_case(parameter.value, "8BITMIME"))
        mail.body = Body::eight_bit_mime;
    else if (equals_ignoring_case(parameter.value, "BINARYMIME"))
        mail.body = Body::binary_mime;
    return mail.body.has_value();
}

bool set_ret(MailCommand& mail, const Parameter& parameter) {
    if (equals_ignoring_case(parameter.value, "FULL"))
        mail.ret = Ret::full;
    else if (equals_ignoring_case(parameter.value, "HDRS"))
        mail.ret = Ret::headers;
    return mail.ret != Ret::unspecified;
}

bool set_envid(MailCommand& mail, const Parameter& parameter) {
    mail.envid = parameter.value;
    return !mail.envid.empty() && mail.envid.size() <= envid_limit &&
           matches<grammar::xtext_value>(mail.envid);
}

bool set_auth(MailCommand& mail, const Parameter& parameter) {
    mail.auth = parameter.value;
    return parameter.has_value && matches<grammar::xtext_value>(parameter.value);
}

bool set_smtputf8(MailCommand& mail, const Parameter& parameter) {
    mail.smtputf8 = true;
    return !parameter.has_value;
}

bool set_notify(RcptCommand& rcpt, const Parameter& parameter) {
    if (!matches<grammar::notify_value>(parameter.value)) return false;
    for (const std::string_view word : split(parameter.value, ',')) {
        rcpt.notify.never |= equals_ignoring_case(word, "NEVER");
        rcpt.notify.success |= equals_ignoring_case(word, "SUCCESS");
        rcpt.notify.failure |= equals_ignoring_case(word, "FAILURE");
        rcpt.notify.delay |= equals_ignoring_case(word, "DELAY");
    }
    return true;
}

bool set_orcpt(RcptCommand& rcpt, const Parameter& parameter) {
    rcpt.orcpt = parameter.value;
    return rcpt.orcpt.size() <= orcpt_limit && matches<grammar::orcpt_value>(rcpt.orcpt);
}

// One row per parameter: who offers it, who reads its value.
template <class Command>
struct ParameterRule {
    std::string_view keyword;
    bool OfferedParameters::*offered;
    bool (*set)(Command&, const Parameter&);
};

constexpr std::array mail_parameters{
    ParameterRule<MailCommand>{"SIZE", &OfferedParameters::size, set_size},
    ParameterRule<MailCommand>{"BODY", &OfferedParameters::eight_bit_mime, set_body},
    ParameterRule<MailCommand>{"RET", &OfferedParameters::dsn, set_ret},
    ParameterRule<MailCommand>{"ENVID", &OfferedParameters::dsn, set_envid},
    ParameterRule<MailCommand>{"AUTH", &OfferedParameters::auth, set_auth},
    ParameterRule<MailCommand>{"SMTPUTF8", &OfferedParameters::smtputf8, set_smtputf8},
};
constexpr std::array rcpt_parameters{
    ParameterRule<RcptCommand>{"NOTIFY", &OfferedParameters::dsn, set_notify},
    ParameterRule<RcptCommand>{"ORCPT", &OfferedParameters::dsn, set_orcpt},
};

template <class Command, std::size_t Count>
std::optional<Reply> read_parameters(
    std::string_view text,
    const std::array<ParameterRule<Command>, Count>& rules,
    const OfferedParameters& offered,
    Command& command
) {
    const auto parameters = split_parameters(text);
    if (!parameters) return replies::syntax_error();
    for (std::size_t i = 0; i < parameters->size(); ++i) {
        const Parameter& parameter = (*parameters)[i];
        const auto rule = std::find_if(rules.begin(), rules.end(), [&](const auto& candidate) {
            return equals_ignoring_case(candidate.keyword, parameter.keyword);
        });
        if (rule == rules.end() || !(offered.*(rule->offered)))
            return replies::unknown_parameter(parameter.keyword);
        if (is_repeated(*parameters, i) || !rule->set(command, parameter))
            return replies::bad_parameter(parameter.keyword);
    }
    command.has_options = !parameters->empty();
    return std::nullopt;
}

// What comes out knows no other spelling of a domain than that of the DNS.
template <class Command>
bool set_address(Command& command, std::string_view bracketed, const address::Limits& lengths) {
    std::string spelled(bracketed);
    if (!is_ascii(bracketed)) {
        auto ascii = address::with_ascii_domains(bracketed);
        if (!ascii || !is_utf8(*ascii)) return false;
        spelled = *std::move(ascii);
    }
    auto address = address::parse_path(spelled, lengths);
    if (!address) return false;
    command.path = spelled.substr(1, spelled.size() - 2);
    command.address = std::move(*address);
    return true;
}

}  // namespace

std::string to_text(const Notify& notify) {
    if (notify.never) return "NEVER";
    std::string out;
    const auto add = [&](bool wanted, std::string_view word) {
        if (!wanted) return;
        if (!out.empty()) out += ',';
        out += word;
    };
    add(notify.success, "SUCCESS");
    add(notify.failure, "FAILURE");
    add(notify.delay, "DELAY");
    return out;
}

CommandLine split_command(std::string_view line) {
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    return {line.substr(0, end), trim(line.substr(end))};
}

Parsed<MailCommand> parse_mail(
    std::string_view argument, const OfferedParameters& offered, const address::Limits& lengths
) {
    const auto parts = split_path<grammar::mail_path>(argument);
    if (!parts) return replies::bad_sender_syntax();
    MailCommand mail;
    if (auto refusal = read_parameters(parts->rest, mail_parameters, offered, mail))
        return *std::move(refusal);
    if (mail.body == Body::binary_mime && !offered.binary_mime)
        return replies::bad_parameter("BODY");
    if (!is_ascii(argument) && !mail.smtputf8) return replies::utf8_address_refused();
    if (!set_address(mail, parts->bracketed, lengths)) return replies::bad_sender_syntax();
    return mail;
}

Parsed<RcptCommand> parse_rcpt(
    std::string_view argument,
    const OfferedParameters& offered,
    const address::Limits& lengths,
    bool smtputf8
) {
    const auto parts = split_path<grammar::rcpt_path>(argument);
    if (!parts || parts->path.empty()) return replies::bad_recipient_syntax();
    RcptCommand rcpt;
    if (auto refusal = read_parameters(parts->rest, rcpt_parameters, offered, rcpt))
        return *std::move(refusal);
    if (!is_ascii(argument) && !smtputf8) return replies::utf8_address_refused();
    if (!set_address(rcpt, parts->bracketed, lengths)) return replies::bad_recipient_syntax();
    if (!is_utf8(rcpt.orcpt)) return replies::bad_parameter("ORCPT");
    return rcpt;
}

std::optional<std::string> decode_xtext(std::string_view text) {
    if (!matches<grammar::xtext_value>(text)) return std::nullopt;
    const auto digit = [](char c) { return is_digit(c) ? c - '0' : c - 'A' + 10; };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '+') {
            out += text[i];
            continue;
        }
        out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
        i += 2;
    }
    return out;
}

std::string encode_xtext(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        if (c > ' ' && c < '\x7f' && c != '+' && c != '=') {
            out += c;
            continue;
        }
        const auto octet = static_cast<unsigned char>(c);
        out += '+';
        out += digits[octet >> 4U];
        out += digits[octet & 15U];
    }
    return out;
}

}  // namespace sluice::smtp
