#include "rollover/rollover.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>

#include "base/file.h"
#include "base/kill_point.h"
#include "base/line_file.h"
#include "base/unique_fd.h"

namespace sluice::rollover {

namespace {

constexpr int safely = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
constexpr unsigned log_mode = 0640;
constexpr std::size_t journal_ceiling = 4096;

struct OpenFile {
    UniqueFd fd;
    FileIdentity identity;
    std::uint64_t size = 0;
};

Result<OpenFile> open_regular(const std::string& path, int flags) {
    OpenFile file;
    file.fd.reset(::open(path.c_str(), flags | safely, log_mode));
    if (!file.fd) return Error::from_errno(errno, "open " + path);
    struct stat status {};
    if (::fstat(file.fd.get(), &status) != 0) return Error::from_errno(errno, "stat " + path);
    if (!S_ISREG(status.st_mode)) {
        return Error::temporary({4, 3, 5}, "local system error", path + " is not a regular file");
    }
    file.identity = {status.st_dev, status.st_ino};
    file.size = static_cast<std::uint64_t>(status.st_size);
    return file;
}

/// nullopt where there is no such file.
Result<std::optional<OpenFile>> open_if_there(const std::string& path) {
    auto file = open_regular(path, O_RDONLY);
    if (file) return std::optional<OpenFile>(std::move(*file));
    if (file.error().error_number() == ENOENT) return std::optional<OpenFile>();
    return std::move(file).error();
}

class Rollover {
public:
    Rollover(const LogTriple& files, log::WriterLock& lock) : files_(files), lock_(lock) {}

    Result<RolloverReport> run() {
        remove_unfinished_journals();
        auto journal = read_journal();
        if (!journal) return std::move(journal).error();
        if (*journal) {
            auto state = look(**journal);
            if (!state) return std::move(state).error();
            if (*state == Interrupted::all_but_done) {
                if (auto removed = remove_journal(); !removed) return std::move(removed).error();
                report_.recovered = true;
            } else {
                return go_on(**journal, *state);
            }
        }
        if (auto done = archive_yesterday(); !done) return std::move(done).error();
        return end();
    }

    Result<RolloverReport> finish_interrupted() {
        remove_unfinished_journals();
        auto journal = read_journal();
        if (!journal) return std::move(journal).error();
        if (!*journal) return report_;
        auto state = look(**journal);
        if (!state) return std::move(state).error();
        if (*state != Interrupted::all_but_done) return go_on(**journal, *state);
        report_.recovered = true;
        if (auto removed = remove_journal(); !removed) return std::move(removed).error();
        return report_;
    }

private:
    /// How far an interrupted rollover got, by the journal and by what is there.
    enum class Interrupted {
        appending,     ///< a part of yesterday's file may be in the cumulative one
        removing,      ///< all of it is; the file is still there
        renaming,      ///< and it is gone
        all_but_done,  ///< there is nothing left to do, or nothing left to do it with
    };

    Result<Interrupted> look(const Journal& journal) const {
        auto yesterday = open_if_there(files_.yesterday);
        if (!yesterday) return std::move(yesterday).error();
        const bool is_that = *yesterday && (*yesterday)->identity == journal.yesterday;
        switch (journal.stage) {
            case Journal::Stage::append:
                // Without its source the part that was copied is all there is: it stays.
                return is_that ? Interrupted::appending : Interrupted::all_but_done;
            case Journal::Stage::appended:
                if (is_that) return Interrupted::removing;
                break;
            case Journal::Stage::removed:
                // A file of that name is the current one of the interrupted rollover.
                break;
        }
        return *yesterday ? Interrupted::all_but_done : Interrupted::renaming;
    }

    Result<RolloverReport> go_on(const Journal& journal, Interrupted state) {
        report_.recovered = true;
        if (state == Interrupted::appending) {
            if (auto cut = cut_partial_append(journal); !cut) return std::move(cut).error();
            if (auto done = archive_yesterday(); !done) return std::move(done).error();
        } else if (state == Interrupted::removing) {
            if (auto done = remove_yesterday(journal); !done) return std::move(done).error();
        }
        return end();
    }

    Result<RolloverReport> end() {
        if (auto done = begin_new_current(); !done) return std::move(done).error();
        if (auto done = remove_journal(); !done) return std::move(done).error();
        kill_point("rollover.done");
        return report_;
    }

    // Who was killed while it wrote one left it under a name that nobody reads. The turn is ours.
    void remove_unfinished_journals() const {
        const std::string journal = files_.journal();
        const std::string begin = journal.substr(journal.rfind('/') + 1) + ".new-";
        std::error_code failed;
        for (std::filesystem::directory_iterator entry(directory_of(journal), failed), end;
             !failed && entry != end; entry.increment(failed)) {
            const std::string name = entry->path().filename().string();
            if (name.starts_with(begin)) ::unlink(entry->path().c_str());
        }
    }

    Result<std::optional<Journal>> read_journal() {
        auto text = read_file(files_.journal(), journal_ceiling);
        if (!text) {
            if (text.error().error_number() == ENOENT) return std::optional<Journal>();
            return std::move(text).error();
        }
        auto journal = parse_journal(*text);
        if (journal) return journal;
        // Somebody changed it: an operator must look, since to guess may cost lines.
        return Error::temporary(
            {4, 3, 5}, "local system error", files_.journal() + " is damaged; see mail.log(5)"
        );
    }

    Result<void> write_journal(const Journal& journal) {
        return replace_file(files_.journal(), format_journal(journal), log_mode);
    }

    Result<void> remove_journal() {
        if (::unlink(files_.journal().c_str()) != 0) {
            if (errno == ENOENT) return {};
            return Error::from_errno(errno, "remove " + files_.journal());
        }
        return sync_directory(directory_of(files_.journal()));
    }

    Result<void> cut_partial_append(const Journal& journal) {
        auto cumulative = open_regular(files_.cumulative, O_RDWR | O_CREAT);
        if (!cumulative) return std::move(cumulative).error();
        // Another file was put there meanwhile: nothing of yesterday's is in it.
        if (cumulative->identity != journal.cumulative) return {};
        if (cumulative->size <= journal.cumulative_size) return {};
        return cut(*cumulative, journal.cumulative_size);
    }

    Result<void> cut(const OpenFile& file, std::uint64_t size) {
        if (::ftruncate(file.fd.get(), static_cast<off_t>(size)) != 0 ||
            ::fsync(file.fd.get()) != 0) {
            return Error::from_errno(errno, "cut " + files_.cumulative);
        }
        return {};
    }

    /// Steps 3 and 4: yesterday's file goes to the end of the cumulative one.
    Result<void> archive_yesterday() {
        auto found = open_if_there(files_.yesterday);
        if (!found) return std::move(found).error();
        if (!*found) return {};
        const OpenFile& yesterday = **found;
        auto cumulative = open_regular(files_.cumulative, O_RDWR | O_CREAT);
        if (!cumulative) return std::move(cumulative).error();
        if (auto synced = sync_directory(directory_of(files_.cumulative)); !synced) return synced;
        Journal journal;
        journal.cumulative = cumulative->identity;
        journal.cumulative_size = cumulative->size;
        journal.yesterday = yesterday.identity;
        journal.yesterday_size = yesterday.size;
        if (auto written = write_journal(journal); !written) return written;
        kill_point("rollover.journal.append");
        if (auto appended = append(yesterday, *cumulative); !appended) {
            // Back to the old size; only then may the journal go.
            if (auto undone = cut(*cumulative, cumulative->size); undone) (void)remove_journal();
            return appended;
        }
        kill_point("rollover.append.synced");
        report_.appended_bytes = yesterday.size;
        return remove_yesterday(journal);
    }

    Result<void> append(const OpenFile& from, const OpenFile& to) {
        if (::lseek(to.fd.get(), static_cast<off_t>(to.size), SEEK_SET) < 0)
            return Error::from_errno(errno, "seek in " + files_.cumulative);
        // A writer that was killed may have left half a line: the next one must not join it.
        if (ends_in_mid_line(to.fd.get(), static_cast<off_t>(to.size))) {
            if (auto closed = write_all(to.fd.get(), "\n"); !closed) return closed;
        }
        std::array<char, 256UL << 10U> buffer{};
        while (true) {
            const ssize_t count = ::read(from.fd.get(), buffer.data(), buffer.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return Error::from_errno(errno, "read " + files_.yesterday);
            if (count == 0) break;
            auto written = write_all(to.fd.get(), {buffer.data(), static_cast<std::size_t>(count)});
            if (!written) {
                return Error::from_errno(
                    written.error().error_number(), "append to " + files_.cumulative
                );
            }
            kill_point("rollover.append.part");
        }
        if (::fsync(to.fd.get()) != 0) return Error::from_errno(errno, "sync " + files_.cumulative);
        return {};
    }

    Result<void> remove_yesterday(Journal journal) {
        journal.stage = Journal::Stage::appended;
        if (auto written = write_journal(journal); !written) return written;
        kill_point("rollover.journal.appended");
        if (::unlink(files_.yesterday.c_str()) != 0 && errno != ENOENT)
            return Error::from_errno(errno, "remove " + files_.yesterday);
        if (auto synced = sync_directory(directory_of(files_.yesterday)); !synced) return synced;
        kill_point("rollover.yesterday.removed");
        journal.stage = Journal::Stage::removed;
        if (auto written = write_journal(journal); !written) return written;
        kill_point("rollover.journal.removed");
        return {};
    }

    /// Step 5: no writer is between its look at the name and its write while the name changes.
    Result<void> begin_new_current() {
        if (auto locked = lock_.lock_exclusive(); !locked) return locked;
        auto begun = swap_current();
        lock_.unlock();
        if (!begun) return begun;
        // Not under the lock: nobody has to wait for the disk.
        if (auto synced = sync_directory(directory_of(files_.yesterday)); !synced) return synced;
        return sync_directory(directory_of(files_.current));
    }

    Result<void> swap_current() {
        auto current = open_if_there(files_.current);
        if (!current) return std::move(current).error();
        if (*current) {
            report_.rolled_bytes = (*current)->size;
            if (auto renamed = rename_to_new(files_.current, files_.yesterday); !renamed)
                return renamed;
            kill_point("rollover.renamed");
        }
        auto fresh = open_regular(files_.current, O_WRONLY | O_CREAT);
        if (!fresh) return std::move(fresh).error();
        kill_point("rollover.current.created");
        return {};
    }

    const LogTriple& files_;
    log::WriterLock& lock_;
    RolloverReport report_;
};

}  // namespace

Result<RolloverTurn> RolloverTurn::take(const std::string& lock_file) {
    log::WriterLock lock(lock_file);
    if (auto taken = lock.try_lock_exclusive(log::rollover_lock_byte); !taken)
        return std::move(taken).error();
    return RolloverTurn(std::move(lock));
}

Result<RolloverReport> roll_over(const LogTriple& files, RolloverTurn& turn) {
    return Rollover(files, turn.lock()).run();
}

Result<RolloverReport> finish_interrupted(const LogTriple& files, RolloverTurn& turn) {
    return Rollover(files, turn.lock()).finish_interrupted();
}

bool has_anything(const LogTriple& files) {
    for (const std::string& path :
         {files.current, files.yesterday, files.cumulative, files.journal()}) {
        if (file_exists(path)) return true;
    }
    return false;
}

}  // namespace sluice::rollover
