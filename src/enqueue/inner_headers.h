#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "channel/channel.h"
#include "enqueue/copy_headers.h"
#include "message/mime_scanner.h"

namespace sluice::enqueue {

/// Keyword `inner`, of the source or the destination channel: addresses in the headers of embedded
/// messages are rewritten as those of the outer header are, for each copy as its destination
/// channel asks. The content streams through; what is kept is a header, and while an answer is
/// awaited what came with it. One message, one thread at a time; not to be moved.
class InnerHeaders : private message::MimeSink {
public:
    /// Headers of embedded messages are rewritten up to so many octets of them in one message; the
    /// rest stays as it came. Each address can cost a hundred rules.
    static constexpr std::size_t most_octets = 512UL * 1024;

    /// Takes octets for the copy of that index.
    using Write = std::function<Result<void>(std::size_t copy, std::string_view)>;

    /// Whether the copy for `destination` wants it.
    [[nodiscard]] static bool is_wanted(
        const channel::Channel& source, const channel::Channel& destination
    );

    /// `outer`: the header of the message with its blank line, which is looked at and not written.
    /// `destinations`: the channel of each copy, nullptr for one that gets all as it came.
    InnerHeaders(
        std::unique_ptr<HeaderWork> work,
        std::vector<const channel::Channel*> destinations,
        Write write,
        std::string_view outer
    );
    ~InnerHeaders() override = default;
    InnerHeaders(const InnerHeaders&) = delete;
    InnerHeaders& operator=(const InnerHeaders&) = delete;

    /// Content behind the outer header, cut anywhere. Not while is_pending().
    Result<void> feed(std::string_view bytes);
    Result<void> finish();
    /// An answer is awaited that somebody must be waited for; nothing behind it is written yet.
    [[nodiscard]] bool is_pending() const { return pending_; }
    /// Waits, and goes on with what has come.
    Result<void> get_answers();

private:
    struct Item {
        std::string octets;
        bool is_header;
    };

    void piece(message::PieceKind kind, const message::MimePart& part, std::string_view bytes)
        override;
    void header_ended(const message::MimePart& part) override;
    void pass(std::string_view bytes);
    void end_header();
    Result<void> write_items();
    Result<void> write_all(std::string_view bytes);
    Result<void> write_header(const std::string& header);
    void tell_warnings();

    std::unique_ptr<HeaderWork> work_;
    std::vector<const channel::Channel*> destinations_;
    Write write_;
    message::MimeScanner scanner_;
    std::uint64_t skip_;         ///< octets of the outer header that are still to come
    std::string header_;         ///< of an embedded message, as far as it has come
    std::size_t rewritten_ = 0;  ///< octets of headers
    std::deque<Item> items_;     ///< what could not be written at once
    bool pending_ = false;
    std::optional<Error> failure_;
    std::set<std::string> warnings_;
    std::set<std::string> told_;
};

}  // namespace sluice::enqueue
