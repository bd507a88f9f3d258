#include "jobs/protocol.h"

#include <limits>
#include <type_traits>

namespace sluice::jobs {

namespace {

// One description of each message serves both directions, so that they cannot drift apart:
// `fields(archive, message)` names the fields in order; the archive reads or writes them.

class FrameWriter {
public:
    template <class Integer>
    void number(const Integer& value) {
        for (int shift = static_cast<int>(sizeof(Integer) - 1) * 8; shift >= 0; shift -= 8) {
            bytes_.push_back(static_cast<char>((static_cast<std::uint64_t>(value) >> shift) & 0xff)
            );
        }
    }
    void flag(const bool& value) { number(static_cast<std::uint8_t>(value ? 1 : 0)); }
    template <class Enum>
    void choice(const Enum& value, Enum /*first*/, Enum /*last*/) {
        number(static_cast<std::uint8_t>(value));
    }
    void time(const WallTime& value) { number(value.time_since_epoch().count()); }
    void octets(const std::array<char, 4>& value) { bytes_.append(value.data(), value.size()); }
    void text(const std::string& value, std::size_t ceiling) {
        if (value.size() > ceiling) fits_ = false;
        number(static_cast<std::uint8_t>(value.size()));
        bytes_ += value;
    }
    template <class Item>
    void sequence(const std::vector<Item>& items, std::size_t ceiling) {
        if (items.size() > ceiling) fits_ = false;
        number(static_cast<std::uint16_t>(items.size()));
        for (const Item& item : items) fields(*this, item);
    }

    void begin(Verb verb) {
        bytes_.assign(4, '\0');
        number(static_cast<std::uint8_t>(verb));
    }
    Result<std::string> finish() {
        const std::size_t length = bytes_.size() - 4;
        if (!fits_ || length > max_frame) {
            return Error::permanent({5, 5, 0}, "local system error", "field over its ceiling");
        }
        for (std::size_t i = 0; i < 4; ++i) {
            bytes_[i] = static_cast<char>((length >> (8 * (3 - i))) & 0xff);
        }
        return std::move(bytes_);
    }

private:
    std::string bytes_;
    bool fits_ = true;
};

class BodyReader {
public:
    explicit BodyReader(std::string_view body) : rest_(body) {}

    template <class Integer>
    void number(Integer& value) {
        if (rest_.size() < sizeof(Integer)) return fail();
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < sizeof(Integer); ++i) {
            bits = (bits << 8U) | static_cast<unsigned char>(rest_[i]);
        }
        rest_.remove_prefix(sizeof(Integer));
        value = static_cast<Integer>(bits);
    }
    void flag(bool& value) {
        std::uint8_t octet = 0;
        number(octet);
        if (octet > 1) return fail();
        value = octet == 1;
    }
    template <class Enum>
    void choice(Enum& value, Enum first, Enum last) {
        std::uint8_t octet = 0;
        number(octet);
        if (octet < static_cast<std::uint8_t>(first)) return fail();
        if (octet > static_cast<std::uint8_t>(last)) return fail();
        value = static_cast<Enum>(octet);
    }
    void time(WallTime& value) {
        WallTime::duration::rep count = 0;
        number(count);
        value = WallTime(WallTime::duration(count));
    }
    void octets(std::array<char, 4>& value) {
        for (char& octet : value) number(octet);
    }
    void text(std::string& value, std::size_t ceiling) {
        std::uint8_t length = 0;
        number(length);
        if (length > ceiling || length > rest_.size()) return fail();
        value.assign(rest_.substr(0, length));
        rest_.remove_prefix(length);
    }
    template <class Item>
    void sequence(std::vector<Item>& items, std::size_t ceiling) {
        std::uint16_t count = 0;
        number(count);
        // An item takes at least one octet, so a short body cannot make us reserve much.
        if (count > ceiling || count > rest_.size()) return fail();
        items.resize(count);
        for (Item& item : items) {
            fields(*this, item);
            if (!good_) return;
        }
    }

    [[nodiscard]] bool consumed_all() const { return good_ && rest_.empty(); }

private:
    void fail() {
        good_ = false;
        rest_ = {};
    }
    std::string_view rest_;
    bool good_ = true;
};

static_assert(max_channel_name <= 255 && max_host_name <= 255 && max_file_name <= 255);
static_assert(max_reason <= 255 && max_status_name <= 255);

// `M` is the message, const when written.
template <class M, class T>
concept Of = std::is_same_v<std::remove_const_t<M>, T>;

template <class A, Of<Hello> M>
void fields(A& a, M& m) {
    a.octets(m.magic);
    a.number(m.version);
    a.choice(m.role, Role::enqueuer, Role::control);
    a.number(m.pid);
}

template <class A, Of<Welcome> M>
void fields(A& a, M& m) {
    a.number(m.version);
    a.number(m.pid);
}

template <class A, Of<NewMessage> M>
void fields(A& a, M& m) {
    a.text(m.channel, max_channel_name);
    a.text(m.file, max_file_name);
    a.text(m.host, max_host_name);
    a.choice(m.priority, Priority::urgent, Priority::third);
    a.flag(m.released);
    a.flag(m.partial);
    a.number(m.size);
    a.number(m.recipients);
    a.number(m.attempts);
    a.time(m.enqueued);
}

template <class A, Of<Enqueue> M>
void fields(A& a, M& m) {
    a.sequence(m.messages, max_batch);
}

template <class A, Of<Accepted> M>
void fields(A& a, M& m) {
    a.number(m.accepted);
    a.number(m.refused);
}

template <class A, Of<Ask> M>
void fields(A& a, M& m) {
    a.text(m.channel, max_channel_name);
    a.number(m.pid);
    a.number(m.thread);
    a.number(m.job);
    a.number(m.thread_limit);
    a.number(m.max_messages);
    a.number(m.patience);
}

template <class A, Of<WorkItem> M>
void fields(A& a, M& m) {
    a.number(m.handle);
    a.text(m.file, max_file_name);
    a.text(m.host, max_host_name);
    a.choice(m.priority, Priority::urgent, Priority::third);
    a.number(m.attempts);
    a.number(m.size);
    a.number(m.recipients);
}

template <class A, Of<Work> M>
void fields(A& a, M& m) {
    a.sequence(m.items, max_batch);
    a.number(m.more);
}

template <class A, Of<Wait> M>
void fields(A& a, M& m) {
    a.number(m.seconds);
}

template <class A, class M>
requires Of<M, Exit> || Of<M, Status> || Of<M, Reload> || Of<M, Walk> || Of<M, ListEnd>
void fields(A& /*a*/, M& /*m*/) {}

template <class A, Of<DoneItem> M>
void fields(A& a, M& m) {
    a.number(m.handle);
    a.choice(m.outcome, Outcome::ok, Outcome::postponed);
    a.choice(m.host_report, HostReport::none, HostReport::failed);
    a.number(m.recipients);
    a.number(m.delay);
    a.text(m.new_file, max_file_name);
    a.text(m.host, max_host_name);
    a.text(m.reason, max_reason);
}

template <class A, Of<Done> M>
void fields(A& a, M& m) {
    a.sequence(m.items, max_batch);
}

template <class A, Of<Run> M>
void fields(A& a, M& m) {
    a.text(m.channel, max_channel_name);
    a.text(m.host, max_host_name);
    a.text(m.file, max_file_name);
    a.flag(m.poll);
}

template <class A, Of<List> M>
void fields(A& a, M& m) {
    a.choice(m.scope, ListScope::channels, ListScope::jobs);
    a.text(m.channel, max_channel_name);
}

template <class A, class M>
requires Of<M, Sync> || Of<M, Stop> || Of<M, Start> || Of<M, Stress>
void fields(A& a, M& m) {
    a.text(m.channel, max_channel_name);
}

template <class A, Of<Forget> M>
void fields(A& a, M& m) {
    a.text(m.channel, max_channel_name);
    a.text(m.file, max_file_name);
}

template <class A, Of<Change> M>
void fields(A& a, M& m) {
    a.choice(m.setting, Setting::debug, Setting::master_job);
    a.text(m.channel, max_channel_name);
    a.text(m.value, max_change_value);
}

template <class A, Of<Okay> M>
void fields(A& a, M& m) {
    a.number(m.affected);
}

template <class A, Of<Problem> M>
void fields(A& a, M& m) {
    a.text(m.text, max_reason);
}

template <class A, Of<ReloadNote> M>
void fields(A& a, M& m) {
    a.text(m.text, max_reason);
}

template <class A, Of<Reloaded> M>
void fields(A& a, M& m) {
    a.number(m.generation);
    a.sequence(m.notes, max_reload_notes);
}

template <class A, Of<ChannelRow> M>
void fields(A& a, M& m) {
    a.text(m.channel, max_channel_name);
    a.text(m.pool, max_channel_name);
    a.number(m.ready);
    a.number(m.in_progress);
    a.number(m.delayed);
    a.number(m.size);
    a.time(m.oldest);
    a.time(m.next_due);
    a.number(m.jobs);
    a.number(m.threads);
    a.flag(m.stopped);
    a.flag(m.suspended);
    a.flag(m.untracked);
    a.number(m.recipients);
    a.number(m.unread);
}

template <class A, Of<HostRow> M>
void fields(A& a, M& m) {
    a.text(m.channel, max_channel_name);
    a.text(m.host, max_host_name);
    a.number(m.active);
    a.number(m.delayed);
    a.number(m.threads);
    a.flag(m.down);
    a.time(m.next_try);
    a.text(m.reason, max_reason);
    a.time(m.last_success);
}

template <class A, Of<MessageRow> M>
void fields(A& a, M& m) {
    a.text(m.channel, max_channel_name);
    a.text(m.file, max_file_name);
    a.text(m.host, max_host_name);
    a.choice(m.priority, Priority::urgent, Priority::third);
    a.choice(m.state, MessageState::ready, MessageState::in_progress);
    a.number(m.attempts);
    a.number(m.size);
    a.number(m.recipients);
    a.time(m.enqueued);
    a.time(m.next_try);
    a.number(m.pid);
}

template <class A, Of<JobRow> M>
void fields(A& a, M& m) {
    a.number(m.job);
    a.text(m.channel, max_channel_name);
    a.number(m.pid);
    a.number(m.threads);
    a.number(m.in_progress);
    a.number(m.processed);
    a.number(m.failed);
    a.number(m.age);
    a.flag(m.retiring);
}

template <class A, class M>
requires Of<M, ChannelRows> || Of<M, HostRows> || Of<M, MessageRows> || Of<M, JobRows>
void fields(A& a, M& m) {
    a.sequence(m.rows, max_batch);
}

template <class A, Of<StatusRow> M>
void fields(A& a, M& m) {
    a.text(m.name, max_status_name);
    a.number(m.value);
}

template <class A, Of<StatusReply> M>
void fields(A& a, M& m) {
    a.sequence(m.rows, max_status_rows);
}

}  // namespace

template <class Message>
Result<std::string> encode(const Message& message) {
    FrameWriter writer;
    writer.begin(Message::verb);
    fields(writer, message);
    return writer.finish();
}

template <class Message>
Result<Message> decode(std::string_view body) {
    BodyReader reader(body);
    Message message;
    fields(reader, message);
    if (!reader.consumed_all()) {
        return Error::permanent(
            {5, 5, 0}, "protocol error",
            "bad body of verb " + std::to_string(static_cast<unsigned>(Message::verb))
        );
    }
    return message;
}

std::string cut_reason(std::string_view text) {
    return std::string(text.substr(0, max_reason));
}

#define SLUICE_JOBS_MESSAGE(Message)                     \
    template Result<std::string> encode(const Message&); \
    template Result<Message> decode<Message>(std::string_view);

SLUICE_JOBS_MESSAGE(Hello)
SLUICE_JOBS_MESSAGE(Welcome)
SLUICE_JOBS_MESSAGE(Enqueue)
SLUICE_JOBS_MESSAGE(Accepted)
SLUICE_JOBS_MESSAGE(Ask)
SLUICE_JOBS_MESSAGE(Work)
SLUICE_JOBS_MESSAGE(Wait)
SLUICE_JOBS_MESSAGE(Exit)
SLUICE_JOBS_MESSAGE(Done)
SLUICE_JOBS_MESSAGE(Run)
SLUICE_JOBS_MESSAGE(List)
SLUICE_JOBS_MESSAGE(Sync)
SLUICE_JOBS_MESSAGE(Stop)
SLUICE_JOBS_MESSAGE(Start)
SLUICE_JOBS_MESSAGE(Status)
SLUICE_JOBS_MESSAGE(Forget)
SLUICE_JOBS_MESSAGE(Reload)
SLUICE_JOBS_MESSAGE(Change)
SLUICE_JOBS_MESSAGE(Walk)
SLUICE_JOBS_MESSAGE(Stress)
SLUICE_JOBS_MESSAGE(Reloaded)
SLUICE_JOBS_MESSAGE(Okay)
SLUICE_JOBS_MESSAGE(Problem)
SLUICE_JOBS_MESSAGE(ChannelRows)
SLUICE_JOBS_MESSAGE(HostRows)
SLUICE_JOBS_MESSAGE(MessageRows)
SLUICE_JOBS_MESSAGE(JobRows)
SLUICE_JOBS_MESSAGE(ListEnd)
SLUICE_JOBS_MESSAGE(StatusReply)
#undef SLUICE_JOBS_MESSAGE

}  // namespace sluice::jobs
