#include "milter/client_session.h"

#include <utility>

namespace sluice::milter {

using Kind = Verdict::Kind;

namespace {

bool is_message_command(char code) {
    switch (code) {
        case command::negotiate:
        case command::connect:
        case command::helo:
        case command::unknown:
            return false;
        default:
            return true;
    }
}

ReplyText standard_reply(Kind kind) {
    if (kind == Kind::tempfail) return {451, {4, 7, 1}, {"service unavailable, try again later"}};
    return {550, {5, 7, 1}, {"refused by a filter of this site"}};
}

std::string texts(std::string_view first, const std::vector<std::string>& others) {
    std::string data;
    append_text(data, first);
    for (const std::string& other : others) append_text(data, other);
    return data;
}

/// Line ends as LF; the blank behind the colon only for filters that asked for it.
std::string header_value(std::string_view raw, bool with_blank) {
    if (!with_blank && raw.starts_with(' ')) raw.remove_prefix(1);
    std::string value;
    value.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const bool before_line_feed = i + 1 < raw.size() && raw[i + 1] == '\n';
        if (raw[i] != '\r' || !before_line_feed) value += raw[i];
    }
    return value;
}

std::size_t octets_of(const Change& change) {
    struct Octets {
        std::size_t operator()(const AddHeader& c) { return c.name.size() + c.value.size(); }
        std::size_t operator()(const InsertHeader& c) { return c.name.size() + c.value.size(); }
        std::size_t operator()(const ChangeHeader& c) { return c.name.size() + c.value.size(); }
        std::size_t operator()(const AddRecipient& c) {
            return c.address.size() + c.parameters.size();
        }
        std::size_t operator()(const DeleteRecipient& c) { return c.address.size(); }
        std::size_t operator()(const ChangeSender& c) {
            return c.address.size() + c.parameters.size();
        }
        std::size_t operator()(const Quarantine& c) { return c.reason.size(); }
    };
    return std::visit(Octets(), change);
}

}  // namespace

// ---- commands ----

void ClientSession::connect(
    std::string_view host_name,
    const std::optional<IpAddress>& address,
    std::uint16_t port,
    const Macros& macros
) {
    std::string data;
    append_text(data, host_name);
    if (address) {
        data += address->is_v4() ? '4' : '6';
        append_uint16(data, port);
        append_text(data, address->to_string());
    } else {
        data += 'U';
    }
    add(
        {command::connect, std::move(data), step::no_connect, step::silent_connect, Stage::connect,
         macros}
    );
}

void ClientSession::helo(std::string_view name, const Macros& macros) {
    add({command::helo, texts(name, {}), step::no_helo, step::silent_helo, Stage::helo, macros});
}

void ClientSession::mail(
    std::string_view path, const std::vector<std::string>& parameters, const Macros& macros
) {
    forget_message();
    add(
        {command::mail, texts(path, parameters), step::no_mail, step::silent_mail, Stage::mail,
         macros}
    );
}

void ClientSession::rcpt(
    std::string_view path, const std::vector<std::string>& parameters, const Macros& macros
) {
    recipient_ = {};
    add(
        {command::rcpt, texts(path, parameters), step::no_rcpt, step::silent_rcpt, Stage::rcpt,
         macros}
    );
}

void ClientSession::data(const Macros& macros) {
    recipient_ = {};
    add({command::data, {}, step::no_data, step::silent_data, Stage::data, macros});
}

void ClientSession::unknown(std::string_view line) {
    add({command::unknown, texts(line, {}), step::no_unknown, step::silent_unknown});
}

void ClientSession::header(std::string_view name, std::string_view raw_value) {
    recipient_ = {};
    std::string data = texts(name, {header_value(raw_value, keeps_leading_blank())});
    add({command::header, std::move(data), step::no_headers, step::silent_header});
}

void ClientSession::end_of_header(const Macros& macros) {
    add(
        {command::end_of_header,
         {},
         step::no_end_of_header,
         step::silent_end_of_header,
         Stage::end_of_header,
         macros}
    );
}

void ClientSession::body(std::string_view octets) {
    add({command::body, std::string(octets), step::no_body, step::silent_body});
}

void ClientSession::end_of_message(const Macros& macros, BodySink& replacement) {
    recipient_ = {};
    body_sink_ = &replacement;
    add({command::end_of_message, {}, 0, 0, Stage::end_of_message, macros});
}

void ClientSession::abort() {
    if (in_message_ && negotiated_ && !is_failed() && connection_.kind == Kind::proceed)
        append_packet(output_, command::abort, {});
    forget_message();
}

void ClientSession::quit() {
    if (negotiated_ && !is_failed()) append_packet(output_, command::quit, {});
}

void ClientSession::quit_new_connection() {
    if (!negotiated_ || is_failed()) return;
    forget_message();
    append_packet(output_, command::quit_new_connection, {});
    connection_ = {};
}

// A verdict that is still awaited belongs to a message that nobody wants any more: what comes now
// would be taken for the answer to the next command.
void ClientSession::forget_message() {
    queue_.clear();
    if (awaited_ != 0 && !is_failed()) fail("given up while it was at work");
    message_ = {};
    recipient_ = {};
    in_message_ = false;
    skips_headers_ = false;
    skips_body_ = false;
    changes_.clear();
    change_octets_ = 0;
    has_new_body_ = false;
    body_sink_ = nullptr;
}

void ClientSession::add(Command command) {
    if (!negotiated_ && queue_.empty() && awaited_ == 0) {
        std::string offer;
        append_uint32(offer, protocol_version);
        append_uint32(offer, action::all);
        append_uint32(offer, step::offered | step::offered_sizes);
        queue_.push_back({command::negotiate, std::move(offer)});
    }
    queue_.push_back(std::move(command));
    pump();
}

bool ClientSession::is_wanted(const Command& command) const {
    if (connection_.kind != Kind::proceed) return false;
    if (command.code == command::negotiate) return true;
    if (is_message_command(command.code) && message_.kind != Kind::proceed) return false;
    if (command.code == command::data && !has_data_command_) return false;
    if (command.code == command::unknown && !has_unknown_command_) return false;
    if (command.code == command::header && skips_headers_) return false;
    if (command.code == command::body && skips_body_) return false;
    return !skips(command.left_out_by);
}

void ClientSession::pump() {
    while (awaited_ == 0 && !queue_.empty()) {
        const Command command = std::move(queue_.front());
        queue_.pop_front();
        if (!is_wanted(command)) continue;
        send(command);
        if (!skips(command.silent_by)) awaited_ = command.code;
    }
}

void ClientSession::send(const Command& command) {
    if (command.stage) {
        Macros all = common_;
        all.merge(command.macros);
        if (const auto data = macro_data(command.code, *command.stage, lists_, all))
            append_packet(output_, command::macros, *data);
    }
    append_packet(output_, command.code, command.data);
    if (is_message_command(command.code)) in_message_ = true;
}

// ---- answers ----

void ClientSession::feed(std::string_view octets) {
    reader_.feed(octets);
    while (!is_failed()) {
        const auto packet = reader_.next();
        if (!packet) break;
        ++packets_;
        on_packet(*packet);
    }
    if (reader_.is_broken() && !is_failed()) {
        hit_limit_ = true;
        fail("a packet of impossible length");
    }
}

void ClientSession::on_packet(const Packet& packet) {
    if (awaited_ == 0) return fail("spoke without being asked");
    if (awaited_ == command::negotiate) return on_agreement(packet);
    if (packet.code == response::progress) return;
    if (is_change(packet.code) || packet.code == response::replace_body) return on_change(packet);
    if (!on_word(packet)) fail("answered with a packet that has no meaning there");
}

void ClientSession::on_agreement(const Packet& packet) {
    const auto agreement = packet.code == response::negotiate ? parse_agreement(packet.data)
                                                              : std::optional<Agreement>();
    if (!agreement) return fail("did not negotiate");
    if (agreement->version < oldest_version || agreement->version > protocol_version)
        return fail("speaks version " + std::to_string(agreement->version));
    if ((agreement->actions & ~action::all) != 0) return fail("wants actions that nobody offered");
    if ((agreement->steps & ~(step::offered | step::offered_sizes)) != 0)
        return fail("wants steps that nobody offered");
    steps_ = agreement->steps;
    has_data_command_ = agreement->version >= 4;
    has_unknown_command_ = agreement->version >= 3;
    if (skips(step::chunk_256k)) chunk_size_ = chunk_256k;
    if (skips(step::chunk_1m)) chunk_size_ = chunk_1m;
    for (const auto& [stage, names] : agreement->macros) {
        if (stage < stage_count) lists_.choose(static_cast<Stage>(stage), names);
    }
    negotiated_ = true;
    awaited_ = 0;
    pump();
}

void ClientSession::on_change(const Packet& packet) {
    if (awaited_ != command::end_of_message)
        return fail("wants a change before the end of the message");
    if (packet.code == response::replace_body) {
        has_new_body_ = true;
        if (!body_sink_->append(packet.data)) fail("no room for the new body");
        return;
    }
    auto change = parse_change(packet);
    if (!change) return fail("sent a malformed change");
    change_octets_ += octets_of(*change);
    if (changes_.size() >= change_limit || change_octets_ > change_octets_limit) {
        hit_limit_ = true;
        return fail("wants too many changes");
    }
    changes_.push_back(std::move(*change));
}

bool ClientSession::on_word(const Packet& packet) {
    switch (packet.code) {
        case response::proceed:
            answered({});
            return true;
        case response::accept:
            answered({Kind::accept, {}, {}});
            return true;
        case response::discard:
            answered({Kind::discard, {}, {}});
            return true;
        case response::reject:
            answered({Kind::reject, standard_reply(Kind::reject), {}});
            return true;
        case response::tempfail:
            answered({Kind::tempfail, standard_reply(Kind::tempfail), {}});
            return true;
        case response::reply_code: {
            auto reply = parse_reply_text(packet.data);
            if (!reply) return false;
            const Kind kind = reply->code < 500 ? Kind::tempfail : Kind::reject;
            answered({kind, std::move(*reply), {}});
            return true;
        }
        case response::skip:
            on_skip();
            return true;
        case response::connection_failure:
            fail("asks to be left alone");
            return true;
        case response::shutdown:
            fail("is going down");
            return true;
        default:
            return false;
    }
}

void ClientSession::on_skip() {
    if (awaited_ == command::header) skips_headers_ = true;
    if (awaited_ == command::body) skips_body_ = true;
    answered({});
}

void ClientSession::answered(Verdict verdict) {
    const char asked = std::exchange(awaited_, '\0');
    if (asked == command::end_of_message) in_message_ = false;  // the filter waits for the next
    const bool counts = asked != command::unknown || !verdict.refuses();
    if (verdict.kind != Kind::proceed && counts) {
        const bool final = verdict.kind == Kind::accept || verdict.kind == Kind::discard;
        // A refused HELO is just that; the filter waits for another one.
        const bool of_message = is_message_command(asked) || asked == command::helo;
        if (asked == command::rcpt && !final) {
            recipient_ = std::move(verdict);
        } else if (of_message && (is_message_command(asked) || !final)) {
            message_ = std::move(verdict);
        } else {
            connection_ = std::move(verdict);
        }
    }
    pump();
}

void ClientSession::fail(std::string reason) {
    connection_ = {Kind::failure, {}, std::move(reason)};
    queue_.clear();
    awaited_ = 0;
    output_.clear();
}

const Verdict& ClientSession::verdict() const {
    if (connection_.kind != Kind::proceed) return connection_;
    return message_.kind != Kind::proceed ? message_ : recipient_;
}

bool ClientSession::wants_message() const {
    return connection_.kind == Kind::proceed && message_.kind == Kind::proceed;
}

}  // namespace sluice::milter
