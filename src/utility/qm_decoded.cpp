#include "utility/qm_decoded.h"

#include <optional>

#include "message/charset.h"
#include "message/content_type.h"
#include "message/mime_scanner.h"
#include "message/transfer_encoding.h"
#include "utility/printable.h"
#include "utility/qm_show.h"

namespace sluice::utility {

namespace {

constexpr std::size_t text_ceiling = 1UL << 20U;
constexpr std::size_t chunk_size = 64UL << 10U;

class TextParts final : public message::MimeSink {
public:
    explicit TextParts(Console& console) : console_(console) {}

    void header_ended(const message::MimePart& part) override {
        if (!part.is_leaf()) return;
        text_.clear();
        decoder_.emplace(part.encoding);
    }
    void piece(message::PieceKind kind, const message::MimePart& part, std::string_view octets)
        override {
        if (kind != message::PieceKind::body || !decoder_ || part.type.type != "text") return;
        if (text_.size() < text_ceiling) decoder_->decode(octets, text_);
    }
    void part_ended(const message::MimePart& part) override {
        if (!part.is_leaf() || !decoder_) return;
        decoder_->finish(text_);
        decoder_.reset();
        const bool is_text = part.type.type == "text";
        console_.line(
            "[part " + part.number + ": " + printable_text(part.media_type()) + ", " +
            std::to_string(part.body.size()) + " octets" + (is_text ? "]" : ", not shown]")
        );
        if (is_text) show(part);
    }

private:
    void show(const message::MimePart& part) {
        const bool is_cut = text_.size() > text_ceiling;
        if (is_cut) text_.resize(text_ceiling);
        std::string_view charset = message::parameter_value(part.type.parameters, "charset");
        if (charset.empty()) charset = "us-ascii";
        const auto converted = message::to_utf8(charset, text_);
        LinePrinter printer(console_);
        printer.take(converted.value_or(text_));
        printer.finish();
        if (is_cut) console_.line("[the rest of this part is not shown]");
    }

    Console& console_;
    std::optional<message::TransferDecoder> decoder_;
    std::string text_;
};

}  // namespace

void show_decoded(Console& console, queue::MessageFile& file) {
    TextParts parts(console);
    message::MimeScanner scanner({}, &parts);
    std::string chunk(chunk_size, '\0');
    for (std::uint64_t offset = 0; offset < file.content_size();) {
        const auto count = file.read_content(offset, chunk.data(), chunk.size());
        if (!count || *count == 0) break;
        scanner.feed(std::string_view(chunk).substr(0, *count));
        offset += *count;
    }
    scanner.finish();
}

}  // namespace sluice::utility
