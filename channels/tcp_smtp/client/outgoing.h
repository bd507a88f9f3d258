#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "queue/message_file.h"
#include "smtp/client_event.h"

namespace sluice::tcp_client {

/// What one pass over the stored content tells that MAIL must say.
struct ContentFacts {
    std::uint64_t wire_size = 0;    ///< octets with CR LF line ends, before dots are doubled
    bool eight_bit = false;         ///< octets above 127 anywhere
    bool eight_bit_header = false;  ///< ... and in the header
};

/// Takes content in pieces, in order. Pure.
class ContentInspector {
public:
    explicit ContentInspector(queue::ContentEncoding encoding) : encoding_(encoding) {}
    void append(std::string_view stored);
    [[nodiscard]] const ContentFacts& facts() const { return facts_; }

private:
    void scan_header(std::string_view stored);

    queue::ContentEncoding encoding_;
    ContentFacts facts_;
    bool in_header_ = true;
    bool line_start_ = true;
};

/// Reads the content once. Memory: one piece.
Result<ContentFacts> inspect_content(queue::MessageFile& file);

/// The envelope as the client session wants it, for the recipients with these indexes.
/// `local_host`: envelope ids that this MTA made up end in it and are not passed on, since the
/// sender gave none (RFC 3461 section 5.2.1). `without_routes`: recipients lose their source
/// routes, which have served once the next host is chosen (keyword dequeue_removeroute).
smtp::OutgoingMessage outgoing_message(
    const queue::Envelope& envelope,
    const std::vector<std::size_t>& recipients,
    const ContentFacts& facts,
    std::string_view local_host,
    bool without_routes = false
);

/// RFC 3461 section 4; octets beyond ASCII have no xtext form: empty then.
std::string to_xtext(std::string_view text);

}  // namespace sluice::tcp_client
