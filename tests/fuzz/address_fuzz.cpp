// Paths and mailboxes: what was parsed must be read again from its own text, and mean the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "address/domain.h"
#include "address/local_part.h"
#include "address/path.h"
#include "address/srs.h"

using namespace sluice::address;  // NOLINT(google-build-using-namespace)

// Whatever is wrapped leads back, to the sender or to the first forwarder.
static void check_srs(const Mailbox& mailbox) {
    const SrsSettings settings{"srs.example", {"secret"}, 14};
    if (mailbox.domain.empty() || same_domain(mailbox.domain, settings.domain)) return;
    if (unquote_local_part(mailbox.local_part).empty()) return;
    const auto wrapped = srs_encode(settings, mailbox.text(), 7);
    if (!wrapped || srs_decode(settings, *wrapped, 7).kind != SrsDecoding::Kind::decoded)
        std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto path = parse_path(text)) {
        const auto again = parse_path('<' + path->text + '>');
        if (!again || *again != *path) std::abort();
        if (!same_domain(path->mailbox.domain, again->mailbox.domain)) std::abort();
    }
    if (const auto mailbox = parse_mailbox(text)) {
        const auto again = parse_mailbox(mailbox->text());
        if (!again || *again != *mailbox) std::abort();
        check_srs(*mailbox);
    }
    const SrsSettings srs{"srs.example", {"secret"}, 14};
    (void)srs_decode(srs, std::string(text) + "@srs.example", 7);
    const auto meaning = unquote_local_part(text);
    if (unquote_local_part(quote_local_part(meaning)) != meaning) std::abort();
    (void)join_quoted_words(text);
    (void)split_subaddress(text);
    return 0;
}
