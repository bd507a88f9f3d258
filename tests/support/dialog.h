#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/client_session.h"
#include "smtp/server_session.h"
#include "smtp/standard_replies.h"

// Scripted dialogues against the silent SMTP cores. A script is run many times: with the peer's
// octets in one piece per turn, one by one, and cut in two at every place. The outcome must not
// depend on it.
namespace sluice::smtp::testing {

/// How a turn's octets are cut: all at once, singly, or the turn numbered `turn` at `at`.
struct Cut {
    enum class Kind { whole, octets, at_place };
    Kind kind = Kind::whole;
    std::size_t turn = 0;
    std::size_t at = 0;

    [[nodiscard]] std::vector<std::string> pieces(std::string_view octets, std::size_t turn_number)
        const {
        if (kind == Kind::octets) {
            std::vector<std::string> singles;
            for (const char c : octets) singles.emplace_back(1, c);
            return singles;
        }
        if (kind == Kind::whole || turn_number != turn) return {std::string(octets)};
        return {std::string(octets.substr(0, at)), std::string(octets.substr(at))};
    }
    [[nodiscard]] std::string to_debug_string() const {
        switch (kind) {
            case Kind::whole:
                return "whole turns";
            case Kind::octets:
                return "single octets";
            case Kind::at_place:
                break;
        }
        return "turn " + std::to_string(turn) + " cut at " + std::to_string(at);
    }
};

/// All ways to cut turns of these lengths.
inline std::vector<Cut> all_cuts(const std::vector<std::size_t>& lengths) {
    std::vector<Cut> cuts{{Cut::Kind::whole}, {Cut::Kind::octets}};
    for (std::size_t turn = 0; turn < lengths.size(); ++turn)
        for (std::size_t at = 1; at < lengths[turn]; ++at)
            cuts.push_back({Cut::Kind::at_place, turn, at});
    return cuts;
}

/// Takes the first line off `text`, without its CR LF; nullopt where there is no whole line.
inline std::optional<std::string> take_line(std::string& text) {
    const std::size_t end = text.find("\r\n");
    if (end == std::string::npos) return std::nullopt;
    std::string line = text.substr(0, end);
    text.erase(0, end + 2);
    return line;
}

inline ServerSettings test_server_settings() {
    ServerSettings settings;
    settings.host = "mail.sesta.com";
    settings.version = "0.1";
    return settings;
}

/// What a server dialogue led to.
struct ServerOutcome {
    std::vector<std::string> actions;   ///< without NeedInput, Flush, AwaitAnswer, DataChunk
    std::vector<std::string> messages;  ///< content at each EndData
    bool closed = false;
};

/// A script for ServerSession. client() and raw() are the peer, server() and server_starts() what
/// must come back.
class ServerDialog {
public:
    using Policy = std::function<std::optional<Reply>(const ServerAction&)>;
    using Call = std::function<void(ServerSession&)>;

    explicit ServerDialog(ServerSettings settings = test_server_settings())
        : settings_(std::make_shared<const ServerSettings>(std::move(settings))) {}

    /// Answers questions; nullopt stands for the usual consent.
    ServerDialog& policy(Policy policy) {
        policy_ = std::move(policy);
        return *this;
    }
    ServerDialog& client(std::string_view line) { return raw(std::string(line) + "\r\n"); }
    ServerDialog& raw(std::string_view octets) {
        if (steps_.empty() || steps_.back().kind != Step::Kind::octets)
            steps_.push_back({Step::Kind::octets, {}, {}});
        steps_.back().text += octets;
        return *this;
    }
    ServerDialog& server(std::string_view line) {
        steps_.push_back({Step::Kind::line, std::string(line), {}});
        return *this;
    }
    ServerDialog& server_starts(std::string_view prefix) {
        steps_.push_back({Step::Kind::prefix, std::string(prefix), {}});
        return *this;
    }
    ServerDialog& call(Call call) {
        steps_.push_back({Step::Kind::call, {}, std::move(call)});
        return *this;
    }
    ServerDialog& hello() {
        client("EHLO client.example");
        server_starts("250-");
        return rest_of_reply();
    }
    /// Skips the lines that end a multi-line reply.
    ServerDialog& rest_of_reply() {
        steps_.push_back({Step::Kind::rest, {}, {}});
        return *this;
    }
    ServerDialog& mail_and_recipient() {
        return client("MAIL FROM:<a@b.example>")
            .server("250 2.5.0 Address OK.")
            .client("RCPT TO:<c@d.example>")
            .server("250 2.1.5 c@d.example OK.");
    }
    ServerDialog& data() {
        return client("DATA").server(R"(354 Enter mail, end with a single ".".)");
    }

    /// Runs the script with every cut and compares; the outcomes must agree.
    ServerOutcome run() {
        const ServerOutcome first = run_once({});
        for (const Cut& cut : all_cuts(turn_lengths())) {
            const ServerOutcome outcome = run_once(cut);
            EXPECT_EQ(outcome.actions, first.actions) << cut.to_debug_string();
            EXPECT_EQ(outcome.messages, first.messages) << cut.to_debug_string();
            EXPECT_EQ(outcome.closed, first.closed) << cut.to_debug_string();
            if (::testing::Test::HasFailure()) break;  // one report is enough
        }
        return first;
    }

    /// Runs the script with one cut.
    ServerOutcome run_once(const Cut& cut) {
        ServerSession session(settings_);
        session.greet();
        ServerOutcome outcome;
        std::string content;
        std::string output;
        std::size_t turn = 0;
        pump(session, "", outcome, content, output);
        EXPECT_EQ(take_line(output).value_or("(none)").substr(0, 4), "220 ");
        for (const Step& step : steps_) {
            if (step.kind == Step::Kind::octets) {
                EXPECT_EQ(output, "") << "before: " << step.text << cut.to_debug_string();
                for (const std::string& piece : cut.pieces(step.text, turn))
                    pump(session, piece, outcome, content, output);
                ++turn;
            } else if (step.kind == Step::Kind::call) {
                step.call(session);
                pump(session, "", outcome, content, output);
            } else {
                check(step, output, cut);
            }
        }
        EXPECT_EQ(output, "") << "after the script, " << cut.to_debug_string();
        outcome.closed = session.finished();
        return outcome;
    }

private:
    struct Step {
        enum class Kind { octets, line, prefix, rest, call };
        Kind kind;
        std::string text;
        Call call;
    };

    [[nodiscard]] std::vector<std::size_t> turn_lengths() const {
        std::vector<std::size_t> lengths;
        for (const Step& step : steps_)
            if (step.kind == Step::Kind::octets) lengths.push_back(step.text.size());
        return lengths;
    }

    static void check(const Step& step, std::string& output, const Cut& cut) {
        auto line = take_line(output);
        while (step.kind == Step::Kind::rest && line && line->size() > 3 && (*line)[3] == '-')
            line = take_line(output);
        ASSERT_TRUE(line) << "no reply, expected: " << step.text << ", " << cut.to_debug_string();
        if (step.kind == Step::Kind::line)
            EXPECT_EQ(*line, step.text) << cut.to_debug_string();
        else
            EXPECT_EQ(line->substr(0, step.text.size()), step.text) << cut.to_debug_string();
    }

    // Feeds until the session wants more octets.
    void pump(
        ServerSession& session,
        std::string_view octets,
        ServerOutcome& outcome,
        std::string& content,
        std::string& output
    ) {
        const std::string copy(octets);  // so that views into it dangle when they should
        std::string_view input = copy;
        while (true) {
            const ServerAction action = session.feed(input);
            output += session.take_output();
            if (std::holds_alternative<server_action::NeedInput>(action)) {
                EXPECT_TRUE(input.empty()) << "input left over";
                return;
            }
            if (std::holds_alternative<server_action::Flush>(action)) continue;
            if (const auto* chunk = std::get_if<server_action::DataChunk>(&action)) {
                content += chunk->octets;
                if (policy_)
                    if (auto reply = policy_(action)) session.refuse_data(*reply);
                continue;
            }
            if (std::holds_alternative<server_action::AwaitAnswer>(action)) return;
            if (std::holds_alternative<server_action::Close>(action)) {
                if (outcome.closed) return;
                outcome.closed = true;
                outcome.actions.push_back(to_debug_string(action));
                return;
            }
            outcome.actions.push_back(to_debug_string(action));
            if (std::holds_alternative<server_action::EndData>(action))
                outcome.messages.push_back(std::exchange(content, {}));
            if (std::holds_alternative<server_action::Abort>(action)) content.clear();
            if (const auto reply = answer_for(action)) {
                const std::string_view before = input;
                EXPECT_TRUE(std::holds_alternative<server_action::AwaitAnswer>(session.feed(input))
                );
                EXPECT_EQ(input.size(), before.size()) << "input used while a question is open";
                session.answer(*reply);
            }
        }
    }

    [[nodiscard]] std::optional<Reply> answer_for(const ServerAction& action) const {
        using namespace server_action;
        std::optional<Reply> consent;
        if (const auto* mail = std::get_if<AskMail>(&action))
            consent = replies::mail_accepted(mail->command.has_options);
        if (const auto* rcpt = std::get_if<AskRecipient>(&action))
            consent = replies::recipient_accepted(rcpt->command.path, rcpt->command.has_options);
        if (const auto* verify = std::get_if<AskVerify>(&action))
            consent = verify->vague ? replies::verify_possible_local(verify->argument)
                                    : replies::verified(verify->argument);
        if (const auto* expand = std::get_if<AskExpand>(&action))
            consent = replies::verified(expand->argument);
        if (std::holds_alternative<AskEtrn>(action))
            consent = Reply(252, {2, 5, 0}, "pending messages started");
        if (const auto* question = std::get_if<AskPrivate>(&action))
            consent = Reply(250, {2, 5, 0}, question->verb + " answer");
        if (std::holds_alternative<BeginData>(action)) consent = replies::enter_mail();
        if (std::holds_alternative<EndData>(action)) consent = replies::message_accepted("E1");
        if (std::holds_alternative<AskAuth>(action)) consent = Reply(334, "VXNlcjo=");
        if (std::holds_alternative<AuthResponse>(action))
            consent = replies::auth_succeeded("LOGIN");
        if (consent && policy_)
            if (auto reply = policy_(action)) return reply;
        return consent;
    }

    std::shared_ptr<const ServerSettings> settings_;
    Policy policy_;
    std::vector<Step> steps_;
};

inline ServerDialog dialog(ServerSettings settings = test_server_settings()) {
    return ServerDialog(std::move(settings));
}

inline ClientSettings test_client_settings() {
    ClientSettings settings;
    settings.host = "mail.sesta.com";
    return settings;
}

/// A message for the client dialogue: envelope and content.
struct TestMessage {
    OutgoingMessage envelope;
    std::string content = "Subject: x\r\n\r\nText\r\n";
};

inline TestMessage message_to(const std::vector<std::string>& recipients) {
    TestMessage message;
    message.envelope.sender = "a@b.example";
    for (const std::string& recipient : recipients)
        message.envelope.recipients.push_back({recipient, {}, {}});
    return message;
}

/// What a client dialogue led to: all events but NeedInput and AwaitShell.
struct ClientOutcome {
    std::vector<std::string> events;
    std::vector<client_event::RecipientDone> recipients;
    std::optional<client_event::Unusable> unusable;
    bool finished = false;
};

/// A script for ClientSession: server() is the peer, client() what must come out. The shell's part
/// is played here: messages are begun one after the other as soon as may be, then QUIT.
class ClientDialog {
public:
    enum class Breakage { none, disconnect, timeout };

    explicit ClientDialog(ClientSettings settings = test_client_settings())
        : settings_(std::make_shared<const ClientSettings>(std::move(settings))) {}

    ClientDialog& message(TestMessage message) {
        messages_.push_back(std::move(message));
        return *this;
    }
    ClientDialog& server(std::string_view line) { return raw(std::string(line) + "\r\n"); }
    ClientDialog& raw(std::string_view octets) {
        if (steps_.empty() || !steps_.back().is_server) steps_.push_back({true, {}});
        steps_.back().text += octets;
        return *this;
    }
    ClientDialog& client(std::string_view line) {
        steps_.push_back({false, std::string(line)});
        return *this;
    }
    ClientDialog& greeting() {
        return server("220 peer.example ESMTP").client("EHLO mail.sesta.com");
    }
    /// EHLO reply with these keywords.
    ClientDialog& offers(const std::vector<std::string>& keywords) {
        std::string reply = keywords.empty() ? "250 peer.example\r\n" : "250-peer.example\r\n";
        for (std::size_t i = 0; i < keywords.size(); ++i)
            reply += (i + 1 < keywords.size() ? "250-" : "250 ") + keywords[i] + "\r\n";
        return raw(reply);
    }
    ClientDialog& content(const std::vector<std::string>& lines = {"Subject: x", "", "Text", "."}) {
        for (const std::string& line : lines) client(line);
        return *this;
    }
    ClientDialog& quit() { return client("QUIT").server("221 2.0.0 Bye"); }

    ClientOutcome run() {
        const ClientOutcome first = run_once({});
        std::vector<std::size_t> lengths;
        for (const Step& step : steps_)
            if (step.is_server) lengths.push_back(step.text.size());
        for (const Cut& cut : all_cuts(lengths)) {
            EXPECT_EQ(run_once(cut).events, first.events) << cut.to_debug_string();
            if (::testing::Test::HasFailure()) break;
        }
        return first;
    }

    [[nodiscard]] std::size_t steps() const { return steps_.size(); }

    /// Runs the script up to step `count`, then breaks the connection in the given way.
    ClientOutcome run_broken(std::size_t count, Breakage breakage) {
        return run_once({}, count, breakage);
    }

    ClientOutcome run_once(
        const Cut& cut, std::size_t count = SIZE_MAX, Breakage breakage = Breakage::none
    ) {
        Run run{ClientSession(settings_), {}, {}, 0};
        std::size_t turn = 0;
        pump(run, "");
        for (std::size_t i = 0; i < steps_.size() && i < count; ++i) {
            const Step& step = steps_[i];
            if (step.is_server) {
                EXPECT_EQ(run.output, "") << "before: " << step.text << cut.to_debug_string();
                for (const std::string& piece : cut.pieces(step.text, turn)) pump(run, piece);
                ++turn;
            } else {
                EXPECT_EQ(take_line(run.output).value_or("(nothing)"), step.text)
                    << cut.to_debug_string();
            }
        }
        if (breakage == Breakage::none) {
            EXPECT_EQ(run.output, "") << "after the script, " << cut.to_debug_string();
        }
        if (breakage == Breakage::disconnect) run.session.on_disconnect();
        if (breakage == Breakage::timeout) run.session.on_timeout();
        pump(run, "");
        return run.outcome;
    }

private:
    struct Step {
        bool is_server;
        std::string text;
    };
    struct Run {
        ClientSession session;
        ClientOutcome outcome;
        std::string output;
        std::size_t next_message;
    };

    void pump(Run& run, std::string_view octets) const {
        using namespace client_event;
        const std::string copy(octets);
        std::string_view input = copy;
        while (true) {
            const ClientEvent event = run.session.feed(input);
            run.output += run.session.take_output();
            if (std::holds_alternative<NeedInput>(event)) return;
            const bool is_end =
                std::holds_alternative<Unusable>(event) || std::holds_alternative<Finished>(event);
            if (is_end && (run.outcome.unusable || run.outcome.finished)) return;
            if (!std::holds_alternative<AwaitShell>(event))
                run.outcome.events.push_back(to_debug_string(event));
            if (const auto* unusable = std::get_if<Unusable>(&event))
                run.outcome.unusable = *unusable;
            run.outcome.finished = run.outcome.finished || std::holds_alternative<Finished>(event);
            if (is_end) return;
            if (const auto* done = std::get_if<RecipientDone>(&event))
                run.outcome.recipients.push_back(*done);
            if (std::holds_alternative<StartTls>(event)) run.session.tls_started();
            if (std::holds_alternative<AskAuth>(event))
                run.session.auth_command("AUTH PLAIN AGEAYg==");
            if (const auto* auth = std::get_if<AuthReply>(&event))
                run.session.auth_finished(auth->reply.is_positive());
            if (std::holds_alternative<SendBody>(event)) {
                const std::string& content = messages_[run.next_message - 1].content;
                for (const char c : content) run.session.append_body({&c, 1});
                run.session.end_body();
            }
            if (std::holds_alternative<AwaitShell>(event)) {
                if (run.session.can_begin() && run.next_message < messages_.size())
                    run.session.begin(messages_[run.next_message++].envelope);
                else if (input.empty())
                    run.session.quit();
            }
            if (run.session.has_output()) run.output += run.session.take_output();
        }
    }

    std::shared_ptr<const ClientSettings> settings_;
    std::vector<TestMessage> messages_;
    std::vector<Step> steps_;
};

inline ClientDialog client_dialog(ClientSettings settings = test_client_settings()) {
    return ClientDialog(std::move(settings));
}

}  // namespace sluice::smtp::testing
