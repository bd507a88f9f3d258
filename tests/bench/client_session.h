#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace sluice::bench {

/// What the load consists of. Messages differ in id and recipient only.
struct Workload {
    std::uint64_t first_id = 0;
    std::uint64_t messages = 0;
    std::uint64_t messages_per_connection = 0;  // 0: as many as there are
    std::size_t size = 4096;                    // octets of header and body together
    std::uint64_t users = 1;                    // recipients are u0 ... u<users-1>
    std::string domain;
    /// With more than one, d0.<domain> ... are the recipients' domains, in turn.
    std::uint64_t domains = 1;
    std::uint64_t first_share = 0;  // percent of all that goes to d0; 0: as much as to the others
    std::string sender;
    bool pipelining = false;
};

/// Which messages are still to be sent, and how it went with the others. Shared by all sessions of
/// the one thread.
class Ledger {
public:
    explicit Ledger(Workload workload);

    [[nodiscard]] const Workload& workload() const { return workload_; }
    [[nodiscard]] const std::string& body() const { return body_; }
    std::optional<std::uint64_t> take();
    /// A message that was taken and not accepted: somebody else's turn.
    void give_back(std::uint64_t id) { returned_.push_back(id); }
    [[nodiscard]] bool has_more() const { return !returned_.empty() || next_ < workload_.messages; }

    /// `begun`: the transaction; `ended`: the dot that ended its data.
    void accepted(MonoTime begun, MonoTime ended, MonoTime now);
    void refused(std::string_view reply);
    void broken() { ++broken_; }
    [[nodiscard]] bool is_complete() const { return latencies_.size() == workload_.messages; }

    [[nodiscard]] std::uint64_t accepted_count() const { return latencies_.size(); }
    [[nodiscard]] std::uint64_t refused_count() const { return refused_; }
    [[nodiscard]] std::uint64_t broken_count() const { return broken_; }
    [[nodiscard]] MonoTime last_accepted() const { return last_accepted_; }
    [[nodiscard]] const std::string& last_refusal() const { return last_refusal_; }
    /// Milliseconds below which `share` of the messages stayed; from the start of the transaction,
    /// or from the final dot.
    [[nodiscard]] double latency(double share) const { return quantile(latencies_, share); }
    [[nodiscard]] double commit_latency(double share) const { return quantile(commits_, share); }

private:
    static double quantile(std::vector<float> milliseconds, double share);

    Workload workload_;
    std::string body_;
    std::uint64_t next_ = 0;
    std::vector<std::uint64_t> returned_;
    std::vector<float> latencies_;
    std::vector<float> commits_;
    std::uint64_t refused_ = 0;
    std::uint64_t broken_ = 0;
    MonoTime last_accepted_{};
    std::string last_refusal_;
};

/// One connection's dialogue, without I/O: replies in, commands and messages out.
///
///     greeting -> hello -> [ mail -> recipient -> data -> content ]... -> quit -> over
///
/// With pipelining the three commands of an envelope go out together (RFC 2920 section 3.1); the
/// states then only count their replies. A refusal ends the session: its message goes back to the
/// ledger.
class ClientSession {
public:
    /// `id`: the first message, taken from the ledger by the caller.
    ClientSession(Ledger& ledger, std::uint64_t id) : ledger_(ledger), id_(id) {}

    /// Bytes from the server; complete lines are acted upon.
    void on_input(std::string_view bytes, MonoTime now);
    /// The connection ended or could not be made.
    void on_close();
    [[nodiscard]] bool is_over() const { return state_ == State::over; }
    /// Whether the session ended otherwise than by QUIT.
    [[nodiscard]] bool has_failed() const { return failed_; }
    /// Bytes for the server; the caller takes them away.
    std::string& output() { return output_; }

private:
    enum class State { greeting, hello, mail, recipient, data, content, quit, over };

    void on_reply(std::string_view line, MonoTime now);
    void on_accepted(MonoTime now);
    void begin_envelope(MonoTime now);
    void send_content(MonoTime now);
    void fail();
    [[nodiscard]] std::string recipient() const;

    Ledger& ledger_;
    std::optional<std::uint64_t> id_;
    State state_ = State::greeting;
    bool failed_ = false;
    std::uint64_t sent_ = 0;
    MonoTime begun_{};
    MonoTime ended_{};
    std::string input_;
    std::string output_;
};

}  // namespace sluice::bench
