#pragma once

#include <cstdint>
#include <optional>

#include "filter/content.h"
#include "milter/client_session.h"

namespace sluice::filter {

/// Shows one message to one filter, from its header to its end, and makes the changes that the
/// filter asks for. The shell settles the session in between:
///
///     ContentRun run(session, content, macros);
///     while (run.advance()) settle the session
///     run.finish()
///
/// After finish() the verdict and the changes of the envelope are with the session. No I/O but that
/// of the spool.
class ContentRun {
public:
    ContentRun(milter::ClientSession& session, Content& content, milter::Macros macros);

    /// True: write what the session has to say, wait for its answers, call again.
    bool advance();
    /// Makes the changes of header and body where the message goes on; true: there were some.
    Result<bool> finish();

private:
    class NewBody final : public milter::BodySink {
    public:
        explicit NewBody(const std::string& directory) : spool(directory) {}
        bool append(std::string_view octets) override { return spool.append(octets).has_value(); }
        Spool spool;
    };
    enum class Next : std::uint8_t { header, end_of_header, body, end_of_message, nothing };

    void step();
    bool change_header();

    milter::ClientSession& session_;
    Content& content_;
    milter::Macros macros_;
    Next next_ = Next::header;
    std::size_t field_ = 0;
    std::uint64_t offset_ = 0;
    NewBody new_body_;
    std::optional<Error> failure_;
};

}  // namespace sluice::filter
