#include "milter/verdict.h"

namespace sluice::milter {

std::string_view to_word(Verdict::Kind kind) {
    switch (kind) {
        case Verdict::Kind::proceed:
            return "proceed";
        case Verdict::Kind::accept:
            return "accept";
        case Verdict::Kind::reject:
            return "reject";
        case Verdict::Kind::tempfail:
            return "tempfail";
        case Verdict::Kind::discard:
            return "discard";
        case Verdict::Kind::failure:
            break;
    }
    return "failure";
}

std::string to_debug_string(const Verdict& verdict) {
    std::string out(to_word(verdict.kind));
    if (verdict.refuses()) {
        out += ' ' + std::to_string(verdict.reply.code) + ' ' + verdict.reply.status.to_string();
        for (const std::string& line : verdict.reply.lines) out += ' ' + line;
    }
    if (!verdict.reason.empty()) out += ": " + verdict.reason;
    return out;
}

}  // namespace sluice::milter
