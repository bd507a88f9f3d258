#include "message/mime_content.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "message/mime_scanner.h"

namespace sluice::message {

namespace {

/// Looks at the beginnings of lines.
class BoundaryWatch {
public:
    explicit BoundaryWatch(const std::vector<std::string>& boundaries) : boundaries_(boundaries) {}

    void feed(std::string_view bytes) {
        for (const char c : bytes) {
            if (c == '\n') {
                finish();
                line_.clear();
            } else if (line_.size() < longest_boundary_line) {
                line_ += c;
            }
        }
    }
    void finish() { found_ = found_ || is_boundary(); }
    [[nodiscard]] bool found() const { return found_; }

private:
    [[nodiscard]] bool is_boundary() const {
        std::string_view line = line_;
        while (!line.empty() && (is_blank(line.back()) || line.back() == '\r'))
            line.remove_suffix(1);
        if (!line.starts_with("--")) return false;
        line.remove_prefix(2);
        return std::any_of(boundaries_.begin(), boundaries_.end(), [&](const std::string& one) {
            return line.starts_with(one) &&
                   (line.size() == one.size() || line.substr(one.size()) == "--");
        });
    }

    const std::vector<std::string>& boundaries_;
    std::string line_;
    bool found_ = false;
};

}  // namespace

ContentProducer content_of(std::shared_ptr<ByteSource> source) {
    return [source = std::move(source)](const ByteSink& sink) {
        return read_range(*source, {0, source->size()}, sink);
    };
}

ContentProducer decoded_content(
    std::shared_ptr<ByteSource> source, const ByteRange& body, TransferEncoding encoding
) {
    return [source = std::move(source), body, encoding](const ByteSink& sink) -> Result<void> {
        TransferDecoder decoder(encoding);
        std::string out;
        auto read = read_range(*source, body, [&](std::string_view bytes) -> Result<void> {
            out.clear();
            decoder.decode(bytes, out);
            return out.empty() ? Result<void>() : sink(out);
        });
        if (!read) return read;
        out.clear();
        decoder.finish(out);
        return out.empty() ? Result<void>() : sink(out);
    };
}

ContentProducer changed_content(ContentProducer content, MakeContentFilter change) {
    return [content = std::move(content),
            change = std::move(change)](const ByteSink& sink) -> Result<void> {
        const auto filter = change();
        std::string out;
        auto read = content([&](std::string_view bytes) -> Result<void> {
            out.clear();
            filter->feed(bytes, out);
            return out.empty() ? Result<void>() : sink(out);
        });
        if (!read) return read;
        out.clear();
        filter->finish(out);
        return out.empty() ? Result<void>() : sink(out);
    };
}

ContentProducer encoded_body(
    ContentProducer content, TransferEncoding encoding, ContentMode mode, bool line_end_behind
) {
    return [content = std::move(content), encoding, mode,
            line_end_behind](const ByteSink& sink) -> Result<void> {
        TransferEncoder encoder(encoding, mode);
        std::string out;
        char last = '\n';
        const auto give = [&]() -> Result<void> {
            if (out.empty()) return {};
            last = out.back();
            return sink(out);
        };
        auto made = content([&](std::string_view bytes) {
            out.clear();
            encoder.encode(bytes, out);
            return give();
        });
        if (!made) return made;
        out.clear();
        encoder.finish(out);
        if (auto given = give(); !given) return given;
        return line_end_behind && last != '\n' ? sink("\r\n") : Result<void>();
    };
}

ContentProducer in_front_of_line_feed(ContentProducer content) {
    return [content = std::move(content)](const ByteSink& sink) -> Result<void> {
        char last = '\n';
        auto made = content([&](std::string_view bytes) {
            if (!bytes.empty()) last = bytes.back();
            return sink(bytes);
        });
        if (!made) return made;
        return last == '\r' ? sink("\r") : Result<void>();
    };
}

Result<bool> has_boundary_line(
    const ContentProducer& content, const std::vector<std::string>& boundaries
) {
    BoundaryWatch watch(boundaries);
    auto read = content([&](std::string_view bytes) -> Result<void> {
        watch.feed(bytes);
        return {};
    });
    if (!read) return std::move(read).error();
    watch.finish();
    return watch.found();
}

}  // namespace sluice::message
