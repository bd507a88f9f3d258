#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "log/event.h"

namespace sluice::dequeue {

/// What became of one recipient in one attempt, as a channel program reports it. A plain value.
struct Disposition {
    enum class Kind { delivered, relayed, expanded, failed, deferred };
    Kind kind = Kind::deferred;
    StatusCode status{4, 0, 0};
    std::string diagnostic;    ///< for the log's diagnostic field and the history
    std::string notice_text;   ///< for the notification, where `diagnostic` is not for strangers
    std::string remote_host;   ///< host that answered; empty when none was reached
    std::string reply;         ///< bare reply of the remote host, for the notification
    std::string connection;    ///< transport and banner, for the notification; may be empty
    bool host_failed = false;  ///< the destination host could not be reached: all its mail waits
    /// The far end has more to do than it can: the job controller shall send it less at a time.
    bool overloaded = false;
    /// The peer took over the duty to report success (it offers DSN), so we do not say "relayed".
    bool peer_reports = false;
    std::optional<log::Transport> transport;
    std::string application;
    log::Modifiers modifiers;  ///< what was in effect on the session
    /// Active address that the channel delivered to, for the log, where it is not the recipient's.
    std::string delivered_to;
    /// Deferred ones only: the message is to be held, for the reason in `diagnostic`, unless others
    /// of its recipients only wait.
    bool hold = false;
    /// When it was tried, where that is not now; `never_tried`: it never was.
    std::optional<WallTime> tried;
    bool never_tried = false;

    static Disposition delivered(std::string diagnostic = {});
    static Disposition failed(StatusCode status, std::string diagnostic);
    static Disposition deferred(StatusCode status, std::string diagnostic);
    /// `reason`: a keyword of spec page queue, section 9, then free text: "conversion: virus".
    static Disposition held(std::string reason);
    /// Permanent or temporary as the error says.
    static Disposition from(const Error& error);
};

}  // namespace sluice::dequeue
