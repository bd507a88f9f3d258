#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "utility/printable.h"
#include "utility/qm_targets.h"

// What history and read have in common: one message after the other, for people.
namespace sluice::utility {

/// What a command shows of each target; common to history and read.
class Show {
public:
    Show(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime)
        : line_(invocation.line()),
          console_(invocation.console()),
          session_(session),
          runtime_(runtime),
          invocation_(invocation) {}
    virtual ~Show() = default;
    Show(const Show&) = delete;
    Show& operator=(const Show&) = delete;

    ExitCode run() {
        ExitCode code = ExitCode::done;
        const auto targets = find_targets(invocation_, session_, runtime_, {}, code);
        if (!targets) return code;
        if (const auto refused = before(targets->messages.size())) return *refused;
        unsigned long done = 0;
        unsigned long missing = 0;
        for (const Target& target : targets->messages) {
            if (line_.has("confirm") && !console_.confirm("Show " + target.name() + '?')) continue;
            auto file = queue::MessageFile::open(
                runtime_.store(), target.message.location, queue::Access::read
            );
            if (!file) {
                ++missing;
                say_missing(target, file.error());
                continue;
            }
            if (done++ > 0 && !line_.has("json")) console_.line("");
            show(*file);
        }
        return missing == 0 ? ExitCode::done : ExitCode::partly_done;
    }

protected:
    /// Called once, in front of so many messages; an exit code where nothing is to be shown.
    virtual std::optional<ExitCode> before(std::size_t /*messages*/) { return std::nullopt; }
    virtual void show(queue::MessageFile& file) = 0;

    const CommandLine& line_;
    Console& console_;
    QmSession& session_;
    enqueue::Runtime& runtime_;
    Invocation& invocation_;

private:
    void say_missing(const Target& target, const Error& error) {
        if (queue::failure_kind(error) == queue::Failure::gone) {
            console_.warning("QM", "GONE", target.name() + " is no longer queued");
        } else {
            console_.error("QM", "NOTREAD", target.name() + ": " + error.detail());
        }
    }
};

/// Text of a message, line by line, made harmless for a terminal.
class LinePrinter {
public:
    explicit LinePrinter(Console& console) : console_(console) {}

    void take(std::string_view octets) {
        for (const char c : octets) {
            if (c == '\n') {
                flush();
            } else if (line_.size() < longest) {
                line_ += c;
            }
        }
    }
    void flush() {
        if (line_.ends_with('\r')) line_.pop_back();
        std::string shown;
        // A tab moves no cursor to where it should not be.
        for (const std::string_view part : split(line_, '\t')) {
            shown += printable_text(part) + '\t';
        }
        shown.pop_back();
        console_.line(shown);
        line_.clear();
    }
    void finish() {
        if (!line_.empty()) flush();
    }

private:
    static constexpr std::size_t longest = 64UL << 10U;
    Console& console_;
    std::string line_;
};

template <class Kind>
ExitCode show(Invocation& invocation, QmSession& session, enqueue::Runtime& runtime) {
    return Kind(invocation, session, runtime).run();
}

}  // namespace sluice::utility
