#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "milter/filter_reply.h"
#include "milter/macros.h"
#include "milter/packet.h"
#include "milter/verdict.h"

namespace sluice::milter {

/// Takes the new body of a message, in pieces. Somebody else's, since bodies may be large.
class BodySink {
public:
    BodySink() = default;
    BodySink(const BodySink&) = delete;
    BodySink& operator=(const BodySink&) = delete;
    virtual ~BodySink() = default;
    /// False where the octets could not be kept.
    virtual bool append(std::string_view octets) = 0;
};

/// The MTA's end of one connection with a filter, without socket and clock. Commands are queued and
/// sent one after the other, as the filter answers; what the filter does not want to see, or has
/// decided about, is left out. The shell settles the session after each command it adds:
///
///     session.mail("<a@b.example>", {}, macros);
///     while (!session.is_settled())
///         write take_output(); read; session.feed(octets)       or session.fail(why)
///     act upon session.verdict()
///     write take_output() when the next command comes, or now
///
/// States of the connection, and what moves between them:
///
///     fresh     the first command puts the negotiation in front of itself -> open
///     open      commands of the connection, then of messages
///     decided   accept, or a refusal, of the connection itself: nothing is asked any more
///     failed    fail(), or nonsense from the filter: nothing is asked any more
///
/// A verdict about a message ends with abort(), with the end of the message, and with the next
/// mail(). Not thread-safe. Protocol: docs/formats/milter.md.
class ClientSession {
public:
    explicit ClientSession(Macros common = {}) : common_(std::move(common)) {}

    /// `address` 0: not an IP connection; the filter is told so.
    void connect(
        std::string_view host_name,
        const std::optional<IpAddress>& address,
        std::uint16_t port,
        const Macros& macros
    );
    void helo(std::string_view name, const Macros& macros);
    /// With angle brackets, as the client gave it.
    void mail(
        std::string_view path, const std::vector<std::string>& parameters, const Macros& macros
    );
    /// verdict() is about this recipient alone unless it accepts or discards.
    void rcpt(
        std::string_view path, const std::vector<std::string>& parameters, const Macros& macros
    );
    void data(const Macros& macros);
    /// A command that the server does not know, as it came. It is refused whatever the filter says:
    /// a refusal of the filter's is not kept.
    void unknown(std::string_view line);
    /// `raw_value`: what stands behind the colon, folded, without its last line end.
    void header(std::string_view name, std::string_view raw_value);
    void end_of_header(const Macros& macros);
    /// At most chunk_size() octets.
    void body(std::string_view octets);
    /// `replacement` gets the new body, if the filter sends one, and outlives the settling.
    void end_of_message(const Macros& macros, BodySink& replacement);

    /// The message under way is forgotten, on both sides.
    void abort();
    /// The last words. Only what take_output() returns is left to do.
    void quit();
    /// The same, and the next connect() begins another session on the same line.
    void quit_new_connection();

    void feed(std::string_view octets);
    /// The shell could not reach the filter, or has waited long enough.
    void fail(std::string reason);

    [[nodiscard]] std::string take_output() { return std::exchange(output_, {}); }
    [[nodiscard]] bool has_output() const { return !output_.empty(); }
    [[nodiscard]] std::size_t output_size() const { return output_.size(); }
    /// Nothing is awaited of the filter.
    [[nodiscard]] bool is_settled() const { return awaited_ == 0 && queue_.empty(); }
    /// The filter works on a whole message: it may take its time.
    [[nodiscard]] bool awaits_end_of_message() const { return awaited_ == command::end_of_message; }
    /// The filter has told that it is at work: its time counts anew.
    [[nodiscard]] std::uint64_t packets() const { return packets_; }
    [[nodiscard]] bool is_failed() const { return connection_.kind == Verdict::Kind::failure; }
    /// Whether it failed since a packet or its changes were beyond their limits; once.
    [[nodiscard]] bool take_limit_hit() { return std::exchange(hit_limit_, false); }

    /// About the connection, the message under way, or the last recipient, whichever says most.
    [[nodiscard]] const Verdict& verdict() const;
    /// Whether the filter has any more questions about this message: if not, its content need not
    /// be read for it.
    [[nodiscard]] bool wants_message() const;
    [[nodiscard]] bool wants_headers() const { return wants_message() && !skips(step::no_headers); }
    [[nodiscard]] bool wants_body() const {
        return wants_message() && !skips(step::no_body) && !skips_body_;
    }
    /// The filter asks to see the recipients that we refuse as well.
    [[nodiscard]] bool wants_refused_recipients() const {
        return wants_message() && skips(step::rejected_rcpt) && !skips(step::no_rcpt);
    }
    [[nodiscard]] std::size_t chunk_size() const { return chunk_size_; }
    /// The filter gives and takes header values with the blank behind the colon.
    [[nodiscard]] bool keeps_leading_blank() const { return skips(step::leading_blank); }

    /// What the filter asked for at the end of the message.
    [[nodiscard]] const Changes& changes() const { return changes_; }
    [[nodiscard]] bool has_new_body() const { return has_new_body_; }

private:
    struct Command {
        char code = 0;
        std::string data;
        std::uint32_t left_out_by = 0;  ///< step flags
        std::uint32_t silent_by = 0;
        std::optional<Stage> stage = {};  ///< its macros go first
        Macros macros = {};
    };

    void add(Command command);
    void pump();
    void send(const Command& command);
    [[nodiscard]] bool is_wanted(const Command& command) const;
    [[nodiscard]] bool skips(std::uint32_t flag) const { return (steps_ & flag) != 0; }
    void forget_message();

    void on_packet(const Packet& packet);
    void on_agreement(const Packet& packet);
    void on_change(const Packet& packet);
    bool on_word(const Packet& packet);
    void on_skip();
    void answered(Verdict verdict);

    Macros common_;
    MacroLists lists_;
    PacketReader reader_;
    std::deque<Command> queue_;
    std::string output_;
    char awaited_ = 0;  ///< command that waits for its answer
    bool negotiated_ = false;
    bool has_data_command_ = true;     ///< the filter's version knows it
    bool has_unknown_command_ = true;  ///< likewise
    std::uint32_t steps_ = 0;
    std::size_t chunk_size_ = chunk_64k;
    std::uint64_t packets_ = 0;

    Verdict connection_;
    Verdict message_;
    Verdict recipient_;
    bool in_message_ = false;  ///< the filter has seen something of one
    bool skips_headers_ = false;
    bool skips_body_ = false;
    Changes changes_;
    std::size_t change_octets_ = 0;
    bool has_new_body_ = false;
    bool hit_limit_ = false;
    BodySink* body_sink_ = nullptr;
};

}  // namespace sluice::milter
