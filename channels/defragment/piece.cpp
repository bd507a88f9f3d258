#include "piece.h"

#include <algorithm>
#include <memory>

#include "message/header_field.h"

namespace sluice::defragment {

namespace {

constexpr std::size_t longest_header = 4UL << 20U;

/// Takes a header off the front of what `next` gives; the rest of its last octets goes to `rest`.
Result<std::string> take_header(queue::WireReader& reader, std::string& rest) {
    std::string text = std::move(rest);
    rest.clear();
    std::size_t searched = 0;
    while (true) {
        if (text.starts_with("\r\n")) {
            rest = text.substr(2);
            return std::string("\r\n");
        }
        const std::size_t end = text.find("\r\n\r\n", searched);
        if (end != std::string::npos) {
            rest = text.substr(end + 4);
            text.resize(end + 4);
            return text;
        }
        if (text.size() > longest_header) break;
        searched = text.size() < 3 ? 0 : text.size() - 3;
        const auto octets = reader.next();
        if (!octets) return octets.error();
        if (octets->empty()) break;
        text.append(*octets);
    }
    rest = std::move(text);
    return std::string();
}

/// Walks through the pieces.
class WholeContent {
public:
    explicit WholeContent(std::vector<queue::MessageFile*> pieces) : pieces_(std::move(pieces)) {}

    Result<std::string_view> next() {
        while (true) {
            if (!pending_.empty()) {
                given_ = std::move(pending_);
                pending_.clear();
                return std::string_view(given_);
            }
            if (reader_) {
                const auto octets = reader_->next();
                if (!octets || !octets->empty()) return octets;
                reader_.reset();
            }
            if (place_ == pieces_.size()) return std::string_view();
            if (auto begun = begin_piece(); !begun) return begun.error();
        }
    }

private:
    Result<void> begin_piece() {
        reader_ = std::make_unique<queue::WireReader>(*pieces_[place_]);
        const auto header = take_header(*reader_, pending_);
        if (!header) return header.error();
        if (place_++ > 0) return {};
        const auto enclosed = take_header(*reader_, pending_);
        if (!enclosed) return enclosed.error();
        pending_.insert(0, message::whole_header(*header, *enclosed));
        return {};
    }

    std::vector<queue::MessageFile*> pieces_;
    std::size_t place_ = 0;
    std::unique_ptr<queue::WireReader> reader_;
    std::string pending_;
    std::string given_;
};

}  // namespace

Result<std::string> read_header(queue::MessageFile& file) {
    queue::WireReader reader(file);
    std::string rest;
    return take_header(reader, rest);
}

Result<std::optional<Piece>> read_piece(queue::MessageFile& file) {
    const auto header = read_header(file);
    if (!header) return header.error();
    const auto labels =
        message::partial_labels(message::find_header(*header, "Content-Type").value_or(""));
    if (!labels) return std::nullopt;
    const auto unfinished = file.unfinished();
    if (!unfinished) return unfinished.error();
    Piece piece{{labels->id, file.envelope().sender, {}}, *labels};
    for (const std::size_t i : *unfinished)
        piece.key.recipients.push_back(file.envelope().recipients[i].address);
    std::sort(piece.key.recipients.begin(), piece.key.recipients.end());
    return piece;
}

std::vector<std::size_t> find_whole(const std::vector<message::PartialLabels>& pieces) {
    unsigned total = 0;
    for (const message::PartialLabels& piece : pieces) {
        if (total == 0) total = piece.total;
    }
    if (total == 0) return {};
    std::vector<std::size_t> places;
    for (unsigned number = 1; number <= total; ++number) {
        const auto found =
            std::find_if(pieces.begin(), pieces.end(), [&](const message::PartialLabels& piece) {
                return piece.number == number && (piece.total == 0 || piece.total == total);
            });
        if (found == pieces.end()) return {};
        places.push_back(static_cast<std::size_t>(found - pieces.begin()));
    }
    return places;
}

dequeue::Content whole_content(std::vector<queue::MessageFile*> pieces) {
    const auto content = std::make_shared<WholeContent>(std::move(pieces));
    return [content] { return content->next(); };
}

}  // namespace sluice::defragment
