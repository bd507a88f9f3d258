// The header scanner must find the same however the data is cut, and the field helpers must hold
// what they promise on any bytes; raw text becomes encoded words of the same fields.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "message/header_field.h"
#include "message/header_scanner.h"
#include "message/raw_words.h"

namespace {

using namespace sluice::message;

void require(bool condition) {
    if (!condition) std::abort();
}

// Raw text that becomes encoded words leaves the fields what they are.
void check_raw_words(std::string_view text, std::string_view charset) {
    const auto encoded = encode_raw_words(text, charset);
    if (!encoded) return;
    const auto before = split_header(text, text.size());
    const auto after = split_header(*encoded, encoded->size());
    require(before.size() == after.size());
    for (std::size_t i = 0; i < before.size(); ++i) require(before[i].name == after[i].name);
}

HeaderFacts scan(std::string_view text, std::size_t chunk) {
    static const ScannerSettings settings = {{"mta.example"}, 200};
    HeaderScanner scanner(settings, [](std::string_view name, std::string_view value) {
        require(!name.empty() && name.size() <= 200 && value.size() <= 200);
    });
    for (std::size_t i = 0; i < text.size(); i += chunk) scanner.feed(text.substr(i, chunk));
    scanner.finish();
    return scanner.facts();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const HeaderFacts whole = scan(text, text.size() + 1);
    const HeaderFacts bytes = scan(text, 1);
    require(whole.complete && bytes.complete);
    require(whole.header_bytes == bytes.header_bytes && whole.header_bytes <= size);
    require(whole.message_id == bytes.message_id && whole.subject == bytes.subject);
    require(whole.fields == bytes.fields && whole.trace.received == bytes.trace.received);
    require(whole.trace.local_received <= whole.trace.received);
    require(whole.malformed == bytes.malformed);
    for (const HeaderField& field : split_header(text)) {
        const std::string folded = fold_header("X", without_comments(unfold(field.raw_value)));
        require(folded.ends_with("\r\n") && split_header(folded).size() == 1);
    }
    for (const char* charset : {"utf-8", "iso-8859-1", "iso-2022-jp"}) {
        check_raw_words(text, charset);
    }
    return 0;
}
