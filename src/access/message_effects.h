#pragma once

#include <string>
#include <vector>

#include "access/verdict.h"
#include "message/header_edit.h"

namespace sluice::access {

/// What access tables asked for the message itself, gathered from MAIL to the last RCPT. A refused
/// address asks for nothing here: the message is none of its business. A plain value.
struct MessageEffects {
    /// `$K`, `$A` and `$T`, for every copy.
    message::HeaderEdits header_edits;
    /// `$G` of FROM_ACCESS, for every copy; those of recipient tables are the destination's own.
    std::vector<std::string> conversion_tags;
    bool hold_all = false;     ///< `$H` of FROM_ACCESS
    bool discard_all = false;  ///< `$V`, `$Z`; `$B` of FROM_ACCESS
    bool no_vacation = false;  ///< `$!`

    /// FROM_ACCESS. `may_set_sender`: the source channel has authrewrite, without which `$K` means
    /// nothing.
    void take_sender(const Verdict& verdict, bool may_set_sender);
    /// The recipient tables, for one RCPT.
    void take_recipient(const Verdict& verdict);
    /// What another part of the transaction gathered.
    void add(const MessageEffects& other);

private:
    void take_common(const Verdict& verdict);
    void add_edit(message::HeaderEdit edit);
};

}  // namespace sluice::access
