#include "enqueue/fragmenting.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>

#include "channel/keyword.h"
#include "message/partial.h"

namespace sluice::enqueue {

namespace {

using Lines = std::function<Result<void>(std::string_view)>;

/// All the content from an offset, cut behind line ends only where `line_end` says so.
Result<void> read_from(queue::FinishedFile& file, std::uint64_t offset, const Lines& take) {
    std::array<char, 65536> buffer{};
    for (;;) {
        const auto got = file.read_content(offset, buffer.data(), buffer.size());
        if (!got) return got.error();
        if (*got == 0) return {};
        if (auto taken = take(std::string_view(buffer.data(), *got)); !taken) return taken;
        offset += *got;
    }
}

/// One piece of the body.
struct Stretch {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// What the first look at the content finds.
struct Survey {
    std::string header;  ///< with its blank line
    bool has_eight_bit = false;
    std::uint64_t lines = 0;
    std::uint64_t octets = 0;
};

/// Headers beyond this are not looked for: such a message stays whole.
constexpr std::size_t longest_header = 4UL << 20U;

Result<Survey> survey(queue::FinishedFile& file) {
    Survey found;
    bool in_header = true;
    const auto looked = read_from(file, 0, [&](std::string_view bytes) -> Result<void> {
        found.octets += bytes.size();
        found.lines += static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
        found.has_eight_bit =
            found.has_eight_bit || std::any_of(bytes.begin(), bytes.end(), [](char c) {
                return static_cast<unsigned char>(c) >= 0x80;
            });
        if (!in_header) return {};
        const std::size_t seen = found.header.size();
        found.header += bytes;
        const std::size_t end = found.header.find("\r\n\r\n", seen < 3 ? 0 : seen - 3);
        if (end != std::string::npos) found.header.resize(end + 4);
        in_header = end == std::string::npos && found.header.size() < longest_header;
        return {};
    });
    if (!looked) return looked.error();
    if (!found.header.ends_with("\r\n\r\n")) found.header.clear();
    return found;
}

std::uint64_t room_for_body(std::uint64_t limit, std::uint64_t header, double header_share) {
    if (limit == 0) return 0;
    const double most = static_cast<double>(limit) * std::clamp(header_share, 0.0, 0.95);
    const auto taken = std::min(header, static_cast<std::uint64_t>(most));
    return std::max<std::uint64_t>(1, limit - taken);
}

/// Where the body is cut: behind the last line that fits, at least one line in each.
class Cutter {
public:
    Cutter(std::uint64_t begin, std::uint64_t octets, std::uint64_t lines)
        : octets_(octets), lines_(lines), begin_(begin), line_end_(begin), position_(begin) {}

    void take(std::string_view bytes) {
        while (!bytes.empty()) {
            const std::size_t newline = bytes.find('\n');
            const std::size_t used = newline == std::string_view::npos ? bytes.size() : newline + 1;
            position_ += used;
            bytes.remove_prefix(used);
            if (newline != std::string_view::npos) end_line();
        }
    }

    std::vector<Stretch> finish() {
        if (position_ > line_end_) end_line();
        if (line_end_ > begin_) cut_at(line_end_);
        return std::move(stretches_);
    }

private:
    void end_line() {
        const bool too_large = octets_ > 0 && position_ - begin_ > octets_;
        const bool too_long = lines_ > 0 && line_count_ + 1 > lines_;
        if ((too_large || too_long) && line_end_ > begin_) cut_at(line_end_);
        line_end_ = position_;
        ++line_count_;
    }
    void cut_at(std::uint64_t end) {
        stretches_.push_back({begin_, end});
        begin_ = end;
        line_count_ = 0;
    }

    std::uint64_t octets_;
    std::uint64_t lines_;
    std::uint64_t begin_;
    std::uint64_t line_end_;
    std::uint64_t position_;
    std::uint64_t line_count_ = 0;
    std::vector<Stretch> stretches_;
};

Result<std::vector<Stretch>> find_stretches(
    queue::FinishedFile& file, const Survey& found, const PieceLimits& limits
) {
    const auto header_lines =
        static_cast<std::uint64_t>(std::count(found.header.begin(), found.header.end(), '\n'));
    Cutter cutter(
        found.header.size(),
        room_for_body(limits.octets, found.header.size(), limits.header_octets),
        room_for_body(limits.lines, header_lines, limits.header_lines)
    );
    const auto read = read_from(file, found.header.size(), [&](std::string_view bytes) {
        cutter.take(bytes);
        return Result<void>();
    });
    if (!read) return read.error();
    return cutter.finish();
}

class PieceWriter {
public:
    PieceWriter(
        queue::Store& store,
        queue::FinishedFile& whole,
        const std::string& header,
        const queue::CopyOptions& copy,
        const queue::Envelope& envelope,
        const std::string& id
    )
        : store_(store),
          whole_(whole),
          header_(header),
          copy_(copy),
          envelope_(envelope),
          id_(id) {}

    Result<queue::FinishedFile> write(const Stretch& stretch, unsigned number, unsigned total) {
        const std::string message_id = "<" + std::to_string(number) + "." + id_ + ">";
        queue::Envelope envelope = envelope_;
        envelope.message_id = message_id;
        auto writer = queue::MessageWriter::create(store_, copy_, envelope);
        if (!writer) return std::move(writer).error();
        std::string head = message::piece_header(header_, {id_, number, total}, message_id);
        if (number == 1) head += message::enclosed_header(header_);
        if (auto begun = writer->append(head); !begun) return begun.error();
        if (auto copied = copy_body(*writer, stretch); !copied) return copied.error();
        return writer->finish();
    }

private:
    Result<void> copy_body(queue::MessageWriter& writer, const Stretch& stretch) {
        std::array<char, 65536> buffer{};
        for (std::uint64_t at = stretch.begin; at < stretch.end;) {
            const auto wanted = std::min<std::uint64_t>(buffer.size(), stretch.end - at);
            const auto got = whole_.read_content(at, buffer.data(), wanted);
            if (!got) return got.error();
            if (*got == 0) return Error::temporary({4, 3, 0}, "temporary failure", "content ends");
            auto written = writer.append(std::string_view(buffer.data(), *got));
            if (!written) return written;
            at += *got;
        }
        return {};
    }

    queue::Store& store_;
    queue::FinishedFile& whole_;
    const std::string& header_;
    const queue::CopyOptions& copy_;
    const queue::Envelope& envelope_;
    const std::string& id_;
};

}  // namespace

PieceLimits piece_limits(
    const channel::Channel& channel, std::uint64_t block_size, const PieceLimits& shares
) {
    PieceLimits limits = shares;
    const auto positive = [&](channel::Keyword keyword) {
        return static_cast<std::uint64_t>(
            std::max<std::int64_t>(0, channel.limit(keyword).value_or(0))
        );
    };
    limits.octets = positive(channel::Keyword::maxblocks) * block_size;
    limits.lines = positive(channel::Keyword::maxlines);
    return limits;
}

Result<std::optional<std::vector<queue::FinishedFile>>> cut_into_pieces(
    queue::Store& store,
    queue::FinishedFile& whole,
    const PieceLimits& limits,
    const queue::CopyOptions& copy,
    const queue::Envelope& envelope,
    const std::string& id
) {
    const bool may_be_large = limits.octets > 0 && whole.content_size() > limits.octets;
    if (envelope.encoding != queue::ContentEncoding::crlf) return std::nullopt;
    if (!may_be_large && limits.lines == 0) return std::nullopt;
    const auto found = survey(whole);
    if (!found) return found.error();
    const bool is_long = limits.lines > 0 && found->lines > limits.lines;
    if ((!may_be_large && !is_long) || found->has_eight_bit || found->header.empty())
        return std::nullopt;
    const auto stretches = find_stretches(whole, *found, limits);
    if (!stretches) return stretches.error();
    if (stretches->size() < 2 || stretches->size() > message::max_pieces) return std::nullopt;
    PieceWriter writer(store, whole, found->header, copy, envelope, id);
    std::vector<queue::FinishedFile> pieces;
    const auto total = static_cast<unsigned>(stretches->size());
    for (const Stretch& stretch : *stretches) {
        auto piece = writer.write(stretch, static_cast<unsigned>(pieces.size()) + 1, total);
        if (!piece) return std::move(piece).error();
        pieces.push_back(std::move(*piece));
    }
    return pieces;
}

}  // namespace sluice::enqueue
