#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "message/mime_part.h"

// Finds the parts of a MIME message (RFC 2045, 2046, 2047, 2231, 6532) while it streams past, in
// pieces of any size, without changing or keeping it. Mail is never refused here: what is not as it
// should be is read as far as it goes and said in PartTrouble.
//
// Two ways to use it: scan, then look at parts(), whose byte ranges say where everything is in the
// source; or watch with a MimeSink, which gets every octet of the message exactly once, in order,
// with what it belongs to. Lines end in LF, with or without CR in front.
namespace sluice::message {

/// Ceilings. Memory of a scanner is bounded by header + labels + parts, whatever comes.
struct MimeLimits {
    /// Containers in containers; what would be a container below is a leaf and says too_deep.
    unsigned depth = 50;
    /// Parts of one message. The part that would be one more begins at its boundary line and is all
    /// the rest of the message: one leaf, no header read, says too_many_parts.
    std::size_t parts = 10000;
    /// Octets of one part's header that are looked at for its labels; more says header_cut.
    std::size_t header = 256UL * 1024;
    /// Octets of labels remembered of the whole message; beyond them as beyond `parts`.
    std::size_t labels = 4096UL * 1024;
};

/// A boundary line, "--" and line end included, is never longer than this; nor is a boundary
/// (RFC 2046 section 5.1.1 allows 70 octets, the wild knows more).
inline constexpr std::size_t longest_boundary_line = 998;

/// What an octet of the message is.
enum class PieceKind : std::uint8_t {
    header,      ///< of a part, with line ends
    blank_line,  ///< that ends a header
    body,        ///< of a leaf
    preamble,    ///< of a multipart
    delimiter,   ///< boundary line in front of a part, with the line end in front of it; comes
                 ///< with the part that it opens
    close,       ///< last boundary line of a multipart, with the line end in front of it
    epilogue,    ///< of a multipart, with the line end of its last boundary line
};

/// Gets what the scanner sees. The parts passed are good until the call returns; their ranges grow
/// until part_ended().
class MimeSink {
public:
    MimeSink() = default;
    MimeSink(const MimeSink&) = delete;
    MimeSink& operator=(const MimeSink&) = delete;
    virtual ~MimeSink() = default;

    /// A part begins; index, parent and depth are known. Its delimiter, if any, follows.
    virtual void part_begun(const MimePart&) {}
    /// The header is over, labels, kind and number are known; the blank line, if any, comes next.
    virtual void header_ended(const MimePart&) {}
    /// Octets of the message. The pieces of all calls, one behind the other, are the message.
    virtual void piece(PieceKind, const MimePart&, std::string_view) {}
    /// The part and all parts in it are complete.
    virtual void part_ended(const MimePart&) {}
};

/// One per message, one thread.
class MimeScanner {
public:
    /// `sink` may be null, and outlives the scanner.
    explicit MimeScanner(const MimeLimits& limits = {}, MimeSink* sink = nullptr);
    ~MimeScanner();
    MimeScanner(MimeScanner&&) noexcept;
    MimeScanner& operator=(MimeScanner&&) noexcept;

    void feed(std::string_view bytes);
    /// The message is complete; ends all parts. Nothing may be fed afterwards.
    void finish();
    /// In the order of the message: the outermost first, each parent in front of its children.
    /// Complete after finish(); parts are begun with their boundary line.
    [[nodiscard]] const MimeParts& parts() const;
    /// Takes the list away, after finish().
    [[nodiscard]] MimeParts take_parts();

private:
    class Work;
    std::unique_ptr<Work> work_;
};

/// The parts of a message in memory.
[[nodiscard]] MimeParts scan_message(std::string_view message, const MimeLimits& limits = {});

/// Children of a part, in order; indexes.
[[nodiscard]] std::vector<std::size_t> children_of(const MimeParts& parts, std::size_t index);

}  // namespace sluice::message
