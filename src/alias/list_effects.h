#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alias/mailing_list.h"
#include "message/body_text.h"

namespace sluice::alias {

/// What the mailing lists on an address's way do to its copy. A plain value; shared by the members.
struct ListEffects {
    std::optional<std::string> envelope_from;
    bool is_list_copy = false;  ///< a redistribution (RFC 3461 section 5.2.7)
    bool reports_delay = true;
    bool is_held = false;
    message::HeaderEdits header_edits;
    std::shared_ptr<const message::BodyText> body_text;  ///< may be null
    std::vector<std::string> conversion_tags;
    std::optional<std::uint64_t> size_limit;  ///< octets
    std::optional<std::uint64_t> line_limit;
};

/// The effects behind one more list. `edits` and `text`: those of the list and of its files; its
/// text stands outside of that of the lists before. `block_size` is BLOCK_SIZE. `sender`: a posting
/// with the null reverse path keeps it, since whatever fails behind a list that bounces to itself
/// would come round for ever.
ListEffects with_list(
    ListEffects before,
    const MailingList& list,
    const message::HeaderEdits& edits,
    const message::BodyText& text,
    std::uint64_t block_size,
    bool has_sender
);

}  // namespace sluice::alias
