#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/ip_address.h"
#include "filter/plan.h"
#include "milter/client_session.h"

namespace sluice::filter {

/// Who sends, as filters are told.
struct ClientFacts {
    std::string name;                ///< by reverse DNS; empty: unknown
    std::optional<Endpoint> remote;  ///< nullopt: not by the network
    std::optional<Endpoint> local;
    std::string host;            ///< of ours, macro j
    std::string version;         ///< macro v
    std::string daemon;          ///< name of the channel that took the connection
    std::string source_channel;  ///< macro {source_channel}
};

/// A filter and what is said to it.
struct FilterLine {
    PlannedFilter planned;
    std::unique_ptr<milter::ClientSession> session;
    /// Another one: the session is new, and so must be the connection.
    std::uint64_t generation = 0;
    std::string helo;          ///< what the filter was told last
    bool answered = false;     ///< the session has been of use: a failure may be an old age's
    bool helo_is_new = false;  ///< the next verdict is about it
    /// What the filter said to it: refuses each MAIL until there is another one.
    std::optional<milter::ReplyText> helo_refusal;
};

/// For who settles lines: counts a filter that failed since it went beyond a limit.
void note_limit(FilterLine& line);

/// The filters of one SMTP session through its commands. Each command is a stage: every filter is
/// asked, in order, until one refuses. The shell settles lines in between:
///
///     filters.ask_sender(...);
///     while (FilterLine* line = filters.advance()) settle line->session
///     if (filters.refusal()) ...
///
/// A filter that fails is asked no more in this message; what follows from that is up to its
/// settings. Its next message begins with a new connection. No I/O.
class SessionFilters {
public:
    SessionFilters(Plan plan, ClientFacts client);

    void ask_connect();
    /// TLS is up: filters are told the next HELO with these macros, even if it is as before.
    void set_tls(milter::Macros macros);
    /// When HELO is said. The stage has no refusal, that comes with ask_hello(); filters that
    /// cannot be reached are left for then.
    void tell_hello(const std::string& name);
    /// Before MAIL: what the filter does not know yet of the connection.
    void ask_hello(const std::string& name);
    void ask_sender(
        const std::string& path,
        const std::vector<std::string>& parameters,
        const milter::Macros& macros
    );
    void ask_recipient(
        const std::string& path,
        const std::vector<std::string>& parameters,
        const milter::Macros& macros
    );
    /// One that is refused with `reply`, for filters that want to see those too. The stage has no
    /// refusal.
    void tell_refused_recipient(
        const std::string& path,
        const std::vector<std::string>& parameters,
        const milter::ReplyText& reply
    );
    [[nodiscard]] bool wants_refused_recipients() const;
    /// A command that nobody knows. The stage has no refusal.
    void tell_unknown(const std::string& line);
    void ask_data();

    /// The next line to settle; nullptr: the stage is over.
    FilterLine* advance();
    /// What the stage ended in.
    [[nodiscard]] const std::optional<milter::ReplyText>& refusal() const { return refusal_; }

    /// The message is given up, or over.
    void abort();
    [[nodiscard]] std::vector<FilterLine>& lines() { return lines_; }
    /// Of the transaction: for the end of its content.
    [[nodiscard]] const milter::Macros& macros() const { return transaction_; }

private:
    enum class Stage : std::uint8_t { connect, hello, sender, other, told };
    /// Of a sender whose filter's connection was gone.
    enum class Retry : std::uint8_t { none, greeting, done };
    using Ask = std::function<void(FilterLine&)>;

    void begin(Stage stage, Ask ask);
    void open(FilterLine& line);
    void greet(FilterLine& line);
    bool try_again(FilterLine& line);
    void note(FilterLine& line);
    [[nodiscard]] std::optional<milter::ReplyText> refusal_of(const FilterLine& line) const;

    std::vector<FilterLine> lines_;
    ClientFacts client_;
    std::string helo_;
    milter::Macros hello_macros_;
    milter::Macros transaction_;
    Stage stage_ = Stage::other;
    Ask ask_;
    std::size_t current_ = 0;
    bool asked_ = false;
    Retry retry_ = Retry::none;
    std::optional<milter::ReplyText> refusal_;
};

/// The macros that say who is at the other end.
milter::Macros client_macros(const ClientFacts& client, const PlannedFilter& planned);

/// How many connections there are with each filter. Thread-safe.
class ConnectionSlots {
public:
    /// False: there are `limit` already (0: no limit).
    bool take(int filter, std::int64_t limit);
    void give_back(int filter);

private:
    std::mutex mutex_;
    std::array<std::int64_t, config::most_filters> taken_{};
};

}  // namespace sluice::filter
