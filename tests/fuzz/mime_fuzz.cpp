// Any octets as a message: the scanner sees the same however they are cut and loses none, the
// writer gives back what nobody changed, and what it changes reads back as meant. Any octets as a
// content come back from each transfer encoding; any parameters read back as written.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "message/body_text_writer.h"
#include "message/decoded_text.h"
#include "message/header_field.h"
#include "message/mime_edit.h"
#include "message/mime_scanner.h"
#include "message/mime_structure.h"
#include "message/recoding.h"
#include "message/word_charset.h"

namespace {

using namespace sluice;
using namespace sluice::message;

void require(bool condition, int line = __builtin_LINE()) {
    if (condition) return;
    std::fprintf(stderr, "not so: line %d\n", line);
    std::abort();
}

constexpr MimeLimits small = {.depth = 4, .parts = 20, .header = 300, .labels = 2000};

/// What a change adds to a header must not go over its limit.
constexpr MimeLimits wide = {.depth = 4, .parts = 20};

/// Adds up what the scanner gives; asks for the order of calls.
class Sum : public MimeSink {
public:
    void part_begun(const MimePart& part) override { open_.push_back(part.index); }
    void piece(PieceKind kind, const MimePart& part, std::string_view bytes) override {
        require(!bytes.empty());
        require(std::find(open_.begin(), open_.end(), part.index) != open_.end());
        const auto label = static_cast<char>('a' + static_cast<int>(kind));
        for (std::size_t i = 0; i < bytes.size(); ++i) labels_ += label;
        octets_ += bytes;
    }
    void part_ended(const MimePart& part) override {
        require(!open_.empty() && open_.back() == part.index);
        open_.pop_back();
    }
    [[nodiscard]] const std::string& octets() const { return octets_; }
    [[nodiscard]] const std::string& labels() const { return labels_; }
    [[nodiscard]] bool all_ended() const { return open_.empty(); }

private:
    std::vector<std::size_t> open_;
    std::string octets_;
    std::string labels_;
};

struct Scan {
    MimeParts parts;
    std::string labels;
};

Scan scan(std::string_view text, std::size_t piece, std::size_t growth, const MimeLimits& limits) {
    Sum sum;
    MimeScanner scanner(limits, &sum);
    for (std::size_t i = 0; i < text.size();) {
        scanner.feed(text.substr(i, piece));
        i += piece;
        piece = piece + growth > 97 ? 1 : piece + growth;
    }
    scanner.finish();
    require(sum.octets() == text && sum.all_ended());
    return {scanner.take_parts(), sum.labels()};
}

bool same(const MimePart& a, const MimePart& b) {
    return a.to_debug_string() == b.to_debug_string() && a.delimiter == b.delimiter &&
           a.blank_line == b.blank_line && a.preamble == b.preamble && a.close == b.close &&
           a.epilogue == b.epilogue && a.trouble == b.trouble && a.parent == b.parent &&
           a.type.parameters == b.type.parameters && a.description == b.description;
}

void check_ranges(const MimeParts& parts, std::size_t size) {
    require(!parts.empty() && parts[0].whole() == (ByteRange{0, size}));
    for (const MimePart& part : parts) {
        require(
            part.delimiter.end == part.header.begin && part.header.end == part.blank_line.begin
        );
        require(part.blank_line.end == part.body.begin && part.body.begin <= part.body.end);
        require(part.preamble.begin == part.body.begin && part.preamble.end <= part.body.end);
        require(part.close.begin <= part.close.end && part.close.end <= part.epilogue.end);
        require(part.epilogue.end <= part.body.end);
        if (part.parent == MimePart::none) continue;
        const MimePart& parent = parts[part.parent];
        require(part.parent < part.index && !parent.is_leaf() && part.depth == parent.depth + 1);
        require(parent.body.begin <= part.delimiter.begin && part.body.end <= parent.body.end);
    }
}

std::string written(const MimeEdits& edits, std::string_view text) {
    std::string out;
    const auto done = edits.write(
        std::make_shared<TextSource>(std::string(text)),
        [&](std::string_view bytes) -> Result<void> {
            out += bytes;
            return {};
        }
    );
    require(static_cast<bool>(done));
    return out;
}

// A new body is what was given, a CR at its end included.
void check_new_body(
    std::string_view text, const MimeParts& parts, std::size_t chosen, const std::string& body
) {
    MimeEdits edits(parts);
    edits.set_body(chosen, body);
    const std::string changed = written(edits, text);
    const MimeParts again = scan(changed, changed.size() + 1, 0, wide).parts;
    require(again.size() == parts.size());
    const ByteRange found = again[chosen].body;
    require(std::string_view(changed).substr(found.begin, found.size()) == body);
}

// One part gets a content, or goes; the others are the octets they were.
void check_edits(std::string_view text, const MimeParts& parts, std::size_t chosen) {
    require(written(MimeEdits(parts), text) == text);
    const MimePart& part = parts[chosen];
    const std::string content = "new content \xE4\n";
    MimeEdits edits(parts);
    edits.set_content(
        chosen, std::make_shared<TextSource>(content), TransferEncoding::base64, ContentMode::binary
    );
    const std::string changed = written(edits, text);
    require(changed.starts_with(text.substr(0, part.header.begin)));
    require(changed.ends_with(text.substr(part.body.end)));
    if (!part.is_leaf() || part.trouble.any() || part.encoding == TransferEncoding::unknown) return;
    const MimeParts again = scan(changed, changed.size() + 1, 0, wide).parts;
    require(again.size() == parts.size());
    const ByteRange body = again[chosen].body;
    const std::string_view encoded = std::string_view(changed).substr(body.begin, body.size());
    require(decode_body(again[chosen].encoding, encoded) == content);
    check_new_body(text, parts, chosen, "new body\r");
}

// A leaf goes; the bodies of the others are the octets they were.
void check_drop(std::string_view text, const MimeParts& parts, std::size_t chosen) {
    const bool beyond = std::any_of(parts.begin(), parts.end(), [](const MimePart& part) {
        return part.trouble.too_many_parts || part.trouble.too_deep;
    });
    MimeEdits edits(parts);
    edits.drop(chosen);
    const std::string without = written(edits, text);
    if (beyond || !parts[chosen].is_leaf()) return;
    const auto bodies = [](const MimeParts& of, std::string_view source, std::size_t except) {
        std::vector<std::string> out;
        for (const MimePart& part : of) {
            if (!part.is_leaf() || part.index == except) continue;
            out.emplace_back(source.substr(part.body.begin, part.body.size()));
        }
        return out;
    };
    const auto expected = bodies(parts, text, chosen);
    const auto left =
        bodies(scan(without, without.size() + 1, 0, wide).parts, without, MimePart::none);
    require(expected.empty() ? left.size() <= 1 : left == expected);
}

void check_encodings(std::string_view content) {
    using enum TransferEncoding;
    for (const TransferEncoding encoding : {base64, quoted_printable, eight_bit}) {
        const std::string body = encode_body(encoding, ContentMode::binary, content);
        require(decode_body(encoding, body) == content);
        const std::string text = encode_body(encoding, ContentMode::text, content);
        const std::string lines = encode_body(eight_bit, ContentMode::text, content);
        require(decode_body(encoding, text) == lines);
        TransferEncoder encoder(encoding, ContentMode::text);
        TransferDecoder decoder(encoding);
        std::string in_pieces;
        std::string decoded;
        for (const char c : content) encoder.encode(std::string_view(&c, 1), in_pieces);
        encoder.finish(in_pieces);
        require(in_pieces == text);
        for (const char c : content) decoder.decode(std::string_view(&c, 1), decoded);
        decoder.finish(decoded);
        require(decoded == decode_body(encoding, content));
    }
}

void check_parameters(std::string_view text) {
    const StructuredValue field = parse_structured_value(text);
    require(field.parameters.size() <= max_parameters);
    StructuredValue plain;
    plain.value = "a/b";
    for (const Parameter& parameter : field.parameters) {
        const bool is_name = std::all_of(parameter.name.begin(), parameter.name.end(), is_alnum);
        if (!is_name || parameter.name.empty() || parameter.name.size() > 40) continue;
        Parameter one{parameter.name, {}};
        for (const char c : parameter.value) one.value += is_control(c) ? '.' : c;
        plain.parameters.push_back(std::move(one));
    }
    const std::string raw = format_structured_field("X", plain);
    require(raw.ends_with("\r\n") && raw.find("\r\n\r\n") == std::string::npos);
    StructuredValue back = parse_structured_value(std::string_view(raw).substr(2));
    for (Parameter& parameter : back.parameters) parameter.charset.clear();
    // Of two of one name one may be there in sections and take the other's place.
    const auto repeats = [&](const Parameter& one) {
        return std::count_if(
                   plain.parameters.begin(), plain.parameters.end(),
                   [&](const Parameter& other) {
                       return equals_ignoring_case(one.name, other.name);
                   }
               ) > 1;
    };
    if (std::any_of(plain.parameters.begin(), plain.parameters.end(), repeats)) return;
    require(back == plain);
}

template <class Writer>
std::string through(Writer& writer, std::string_view content, std::size_t piece) {
    std::string out;
    for (std::size_t i = 0; i < content.size(); i += piece)
        writer.feed(content.substr(i, piece), out);
    writer.finish(out);
    return out;
}

// A list's text stands in any body, however that is cut.
void check_body_text(std::string_view text, std::string_view content) {
    const std::string_view header = text.substr(0, text.size() - content.size());
    const BodyText both = {"before \xC3\xA4\n", "behind"};
    BodyTextWriter whole(both, header);
    BodyTextWriter pieces(both, header);
    const std::string out = through(whole, content, content.size() + 1);
    require(out == through(pieces, content, 1));
    static_cast<void>(BodyTextWriter::header_changes(both, header));
}

// What can be made seven bits wide is, and its contents are the same.
void check_recoding(std::string_view text) {
    RecodingSurvey survey;
    for (std::size_t i = 0; i < text.size(); i += 3) survey.feed(text.substr(i, 3));
    survey.finish();
    const Recoding none = survey.plan({});
    require(!none.is_needed && !none.is_incomplete);
    const Recoding plan = survey.plan({true, 0});
    if (!plan.is_needed) return;
    Recoder whole(plan);
    Recoder pieces(plan);
    const std::string out = through(whole, text, text.size() + 1);
    require(out == through(pieces, text, 1));
    const bool eight_bit = std::any_of(out.begin(), out.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x80;
    });
    require(!eight_bit || plan.is_incomplete);
}

std::vector<std::string> leaf_bodies(std::string_view text) {
    std::vector<std::string> out;
    for (const MimePart& part : scan(text, text.size() + 1, 0, wide).parts) {
        if (part.is_leaf()) out.emplace_back(text.substr(part.body.begin, part.body.size()));
    }
    return out;
}

// Levels go, and embedded messages become parts; the bodies of leaves are the octets they were, but
// for headers that are parts now.
void check_structure(std::string_view text, const MimeParts& parts) {
    const bool beyond = std::any_of(parts.begin(), parts.end(), [](const MimePart& part) {
        return part.trouble.too_many_parts || part.trouble.too_deep;
    });
    const auto source = std::make_shared<TextSource>(std::string(text));
    const std::vector<std::string> before = leaf_bodies(text);
    for (const auto embedded :
         {EmbeddedMessages::keep, EmbeddedMessages::flatten,
          EmbeddedMessages::flatten_with_header}) {
        for (const bool fewer : {false, true}) {
            const StructureWish wish{embedded, fewer, "WkqZ7Gp2"};
            const auto edits = structure_edits(parts, wish, source);
            require(static_cast<bool>(edits));
            std::string out;
            const auto written = edits->write(*source, [&](std::string_view bytes) -> Result<void> {
                out += bytes;
                return {};
            });
            require(static_cast<bool>(written));
            if (edits->empty()) require(out == text);
            if (beyond) continue;
            const std::vector<std::string> after = leaf_bodies(out);
            std::size_t found = 0;
            for (const std::string& body : after) {
                if (found < before.size() && body == before[found]) ++found;
            }
            require(found == before.size());
            if (embedded != EmbeddedMessages::flatten_with_header)
                require(after.size() == before.size());
        }
    }
}

// Words in another set read as before.
void check_words(std::string_view header) {
    const auto ask = [](std::string_view charset) {
        return equals_ignoring_case(charset, "iso-8859-1") ? CharsetChange{"", "utf-8"}
                                                           : CharsetChange();
    };
    const WordChanges changed = change_encoded_words(header, ask, header.size());
    require(changed.octets <= header.size());
    if (!changed.header) return;
    require(decoded_text(unfold(*changed.header)) == decoded_text(unfold(header)));
    require(!change_encoded_words(*changed.header, ask, changed.header->size()).header);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const MimeLimits& limits : {MimeLimits(), small}) {
        const Scan whole = scan(text, size + 1, 0, limits);
        check_ranges(whole.parts, size);
        for (const std::size_t piece : {1UL, 2UL, 7UL}) {
            const Scan pieces = scan(text, piece, piece - 1, limits);
            require(pieces.labels == whole.labels && pieces.parts.size() == whole.parts.size());
            for (std::size_t i = 0; i < pieces.parts.size(); ++i)
                require(same(pieces.parts[i], whole.parts[i]));
        }
    }
    const MimeParts parts = scan(text, size + 1, 0, wide).parts;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        check_edits(text, parts, i);
        check_drop(text, parts, i);
    }
    check_structure(text, parts);
    check_words(text.substr(0, parts[0].body.begin));
    check_encodings(text);
    check_parameters(text);
    check_body_text(text, text.substr(parts[0].body.begin));
    check_recoding(text);
    return 0;
}
