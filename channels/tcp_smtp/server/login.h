#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "auth/authenticator.h"
#include "auth/guess_file.h"
#include "base/clock.h"

namespace sluice::smtp_server {

/// What all log-ins of a configuration share.
struct LoginDesk {
    /// Waiting for a thread or being checked at a time, in one process; who comes then is asked to
    /// come back. Those that pay for guesses wait elsewhere.
    static constexpr int most_under_way = 256;

    LoginDesk(const config::Configuration& configuration);

    auth::Authenticator authenticator;
    auth::GuessFile guesses;
    std::atomic<int> under_way{0};
};

/// One attempt to log in, from AUTH to its last reply: the exchange, and what it is charged for. A
/// step runs where it may block; everything else belongs to the session's thread.
class Login {
public:
    Login(
        LoginDesk& desk,
        const auth::RuleSet& rules,
        std::string mechanism,
        auth::Circumstances circumstances
    );
    ~Login();
    Login(const Login&) = delete;
    Login& operator=(const Login&) = delete;

    [[nodiscard]] const std::string& mechanism() const { return mechanism_; }
    /// What guesses of this client have cost it by now. Call once, before the first step.
    auth::GuessTable::Toll charge();
    /// A step is to be made; false: there is no room for it now.
    bool enter();
    /// It was made.
    void leave();
    /// Blocks. `response`: of the first step the initial response, if there is one.
    auth::Step step(const std::optional<auth::Secret>& response);

    /// It was no failure, or nobody could tell.
    void forgive();
    /// It was one, by somebody who said to be `user`: how long the answer is to be held back for.
    std::chrono::milliseconds note_failure(const std::string& user);

private:
    [[nodiscard]] static std::int64_t now();

    LoginDesk& desk_;
    std::string mechanism_;
    auth::Circumstances circumstances_;
    std::shared_ptr<const auth::Sources> sources_;
    std::unique_ptr<auth::Exchange> exchange_;
    bool entered_ = false;
    bool charged_ = false;
};

/// What the client sent in base64. "=" is an empty initial response (RFC 4954 section 4). nullopt:
/// it is none.
std::optional<auth::Secret> decode_response(const std::string& text, bool initial);

}  // namespace sluice::smtp_server
