#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "jobs/limits.h"

// The job controller's protocol: what enqueuers, channel programs and operator commands say to it
// over a Unix stream socket, and what it answers. Spec: job-controller.md section 4; bytes:
// docs/formats/job-protocol.md. This header is values and their codec only: no sockets, no clock.
//
// A connection opens with Hello/Welcome. Then
//     enqueuer   Enqueue   -> Accepted                    files that were just committed
//     worker     Done         (no reply)                  what became of messages
//                Stress       (no reply)                  the far end is overloaded
//                Ask       -> Work | Wait | Exit          one connection per worker thread
//     operator   Run, Sync, Stop, Start, Forget -> Okay,  List -> rows... ListEnd,
//                Status    -> StatusReply,            Reload -> Reloaded,
//                Change, Walk -> Okay
// A request that cannot be obeyed is answered with Problem; bytes that are not this protocol close
// the connection.
namespace sluice::jobs {

enum class Verb : std::uint8_t {
    hello = 0x01,
    enqueue = 0x02,
    ask = 0x03,
    done = 0x04,
    run = 0x05,
    list = 0x06,
    sync = 0x07,
    stop = 0x08,
    start = 0x09,
    status = 0x0a,
    forget = 0x0b,
    reload = 0x0c,
    change = 0x0d,
    walk = 0x0e,
    stress = 0x0f,
    welcome = 0x81,
    accepted = 0x82,
    work = 0x83,
    wait = 0x84,
    exit = 0x85,
    okay = 0x86,
    channel_rows = 0x87,
    host_rows = 0x88,
    message_rows = 0x89,
    job_rows = 0x8a,
    list_end = 0x8b,
    status_reply = 0x8c,
    reloaded = 0x8d,
    problem = 0xff,
};

enum class Role : std::uint8_t { enqueuer = 1, worker = 2, control = 3 };

/// Smaller is sooner.
enum class Priority : std::uint8_t { urgent = 0, normal = 1, nonurgent = 2, second = 3, third = 4 };

/// First frame of every connection.
struct Hello {
    static constexpr Verb verb = Verb::hello;
    std::array<char, 4> magic{'S', 'L', 'J', 'C'};
    std::uint16_t version = protocol_version;
    Role role = Role::control;
    std::uint32_t pid = 0;
    friend bool operator==(const Hello&, const Hello&) = default;
};

struct Welcome {
    static constexpr Verb verb = Verb::welcome;
    std::uint16_t version = protocol_version;
    std::uint32_t pid = 0;  ///< the job controller's
    friend bool operator==(const Welcome&, const Welcome&) = default;
};

/// One committed message file that wants delivery.
struct NewMessage {
    std::string channel;
    std::string file;  ///< relative to the channel's directory: "003/ZZ84PHKX1L3Q0A0001.00"
    std::string host;  ///< destination host; empty where it does not matter or is not known
    Priority priority = Priority::normal;
    bool released = false;   ///< just released from hold: goes ahead of all others
    bool partial = false;    ///< replaces a partly delivered file: one attempt at once (log code Z)
    std::uint64_t size = 0;  ///< octets
    std::uint32_t recipients = 1;  ///< in this file
    std::uint16_t attempts = 0;    ///< failed ones so far
    WallTime enqueued{};           ///< first enqueue; ages count from here
    friend bool operator==(const NewMessage&, const NewMessage&) = default;
};

/// Without messages it says that nothing committed is left to be told: the last frame of an
/// enqueuer that ends in order. When one goes without it, the job controller looks through the
/// queue for what it was not told.
struct Enqueue {
    static constexpr Verb verb = Verb::enqueue;
    std::vector<NewMessage> messages;
    friend bool operator==(const Enqueue&, const Enqueue&) = default;
};

/// `accepted` counts files the job controller now knows of (tracked, or noted as being on disk
/// while the structure is full); `refused` those that name no channel or no queue file.
struct Accepted {
    static constexpr Verb verb = Verb::accepted;
    std::uint32_t accepted = 0;
    std::uint32_t refused = 0;
    friend bool operator==(const Accepted&, const Accepted&) = default;
};

/// A worker thread asks for work. The answer is held back up to `patience` seconds while there is
/// none, so that a waiting thread gets a new message at once.
struct Ask {
    static constexpr Verb verb = Verb::ask;
    std::string channel;
    std::uint32_t pid = 0;
    std::uint32_t thread = 0;
    std::uint32_t job = 0;           ///< SLUICE_JOB from the environment, 0 when started by hand
    std::uint16_t thread_limit = 1;  ///< most worker threads of this process
    std::uint16_t max_messages = 1;
    std::uint16_t patience = 0;
    friend bool operator==(const Ask&, const Ask&) = default;
};

/// A message handed to a worker; it stays in progress until Done names it or the connection closes.
struct WorkItem {
    std::uint64_t handle = 0;
    std::string file;
    std::string host;  ///< as in NewMessage; empty: the file tells
    Priority priority = Priority::normal;
    std::uint16_t attempts = 0;
    std::uint64_t size = 0;
    std::uint32_t recipients = 1;
    friend bool operator==(const WorkItem&, const WorkItem&) = default;
};

struct Work {
    static constexpr Verb verb = Verb::work;
    std::vector<WorkItem> items;  ///< at least one; all for one host where the channel cares
    std::uint16_t more = 0;       ///< further threads that would get work now
    friend bool operator==(const Work&, const Work&) = default;
};

/// Nothing to do: ask again after that many seconds (0: at once, the patience has run out).
struct Wait {
    static constexpr Verb verb = Verb::wait;
    std::uint16_t seconds = 0;
    friend bool operator==(const Wait&, const Wait&) = default;
};

/// The thread shall end; the process ends with its last thread.
struct Exit {
    static constexpr Verb verb = Verb::exit;
    friend bool operator==(const Exit&, const Exit&) = default;
};

enum class Outcome : std::uint8_t {
    ok = 0,         ///< file removed: delivered, returned or deleted
    temp = 1,       ///< attempt failed, try again by the backoff; `new_file` names it now
    renamed = 2,    ///< replaced by `new_file` with the recipients left: one attempt at once (Z)
    held = 3,       ///< taken out of circulation
    gone = 4,       ///< no such file any more
    locked = 5,     ///< another process has it: try again in a minute
    untried = 6,    ///< given back without an attempt
    postponed = 7,  ///< not to be tried for `delay` seconds; no attempt counted
};

/// What the worker learnt about the destination host, apart from the message.
enum class HostReport : std::uint8_t {
    none = 0,
    reached = 1,  ///< a session was established
    failed = 2,   ///< could not be reached: all its messages wait, and one probes later
};

struct DoneItem {
    std::uint64_t handle = 0;
    Outcome outcome = Outcome::ok;
    HostReport host_report = HostReport::none;
    std::uint32_t recipients = 0;  ///< left in `new_file`; 0: as before
    std::uint32_t delay = 0;       ///< seconds, of `postponed`; 0: as long as after a failure
    std::string new_file;          ///< relative to the channel's directory; empty: name unchanged
    std::string host;    ///< the destination host where the work item had none; else empty
    std::string reason;  ///< of a failure, for `qm messages`; at most max_reason octets
    friend bool operator==(const DoneItem&, const DoneItem&) = default;
};

struct Done {
    static constexpr Verb verb = Verb::done;
    std::vector<DoneItem> items;
    friend bool operator==(const Done&, const Done&) = default;
};

/// The far end of the channel (a store, an LMTP server) is overloaded: fewer deliveries at a time.
struct Stress {
    static constexpr Verb verb = Verb::stress;
    std::string channel;
    friend bool operator==(const Stress&, const Stress&) = default;
};

/// Makes delayed messages ready now (`imsimta run`, `submit`, ETRN). Empty host and file: all.
struct Run {
    static constexpr Verb verb = Verb::run;
    std::string channel;
    std::string host;
    std::string file;
    bool poll = false;  ///< start a job even when nothing is queued
    friend bool operator==(const Run&, const Run&) = default;
};

enum class ListScope : std::uint8_t { channels = 0, hosts = 1, messages = 2, jobs = 3 };

struct List {
    static constexpr Verb verb = Verb::list;
    ListScope scope = ListScope::channels;
    std::string channel;  ///< empty: all
    friend bool operator==(const List&, const List&) = default;
};

/// Looks for files on disk that are not tracked, whatever their age.
struct Sync {
    static constexpr Verb verb = Verb::sync;
    std::string channel;  ///< empty: all
    friend bool operator==(const Sync&, const Sync&) = default;
};

/// No more work is handed out for the channel. Lasts until Start or the end of the process: the
/// list that survives a restart is the operator command's file.
struct Stop {
    static constexpr Verb verb = Verb::stop;
    std::string channel;
    friend bool operator==(const Stop&, const Stop&) = default;
};

struct Start {
    static constexpr Verb verb = Verb::start;
    std::string channel;
    friend bool operator==(const Start&, const Start&) = default;
};

struct Status {
    static constexpr Verb verb = Verb::status;
    friend bool operator==(const Status&, const Status&) = default;
};

/// Drops the entry of a file that was held, deleted or returned by an operator.
struct Forget {
    static constexpr Verb verb = Verb::forget;
    std::string channel;
    std::string file;
    friend bool operator==(const Forget&, const Forget&) = default;
};

/// A new configuration is published: take it, and let running programs end after what they have in
/// hand.
struct Reload {
    static constexpr Verb verb = Verb::reload;
    friend bool operator==(const Reload&, const Reload&) = default;
};

struct ReloadNote {
    std::string text;  ///< at most max_reason octets
    friend bool operator==(const ReloadNote&, const ReloadNote&) = default;
};

/// Answer to Reload; Problem where the configuration cannot be used and the old one stays.
struct Reloaded {
    static constexpr Verb verb = Verb::reloaded;
    std::uint64_t generation = 0;
    std::vector<ReloadNote> notes;  ///< what takes effect only later
    friend bool operator==(const Reloaded&, const Reloaded&) = default;
};

/// What Change can set until the job controller ends.
enum class Setting : std::uint8_t {
    debug = 0,         ///< mask; not 0: more is logged
    max_messages = 1,  ///< MAX_MESSAGES
    thread_depth = 2,  ///< of a channel
    job_limit = 3,     ///< of a channel: most processes
    master_job = 4,    ///< of channels: the command
};

/// Changes a setting of the running job controller. `channel` may hold the wildcard `*`; it is
/// empty for settings of the job controller as a whole.
struct Change {
    static constexpr Verb verb = Verb::change;
    Setting setting = Setting::debug;
    std::string channel;
    std::string value;  ///< at most max_change_value octets
    friend bool operator==(const Change&, const Change&) = default;
};

/// Have the job controller write what it knows into its log.
struct Walk {
    static constexpr Verb verb = Verb::walk;
    friend bool operator==(const Walk&, const Walk&) = default;
};

struct Okay {
    static constexpr Verb verb = Verb::okay;
    std::uint32_t affected = 0;  ///< messages or channels concerned
    friend bool operator==(const Okay&, const Okay&) = default;
};

struct Problem {
    static constexpr Verb verb = Verb::problem;
    std::string text;
    friend bool operator==(const Problem&, const Problem&) = default;
};

struct ChannelRow {
    std::string channel;
    std::string pool;
    std::uint32_t ready = 0;
    std::uint32_t in_progress = 0;
    std::uint32_t delayed = 0;  ///< by backoff, or behind a host that does not answer
    std::uint64_t size = 0;     ///< octets of all of them
    WallTime oldest{};          ///< first enqueue; the epoch when empty
    WallTime next_due{};        ///< of the delayed ones; the epoch when none
    std::uint32_t jobs = 0;     ///< processes
    std::uint32_t threads = 0;  ///< connected workers
    bool stopped = false;
    bool suspended = false;        ///< starts suspended after fast failures
    bool untracked = false;        ///< more files on disk than MAX_MESSAGES lets in
    std::uint64_t recipients = 0;  ///< of all of them
    /// Messages that a scan has found and nobody has opened yet: `size` goes without them.
    std::uint64_t unread = 0;
    friend bool operator==(const ChannelRow&, const ChannelRow&) = default;
};

struct HostRow {
    std::string channel;
    std::string host;
    std::uint32_t active = 0;  ///< ready or in progress
    std::uint32_t delayed = 0;
    std::uint32_t threads = 0;
    bool down = false;
    WallTime next_try{};      ///< of the probe while down; else the epoch
    std::string reason;       ///< of the last failure
    WallTime last_success{};  ///< when it was last reached; the epoch when not yet
    friend bool operator==(const HostRow&, const HostRow&) = default;
};

enum class MessageState : std::uint8_t { ready = 0, delayed = 1, in_progress = 2 };

struct MessageRow {
    std::string channel;
    std::string file;
    std::string host;
    Priority priority = Priority::normal;
    MessageState state = MessageState::ready;
    std::uint16_t attempts = 0;
    std::uint64_t size = 0;
    std::uint32_t recipients = 0;
    WallTime enqueued{};
    WallTime next_try{};    ///< while delayed; else the epoch
    std::uint32_t pid = 0;  ///< of the worker while in progress
    friend bool operator==(const MessageRow&, const MessageRow&) = default;
};

struct JobRow {
    std::uint32_t job = 0;
    std::string channel;
    std::uint32_t pid = 0;
    std::uint32_t threads = 0;
    std::uint32_t in_progress = 0;
    std::uint64_t processed = 0;  ///< dequeued
    std::uint64_t failed = 0;     ///< attempts that ended in a retry
    std::uint32_t age = 0;        ///< seconds
    bool retiring = false;        ///< gets no more work
    friend bool operator==(const JobRow&, const JobRow&) = default;
};

struct ChannelRows {
    static constexpr Verb verb = Verb::channel_rows;
    std::vector<ChannelRow> rows;
    friend bool operator==(const ChannelRows&, const ChannelRows&) = default;
};
struct HostRows {
    static constexpr Verb verb = Verb::host_rows;
    std::vector<HostRow> rows;
    friend bool operator==(const HostRows&, const HostRows&) = default;
};
struct MessageRows {
    static constexpr Verb verb = Verb::message_rows;
    std::vector<MessageRow> rows;
    friend bool operator==(const MessageRows&, const MessageRows&) = default;
};
struct JobRows {
    static constexpr Verb verb = Verb::job_rows;
    std::vector<JobRow> rows;
    friend bool operator==(const JobRows&, const JobRows&) = default;
};
struct ListEnd {
    static constexpr Verb verb = Verb::list_end;
    friend bool operator==(const ListEnd&, const ListEnd&) = default;
};

struct StatusRow {
    std::string name;
    std::uint64_t value = 0;
    friend bool operator==(const StatusRow&, const StatusRow&) = default;
};
struct StatusReply {
    static constexpr Verb verb = Verb::status_reply;
    std::vector<StatusRow> rows;
    friend bool operator==(const StatusReply&, const StatusReply&) = default;
};

/// One whole frame, ready to be written. Fails (permanent) when a field exceeds its ceiling.
/// Instantiated for every struct above that has a `verb`.
template <class Message>
Result<std::string> encode(const Message& message);

/// The body of a frame whose verb is Message::verb. Fails on short, long or impossible bodies.
template <class Message>
Result<Message> decode(std::string_view body);

/// Reason texts as the protocol takes them: cut at max_reason octets.
std::string cut_reason(std::string_view text);

}  // namespace sluice::jobs
