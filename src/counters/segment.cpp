#include "counters/segment.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>

#include "base/bytes.h"
#include "base/file.h"
#include "base/unique_fd.h"
#include "counters/mapping_guard.h"
#include "counters/segment_layout.h"

namespace sluice::counters {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

/// How long we try to get the lock for a new channel or process: mail must not wait.
constexpr int lock_tries = 50;
constexpr std::chrono::milliseconds lock_pause{1};
/// A process that finds no room for its connections looks again after this.
constexpr std::chrono::seconds claim_pause{10};

std::size_t segment_size(std::size_t channels) {
    return sizeof(layout::Segment) + channels * sizeof(layout::Channel);
}

struct flock whole_file(short type) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    return lock;
}

/// The file's lock, for changes of the tables. Goes with the process. Threads that share a
/// descriptor share the lock: a mutex keeps them apart.
class TableLock {
public:
    explicit TableLock(int fd, std::mutex* threads = nullptr) : fd_(fd) {
        if (threads != nullptr) alone_ = std::unique_lock(*threads);
        for (int i = 0; i < lock_tries && !held_; ++i) {
            if (i > 0) std::this_thread::sleep_for(lock_pause);
            struct flock lock = whole_file(F_WRLCK);
            held_ = ::fcntl(fd_, F_OFD_SETLK, &lock) == 0;
        }
    }
    ~TableLock() {
        if (!held_) return;
        struct flock lock = whole_file(F_UNLCK);
        ::fcntl(fd_, F_OFD_SETLK, &lock);
    }
    TableLock(const TableLock&) = delete;
    TableLock& operator=(const TableLock&) = delete;
    [[nodiscard]] bool held() const { return held_; }

private:
    std::unique_lock<std::mutex> alone_;
    int fd_;
    bool held_ = false;
};

/// Start time of a process in clock ticks: tells a process from a later one with its number. 0: no
/// such process.
std::uint64_t start_of(std::int32_t pid) {
    const auto stat = read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
    if (!stat) return 0;
    // The name in brackets may hold anything; 19 fields follow it before the start time.
    const std::size_t name_end = stat->rfind(')');
    if (name_end == std::string::npos) return 0;
    const auto fields = split(std::string_view(*stat).substr(name_end + 1), ' ');
    constexpr std::size_t start_field = 20;
    if (fields.size() <= start_field) return 0;
    return parse_unsigned(fields[start_field]).value_or(0);
}

/// Whether the process of a record lives.
bool lives(std::int32_t pid, std::uint64_t started) {
    return pid > 0 && started != 0 && start_of(pid) == started;
}

std::size_t shard_of_thread() {
    static std::atomic<std::size_t> next{0};
    thread_local const std::size_t mine =
        (next.fetch_add(1, relaxed) + static_cast<std::size_t>(::getpid())) % layout::shard_count;
    return mine;
}

Error bad_segment(const std::string& path) {
    return Error::permanent({5, 3, 5}, "damaged counters", path + " is no counters file of ours");
}

/// Ends with its NUL, or where the octets end if somebody has damaged them.
std::string_view name_of(const layout::Channel& channel) {
    return {channel.name.data(), ::strnlen(channel.name.data(), channel.name.size())};
}

std::int64_t microseconds(WallTime time) {
    return time.time_since_epoch().count();
}

std::optional<WallTime> instant(const layout::Counter& counter) {
    const std::int64_t value = counter.load(relaxed);
    if (value == 0) return std::nullopt;
    return WallTime(std::chrono::microseconds(value));
}

}  // namespace

std::string segment_path(std::string_view run_directory) {
    return std::string(run_directory) + "counters";
}

struct Segment::Impl {
    UniqueFd fd;
    std::size_t size = 0;
    bool writable = false;
    layout::Segment* base = nullptr;
    std::optional<MappingGuard> guard;
    std::uint32_t capacity =
        0;  // as it was when the size was checked: what stands there may change
    std::string path;
    std::mutex table_mutex;           // with the file's lock: changes of the tables
    std::mutex process_mutex;         // guards the two below
    layout::Process* mine = nullptr;  // this process's counts of connections
    MonoTime next_claim{};

    ~Impl() {
        if (base == nullptr) return;
        if (mine != nullptr) mine->pid.store(0, relaxed);
        guard.reset();
        ::munmap(base, size);
    }

    [[nodiscard]] layout::Channel* channels() const {
        return reinterpret_cast<layout::Channel*>(base + 1);
    }
    [[nodiscard]] std::size_t count() const {
        return std::min(base->header.channels.load(std::memory_order_acquire), capacity);
    }
    [[nodiscard]] std::optional<std::size_t> find(std::string_view channel) const {
        for (std::size_t i = 0; i < count(); ++i) {
            if (channel == name_of(channels()[i])) return i;
        }
        return std::nullopt;
    }

    Result<void> map() {
        struct stat status {};
        if (::fstat(fd.get(), &status) != 0) return Error::from_errno(errno, "stat " + path);
        if (!S_ISREG(status.st_mode) || status.st_size < static_cast<off_t>(sizeof *base))
            return bad_segment(path);
        size = static_cast<std::size_t>(status.st_size);
        const int access = writable ? PROT_READ | PROT_WRITE : PROT_READ;
        void* at = ::mmap(nullptr, size, access, MAP_SHARED, fd.get(), 0);
        if (at == MAP_FAILED) return Error::from_errno(errno, "map " + path);
        base = static_cast<layout::Segment*>(at);
        guard.emplace(at, size);
        const layout::Header& header = base->header;
        capacity = header.capacity;
        if (header.magic != layout::magic || header.version != layout::version ||
            header.cells != cell_count || header.limits != limits::limit_count ||
            capacity > most_channels || segment_size(capacity) != size || guard->is_torn()) {
            return bad_segment(path);
        }
        return {};
    }

    /// With the lock held.
    layout::Process* claim_process() const {
        const auto pid = static_cast<std::int32_t>(::getpid());
        for (layout::Process& process : base->processes) {
            const std::int32_t owner = process.pid.load(relaxed);
            if (owner != pid && lives(owner, process.started.load(relaxed))) continue;
            for (layout::Current& current : process.current) {
                current.place.store(0, relaxed);
                current.in.store(0, relaxed);
                current.out.store(0, relaxed);
            }
            process.started.store(start_of(pid), relaxed);
            process.pid.store(pid, std::memory_order_release);
            return &process;
        }
        return nullptr;
    }

    /// With process_mutex held.
    layout::Current* current_of(std::size_t place) {
        if (mine == nullptr) {
            const MonoTime now = system_clock().mono_now();
            if (now < next_claim) return nullptr;
            next_claim = now + claim_pause;
            const TableLock table(fd.get(), &table_mutex);
            if (table.held()) mine = claim_process();
            if (mine == nullptr) return nullptr;
        }
        const auto wanted = static_cast<std::uint32_t>(place + 1);
        layout::Current* free = nullptr;
        for (layout::Current& current : mine->current) {
            if (current.place.load(relaxed) == wanted) return &current;
            const bool idle = current.in.load(relaxed) == 0 && current.out.load(relaxed) == 0;
            if (idle && free == nullptr) free = &current;
        }
        if (free != nullptr) free->place.store(wanted, relaxed);
        return free;
    }
};

Segment::Segment(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Segment::~Segment() = default;

namespace {

/// A new file beside the old one, complete before it gets its name. With the lock held: what
/// somebody left who was killed here is written over.
Result<void> make_file(const std::string& path, std::size_t channels) {
    const std::string temporary = path + ".new";
    const UniqueFd fd(
        ::open(temporary.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640)
    );
    if (!fd) return Error::from_errno(errno, "open " + temporary);
    const std::size_t size = segment_size(channels);
    const auto fail = [&](const char* what) {
        const Error error = Error::from_errno(errno, what + (' ' + temporary));
        ::unlink(temporary.c_str());
        return error;
    };
    // Blocks are given now: a full disk must not kill a process that counts (SIGBUS).
    const int no_room = ::posix_fallocate(fd.get(), 0, static_cast<off_t>(size));
    if (no_room != 0) {
        errno = no_room;
        return fail("allocate");
    }
    layout::Header header;
    header.magic = layout::magic;
    header.version = layout::version;
    header.cells = cell_count;
    header.limits = limits::limit_count;
    header.capacity = static_cast<std::uint32_t>(channels);
    header.created = microseconds(system_clock().wall_now());
    if (::pwrite(fd.get(), &header, sizeof header, 0) != static_cast<ssize_t>(sizeof header))
        return fail("write");
    if (::rename(temporary.c_str(), path.c_str()) != 0) return fail("rename");
    return {};
}

}  // namespace

Result<std::unique_ptr<Segment>> Segment::open(const std::string& path, std::size_t channels) {
    const std::string lock_path = path + ".lock";
    const UniqueFd lock_fd(
        ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640)
    );
    if (!lock_fd) return Error::from_errno(errno, "open " + lock_path);
    const TableLock lock(lock_fd.get());
    for (const bool second : {false, true}) {
        auto impl = std::make_unique<Impl>();
        impl->path = path;
        impl->writable = true;
        impl->fd.reset(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
        if (impl->fd) {
            auto mapped = impl->map();
            if (mapped) return std::unique_ptr<Segment>(new Segment(std::move(impl)));
            if (second || !mapped.error().is_permanent()) return std::move(mapped).error();
        } else if (second || errno != ENOENT) {
            return Error::from_errno(errno, "open " + path);
        }
        if (!lock.held()) return Error::temporary({4, 3, 0}, "busy", lock_path + " is locked");
        const std::size_t capacity = std::clamp(channels, least_channels, most_channels);
        if (auto made = make_file(path, capacity); !made) return std::move(made).error();
    }
    return bad_segment(path);
}

Result<std::unique_ptr<Segment>> Segment::open_existing(const std::string& path) {
    auto impl = std::make_unique<Impl>();
    impl->path = path;
    impl->fd.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!impl->fd) return Error::from_errno(errno, "open " + path);
    if (auto mapped = impl->map(); !mapped) return std::move(mapped).error();
    return std::unique_ptr<Segment>(new Segment(std::move(impl)));
}

Result<bool> Segment::remove(const std::string& path) {
    if (::unlink(path.c_str()) == 0) return true;
    if (errno == ENOENT) return false;
    return Error::from_errno(errno, "remove " + path);
}

std::optional<std::size_t> Segment::place_of(std::string_view channel) {
    if (channel.empty() || channel.size() >= layout::name_size) return std::nullopt;
    if (const auto known = impl_->find(channel)) return known;
    if (impl_->count() >= capacity()) return std::nullopt;
    const TableLock lock(impl_->fd.get(), &impl_->table_mutex);
    if (!lock.held()) return std::nullopt;
    if (const auto known = impl_->find(channel)) return known;
    const std::size_t place = impl_->count();
    if (place >= capacity()) return std::nullopt;
    // Half a name of somebody who was killed here is overwritten: its place was not counted yet.
    auto& name = impl_->channels()[place].name;
    name.fill('\0');
    std::copy(channel.begin(), channel.end(), name.begin());
    impl_->base->header.channels.store(
        static_cast<std::uint32_t>(place + 1), std::memory_order_release
    );
    return place;
}

void Segment::add(std::size_t place, Cell where, std::int64_t amount) {
    impl_->channels()[place].shards[shard_of_thread()].cells[where].fetch_add(amount, relaxed);
}

void Segment::set_last(std::size_t place, bool inbound, WallTime when) {
    layout::Channel& channel = impl_->channels()[place];
    (inbound ? channel.last_in : channel.last_out).store(microseconds(when), relaxed);
}

void Segment::set_current(std::size_t place, bool inbound, std::int32_t open) {
    const std::lock_guard lock(impl_->process_mutex);
    layout::Current* current = impl_->current_of(place);
    if (current != nullptr) (inbound ? current->in : current->out).store(open, relaxed);
}

void Segment::add_limit_hits(limits::Limit limit, std::int64_t times) {
    impl_->base->limits.hits[static_cast<std::size_t>(limit)].fetch_add(times, relaxed);
}

LimitCounts Segment::read_limits() const {
    LimitCounts counts{};
    for (std::size_t i = 0; i < counts.size(); ++i)
        counts[i] = impl_->base->limits.hits[i].load(relaxed);
    return counts;
}

std::vector<ChannelCounts> Segment::read() const {
    std::vector<ChannelCounts> all(impl_->count());
    for (std::size_t i = 0; i < all.size(); ++i) {
        const layout::Channel& channel = impl_->channels()[i];
        all[i].channel = printable(name_of(channel));
        all[i].last_in = instant(channel.last_in);
        all[i].last_out = instant(channel.last_out);
        for (const layout::Shard& shard : channel.shards) {
            // Without sign: what somebody has damaged may overflow.
            for (Cell c = 0; c < cell_count; ++c) {
                all[i].cells[c] = static_cast<std::int64_t>(
                    static_cast<std::uint64_t>(all[i].cells[c]) +
                    static_cast<std::uint64_t>(shard.cells[c].load(relaxed))
                );
            }
        }
    }
    for (const layout::Process& process : impl_->base->processes) {
        const std::int32_t pid = process.pid.load(std::memory_order_acquire);
        if (!lives(pid, process.started.load(relaxed))) continue;
        for (const layout::Current& current : process.current) {
            const std::uint32_t place = current.place.load(relaxed);
            if (place == 0 || place > all.size()) continue;
            all[place - 1].current_in += current.in.load(relaxed);
            all[place - 1].current_out += current.out.load(relaxed);
        }
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return a.channel < b.channel;
    });
    // Only in a damaged file: monitoring systems refuse a name that comes twice.
    const auto same = [](const auto& a, const auto& b) { return a.channel == b.channel; };
    all.erase(std::unique(all.begin(), all.end(), same), all.end());
    if (!all.empty() && all.front().channel.empty()) all.erase(all.begin());
    return all;
}

WallTime Segment::created() const {
    return WallTime(std::chrono::microseconds(impl_->base->header.created));
}

std::size_t Segment::capacity() const {
    return impl_->capacity;
}

void Segment::clear(bool messages, bool associations) {
    const auto is_association = [](Cell c) {
        return c >= first_association && c < first_association + association_count;
    };
    if (associations) {
        for (layout::Counter& hits : impl_->base->limits.hits) hits.store(0, relaxed);
    }
    for (std::size_t i = 0; i < impl_->count(); ++i) {
        for (layout::Shard& shard : impl_->channels()[i].shards) {
            for (Cell c = 0; c < cell_count; ++c) {
                if (is_association(c) ? associations : messages) shard.cells[c].store(0, relaxed);
            }
        }
    }
}

void Segment::set_stored(std::size_t place, Measure measure, std::int64_t value) {
    auto& shards = impl_->channels()[place].shards;
    const Cell where = cell(Group::stored, measure);
    for (layout::Shard& shard : shards) shard.cells[where].store(0, relaxed);
    shards[0].cells[where].fetch_add(value, relaxed);
}

bool Segment::is_orphan() const {
    struct stat ours {};
    struct stat there {};
    return impl_->guard->is_torn() || ::fstat(impl_->fd.get(), &ours) != 0 ||
           ::lstat(impl_->path.c_str(), &there) != 0 || ours.st_ino != there.st_ino ||
           ours.st_dev != there.st_dev ||
           ours.st_size != static_cast<off_t>(segment_size(impl_->capacity));
}

}  // namespace sluice::counters
