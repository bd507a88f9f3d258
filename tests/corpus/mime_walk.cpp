// Walks through messages with our scanner and writes what it finds. Fails where an octet is lost,
// where the octets come differently in pieces, or where the writer changes what nobody asked it to.
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <random>

#include "base/bytes.h"
#include "corpus/outline.h"
#include "message/header_field.h"
#include "message/mime_edit.h"
#include "message/mime_scanner.h"

namespace {

using namespace sluice;
using namespace sluice::message;

class Octets : public MimeSink {
public:
    void piece(PieceKind, const MimePart&, std::string_view bytes) override { text += bytes; }
    std::string text;
};

void require(bool condition, const char* what) {
    if (condition) return;
    std::printf("failed: %s\n", what);
    std::exit(1);
}

MimeParts in_pieces(const std::string& whole, std::mt19937& random) {
    std::string_view message = whole;
    Octets octets;
    MimeScanner scanner({}, &octets);
    while (!message.empty()) {
        const std::size_t size = std::min<std::size_t>(1 + random() % 200, message.size());
        scanner.feed(message.substr(0, size));
        message.remove_prefix(size);
    }
    scanner.finish();
    require(octets.text == whole, "an octet was lost");
    return scanner.take_parts();
}

std::string rewritten(const std::string& message, const MimeParts& parts) {
    std::string out;
    const auto done = MimeEdits(parts).write(
        std::make_shared<TextSource>(message),
        [&](std::string_view bytes) -> Result<void> {
            out += bytes;
            return {};
        }
    );
    require(done.has_value(), "not written");
    return out;
}

void write_part(const std::string& message, const MimePart& part) {
    if (part.kind != PartKind::leaf) {
        const bool is_message = part.kind == PartKind::message;
        corpus::write_container(
            part.depth, is_message ? "message" : "multipart", part.media_type()
        );
        return;
    }
    const std::string_view body =
        std::string_view(message).substr(part.body.begin, part.body.size());
    corpus::write_leaf(part.depth, part.media_type(), decode_body(part.encoding, body));
}

bool is_damaged(const std::string& message, const MimePart& part) {
    TransferDecoder decoder(part.encoding);
    std::string out;
    decoder.decode(std::string_view(message).substr(part.body.begin, part.body.size()), out);
    decoder.finish(out);
    return decoder.is_damaged();
}

// What the libraries may see differently.
std::string troubles(const std::string& message, const MimeParts& parts) {
    std::string out;
    for (const MimePart& part : parts) {
        const std::string_view header =
            std::string_view(message).substr(part.header.begin, part.header.size());
        const auto fields = split_header(header);
        const auto named = [&](std::string_view name) {
            return std::count_if(fields.begin(), fields.end(), [&](const HeaderField& field) {
                return equals_ignoring_case(field.name, name);
            });
        };
        if (named("Content-Type") > 1 || named("Content-Transfer-Encoding") > 1)
            out += " label_twice";
        if (named("Content-Type") > 0 && !part.type.is_readable) out += " no_type";
        if (part.encoding == TransferEncoding::unknown) out += " no_encoding";
        const bool at_blank =
            part.body.begin < message.size() && is_blank(message[part.body.begin]);
        if (part.trouble.no_blank_line && part.header.empty() && at_blank) out += " blank_first";
        if (part.kind == PartKind::multipart && children_of(parts, part.index).empty())
            out += " no_parts";
        if (part.is_leaf() && is_damaged(message, part)) out += " damaged_content";
        const std::string text = part.to_debug_string();
        const std::size_t words = text.find(' ', text.find(" body ") + 6);
        if (words != std::string::npos) out += text.substr(words);
    }
    return out;
}

}  // namespace

int main() {
    std::mt19937 random(1);
    std::string message;
    while (corpus::read_message(message)) {
        const MimeParts parts = scan_message(message);
        const MimeParts again = in_pieces(message, random);
        require(parts.size() == again.size(), "parts differ in pieces");
        for (std::size_t i = 0; i < parts.size(); ++i)
            require(
                parts[i].to_debug_string() == again[i].to_debug_string(), "a part differs in pieces"
            );
        require(rewritten(message, parts) == message, "the writer changed octets");
        for (const MimePart& part : parts) write_part(message, part);
        std::printf("|%s\n", troubles(message, parts).c_str());
    }
    return 0;
}
