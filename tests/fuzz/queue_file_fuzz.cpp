// Message files: names, envelopes as found, envelopes with a good seal around foreign lines (so
// that the fuzzer gets behind the seal), and history.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "queue/checksum.h"
#include "queue/envelope.h"
#include "queue/history.h"
#include "queue/message_name.h"

namespace {

using namespace sluice::queue;

void require(bool good) {
    if (!good) std::abort();
}

std::string with_seal(std::string_view tail) {
    std::string bytes = "v;1\nb;0000000000\nk;xxh3:0000000000000000\ne;xxh3:0000000000000000\n";
    seal_envelope_head(bytes.data(), 1, 2, hash_of(tail));
    return bytes.append(tail);
}

void check_envelope(std::string_view bytes) {
    const auto decoded = decode_envelope(bytes);
    if (!decoded) return;
    const auto again = encode_envelope(decoded->envelope, std::string(16, 'x'));
    // Only what the writer's limits forbid may fail to go back.
    if (!again) return;
    std::string rewritten = again->bytes;
    seal_envelope_head(rewritten.data(), 1, 2, again->tail_hash);
    require(find_envelope_end(rewritten) == rewritten.size());
    const auto second = decode_envelope(rewritten);
    require(second.has_value());
    require(second->envelope == decoded->envelope);
}

void check_history(std::string_view bytes) {
    for (const HistoryRecord& record : parse_history(bytes)) {
        const auto again = parse_history(format_history(record));
        require(again.size() == 1);
        require(again.front().recipient == record.recipient);
        require(again.front().code == record.code);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto end = find_envelope_end(bytes)) check_envelope(bytes.substr(0, *end));
    check_envelope(bytes);
    check_envelope(with_seal(bytes));
    check_history(bytes);
    if (const auto name = MessageName::parse(bytes)) require(name->to_string() == bytes);
    (void)MessageLocation::parse(bytes);
    return 0;
}
