#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "log/dialogue_text.h"
#include "qmail_log/text.h"

namespace sluice::qmail_log {

/// The dialogue of one session, line by line, as recordio shows it: ">" is what we said, "<" what
/// the other side said ("12345 > 220 hello", "12345 < EHLO x" of a server); a line that goes on
/// ends in "+". Of AUTH only the mechanism is shown (log::DialogueMask), the content of messages
/// only where asked for: else its size stands there. Control characters and octets that are not
/// ASCII are shown as \xHH. One thread.
class Transcript {
public:
    enum class Role : std::uint8_t { server, client };
    struct Settings {
        std::uint64_t session = 0;
        Role role = Role::server;  ///< ours
        bool full = false;         ///< TRANSCRIPT_FULL: with the content of messages
        Stamp stamp = Stamp::tai64n;
    };
    enum class Said : std::uint8_t { command, content };

    /// `write` gets whole lines.
    Transcript(Settings settings, std::function<void(std::string_view lines)> write)
        : settings_(settings), write_(std::move(write)) {}

    /// Octets as they came, cut anywhere.
    void client_said(std::string_view octets, Said what, WallTime now);
    /// Whole replies.
    void server_said(std::string_view octets, WallTime now);
    /// What is left of an unfinished line.
    void finish(WallTime now);

private:
    enum class Speaker : std::uint8_t { client, server };

    void take(Speaker speaker, std::string& kept, std::string_view octets, WallTime now);
    void show(Speaker speaker, std::string_view line, bool goes_on, WallTime now);
    [[nodiscard]] std::string shown(Speaker speaker, std::string_view piece);
    void show_content_size(WallTime now);
    void add_line(Speaker speaker, std::string_view text, WallTime now);

    const Settings settings_;
    std::function<void(std::string_view)> write_;
    std::string kept_;      ///< of the client, an unfinished line
    bool in_line_ = false;  ///< the beginning of the client's line was shown already
    bool in_content_ = false;
    log::DialogueMask mask_;
    std::uint64_t hidden_octets_ = 0;
    std::string lines_;
};

}  // namespace sluice::qmail_log
