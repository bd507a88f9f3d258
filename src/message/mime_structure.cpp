#include "message/mime_structure.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "message/header_field.h"
#include "message/mime_labels.h"
#include "message/mime_scanner.h"

namespace sluice::message {

namespace {

/// Longer headers are not taken apart, and their parts stay where they are.
constexpr std::uint64_t longest_header = 256UL * 1024;
constexpr std::string_view line_end = "\r\n";

using Indexes = std::vector<std::size_t>;

/// Fields of a header: those about the content, or the others.
std::string fields_of(std::string_view header, bool of_content) {
    std::string out =
        of_content ? "" : std::string(header.substr(0, mailbox_separator_length(header)));
    header.remove_prefix(mailbox_separator_length(header));
    for (const HeaderField& field : split_header(header)) {
        const bool is_content = starts_with_ignoring_case(field.name, "content-");
        if (is_content != of_content) continue;
        out += field.raw;
        if (!out.ends_with('\n')) out += line_end;
    }
    return out;
}

bool has_field(std::string_view header, std::string_view name) {
    return find_header(header, name).has_value();
}

Result<std::string> read_text(ByteSource& source, const ByteRange& range) {
    std::string text;
    auto read = read_range(source, range, [&](std::string_view bytes) -> Result<void> {
        text += bytes;
        return {};
    });
    if (!read) return std::move(read).error();
    return text;
}

/// What takes the place of the headers of parts in one another, the outermost first.
struct JoinedHeader {
    ByteRange outer;  ///< header of the part that stays
    bool is_message = false;
    ByteRange content;        ///< header of the part whose content it gets
    bool needs_type = false;  ///< in a digest what says nothing is a message
    std::string wrapping;     ///< boundary of a new multipart around the content; empty: none

    [[nodiscard]] Result<std::string> text(ByteSource& source) const {
        auto own = read_text(source, outer);
        if (!own) return own;
        const auto given = read_text(source, content);
        if (!given) return given;
        std::string out = fields_of(*own, false);
        if (is_message && !has_field(*own, "MIME-Version")) out += "MIME-Version: 1.0\r\n";
        std::string labels = fields_of(*given, true);
        if (needs_type && !has_field(*given, "Content-Type"))
            labels += "Content-Type: text/plain\r\n";
        if (!wrapping.empty()) {
            out += "Content-Type: multipart/mixed; boundary=\"" + wrapping + "\"\r\n\r\n--" +
                   wrapping + "\r\n";
        }
        return out + labels + "\r\n";
    }
};

std::string delimiter(const std::string& boundary) {
    return "\r\n--" + boundary + "\r\n";
}

bool is_sealed(const MimePart& part) {
    return part.type.is("multipart", "signed") || part.type.is("multipart", "encrypted");
}

bool is_sound(const MimePart& part) {
    return !part.trouble.any() && part.header.size() <= longest_header;
}

bool is_mixed(const MimePart& part) {
    return part.kind == PartKind::multipart && part.type.is("multipart", "mixed");
}

/// Of one part such a multipart says no more than the part alone.
bool only_groups(const MimePart& part) {
    constexpr std::array<std::string_view, 4> subtypes = {
        "mixed", "alternative", "related", "parallel"};
    return part.kind == PartKind::multipart &&
           std::find(subtypes.begin(), subtypes.end(), part.type.subtype) != subtypes.end();
}

class StructureEditor {
public:
    StructureEditor(
        const MimeParts& parts, const StructureWish& wish, std::shared_ptr<ByteSource> source
    )
        : parts_(parts), wish_(wish), source_(std::move(source)), children_(parts.size()) {
        for (const MimePart& part : parts_) {
            if (part.parent != MimePart::none) children_[part.parent].push_back(part.index);
        }
    }

    Result<ByteEdits> run() {
        open_.push_back({});
        while (!open_.empty()) {
            const Place place = std::move(open_.back());
            open_.pop_back();
            if (auto taken = take(place); !taken) return std::move(taken).error();
        }
        return std::move(edits_);
    }

private:
    /// A part, and the multipart that it will be in.
    struct Place {
        std::size_t part = 0;
        std::string boundary = {};  ///< of that multipart; empty: there is none
        bool in_mixed = false;
        bool in_digest = false;
        bool new_delimiter = false;  ///< the multipart is another than the one it was in
    };

    /// The part that may take the place of `part`: what that holds, alone.
    [[nodiscard]] std::optional<std::size_t> heir_of(const MimePart& part) const {
        const Indexes& held = children_[part.index];
        const bool goes = part.kind == PartKind::message ? wish_.embedded != EmbeddedMessages::keep
                                                         : wish_.fewer_levels && only_groups(part);
        if (!goes || held.size() != 1 || !is_sound(part) || !is_sound(parts_[held.front()]))
            return std::nullopt;
        return held.front();
    }

    Result<void> take(const Place& place) {
        std::size_t heir = place.part;
        std::vector<ByteRange> shown;  // headers that become parts
        while (const auto next = heir_of(parts_[heir])) {
            if (parts_[heir].kind == PartKind::message &&
                wish_.embedded == EmbeddedMessages::flatten_with_header)
                shown.push_back(parts_[*next].header);
            heir = *next;
        }
        const MimePart& first = parts_[place.part];
        const MimePart& last = parts_[heir];
        if (place.new_delimiter) edits_.replace(first.delimiter, delimiter(place.boundary));
        const std::string wrapping = shown.empty() || !place.boundary.empty()
                                         ? std::string()
                                         : wish_.boundary + '-' + std::to_string(++wrappings_);
        if (is_dissolved(place, last)) {
            dissolve(place, first, last);
        } else {
            if (heir != place.part) join(place, first, last, wrapping);
            enter(last);
        }
        return show(first, shown, place.boundary, wrapping);
    }

    /// The parts inside come one by one.
    void enter(const MimePart& part) {
        if (is_sealed(part)) return;
        const bool is_multipart = part.kind == PartKind::multipart;
        for (const std::size_t child : children_[part.index]) {
            open_.push_back(
                {child, is_multipart ? std::string(boundary_of(part)) : std::string(),
                 is_mixed(part), part.type.is("multipart", "digest"), false}
            );
        }
    }

    void join(
        const Place& place, const MimePart& first, const MimePart& last, const std::string& wrapping
    ) {
        const JoinedHeader joined{
            first.header, first.is_message_header, last.header, place.in_digest, wrapping};
        edits_.replace(
            {first.header.begin, last.blank_line.end},
            [joined, source = source_](const ByteSink& sink) -> Result<void> {
                const auto text = joined.text(*source);
                return text ? sink(*text) : Result<void>(text.error());
            }
        );
        if (last.body.end < first.body.end) edits_.remove({last.body.end, first.body.end});
    }

    /// Headers as parts behind what they were in front of.
    Result<void> show(
        const MimePart& first,
        const std::vector<ByteRange>& shown,
        const std::string& boundary,
        const std::string& wrapping
    ) {
        if (shown.empty()) return {};
        const std::uint64_t where = first.body.end;
        for (const ByteRange& header : shown) {
            edits_.insert(
                where, delimiter(wrapping.empty() ? boundary : wrapping) +
                           "Content-Type: text/rfc822-headers\r\n\r\n"
            );
            edits_.replace({where, where}, [header, source = source_](const ByteSink& sink) {
                return read_range(*source, header, sink);
            });
        }
        if (!wrapping.empty()) {
            edits_.insert(where, "\r\n--" + wrapping + "--\r\n");
            return {};
        }
        char next = 0;
        if (where < source_->size()) {
            const auto got = source_->read(where, &next, 1);
            if (!got) return got.error();
        }
        // No line end stands in front of the boundary line there.
        if (next == '-') edits_.insert(where, std::string(line_end));
        return {};
    }

    [[nodiscard]] bool is_dissolved(const Place& place, const MimePart& part) const {
        if (!wish_.fewer_levels || !place.in_mixed || !is_mixed(part) || !is_sound(part))
            return false;
        const Indexes& held = children_[part.index];
        return held.size() > 1 && std::all_of(held.begin(), held.end(), [&](std::size_t child) {
                   return is_sound(parts_[child]);
               });
    }

    /// The boundary line in front of the multipart is that of its first part now.
    void dissolve(const Place& place, const MimePart& first, const MimePart& last) {
        const Indexes& held = children_[last.index];
        edits_.remove({first.header.begin, parts_[held.front()].header.begin});
        edits_.remove({parts_[held.back()].body.end, first.body.end});
        for (const std::size_t child : held)
            open_.push_back({child, place.boundary, true, false, child != held.front()});
    }

    const MimeParts& parts_;
    const StructureWish& wish_;
    std::shared_ptr<ByteSource> source_;
    std::vector<Indexes> children_;
    std::vector<Place> open_;  ///< places to go to; instead of recursion
    unsigned wrappings_ = 0;
    ByteEdits edits_;
};

}  // namespace

Result<ByteEdits> structure_edits(
    const MimeParts& parts, const StructureWish& wish, const std::shared_ptr<ByteSource>& source
) {
    return StructureEditor(parts, wish, source).run();
}

}  // namespace sluice::message
