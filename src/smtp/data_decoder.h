#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "smtp/line_masks.h"

namespace sluice::smtp {

/// What ends a line besides CR LF (channel keywords smtp_crlf, smtp_lf, smtp_cr, smtp_crorlf).
/// The end of the data is CR LF . CR LF in all of them.
enum class LineEndings { crlf, crlf_or_lf, crlf_or_cr, any };

constexpr bool accepts_bare_lf(LineEndings endings) {
    return endings == LineEndings::crlf_or_lf || endings == LineEndings::any;
}
constexpr bool accepts_bare_cr(LineEndings endings) {
    return endings == LineEndings::crlf_or_cr || endings == LineEndings::any;
}

/// What happens to a line over the limit (keywords truncatesmtplonglines, wrapsmtplonglines,
/// rejectsmtplonglines).
enum class LongLines { truncate, wrap, reject };

/// Turns what follows DATA on the wire into message octets: finds the end, takes the transparency
/// dots out, watches the line ends. Runs of octets come back as views into the input, nothing is
/// copied; a run ends only where an octet has to go or to come in.
///
/// The end is CR LF . CR LF and nothing else, however the bytes are cut into packets
/// (RFC 5321 section 4.1.1.4). A CR or LF that is not part of CR LF, where the line endings do not
/// allow it, is a fault: from there on no octet comes out, but the rest is read to its true end, so
/// that nothing hidden in it is taken for a command. Where they allow it, it comes out as CR LF; it
/// never starts a line for the purposes of the dot.
class DataDecoder {
public:
    enum class Fault { none, bare_cr, bare_lf, long_line };

    /// `line_limit` counts the CR LF (RFC 5321 section 4.5.3.1.6: 1000) and is at least 66.
    /// Without `dots` there is no end mark and no transparency (BDAT): see end_of_chunks().
    explicit DataDecoder(
        LineEndings endings = LineEndings::crlf,
        LongLines long_lines = LongLines::truncate,
        std::size_t line_limit = 1000,
        bool dots = true
    );

    /// The next run of message octets from the front of `input`, which is moved past what was used.
    /// An empty run means that `input` is used up or the end was found: see finished(). The view is
    /// valid as long as the input's bytes, or for ever.
    std::string_view next(std::string_view& input);

    /// Without dots: the data ends here. Returns octets that complete the last line where the line
    /// endings ask for it; finds a CR that stayed alone where they do not.
    std::string_view end_of_chunks();

    /// Whether the end of the data was read. Octets after it stay in the input.
    [[nodiscard]] bool finished() const { return state_ == State::finished; }
    [[nodiscard]] Fault fault() const { return fault_; }
    /// Message octets that came out (RFC 1870 section 5: without the transparency dots).
    [[nodiscard]] std::uint64_t octets() const { return octets_; }
    [[nodiscard]] bool saw_nul() const { return saw_nul_; }
    [[nodiscard]] bool saw_eight_bit() const { return saw_eight_bit_; }

private:
    enum class State { text, dot, dot_cr, dropping, finished };
    enum class Event { none, bare, dot, overflow };
    struct Found {
        Event event = Event::none;
        std::size_t at = 0;
    };

    Found scan(std::string_view input);
    Found find_event(const LineMasks& masks, const char* block, std::size_t size) const;
    std::size_t overflow_at(const LineMasks& masks, const char* block, std::size_t size) const;
    void pass(const LineMasks& masks, std::size_t count);
    std::string_view text_run(std::string_view& input);
    void handle_bare(std::string_view& input);
    void handle_overflow();
    void after_dot(std::string_view& input);
    void drop_line(std::string_view& input);
    void end_dropped_line(bool line_start);
    void start_line(bool wire_line);
    std::string_view counted(std::string_view run);

    LineEndings endings_;
    LongLines long_lines_;
    std::size_t text_limit_;
    bool dots_;
    State state_ = State::text;
    Fault fault_ = Fault::none;
    bool previous_cr_ = false;   // the last wire octet of this line was CR
    bool line_start_ = true;     // the next octet is the first after a CR LF
    std::size_t line_text_ = 0;  // octets on this line so far
    std::string_view pending_;   // octets to put in before the next run; static storage
    std::uint64_t octets_ = 0;
    bool saw_nul_ = false;
    bool saw_eight_bit_ = false;
};

}  // namespace sluice::smtp
