#include "maildir.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "base/bytes.h"
#include "base/file.h"
#include "base/kill_point.h"
#include "base/log.h"

namespace sluice::local {

namespace {

constexpr std::size_t buffer_size = 65536;
constexpr std::size_t most_prepared = 65536;

// '/' and ':' have a meaning of their own in Maildir names.
std::string safe_node(std::string node) {
    std::string out;
    for (const char c : node) {
        if (c == '/') {
            out += "\\057";
        } else if (c == ':') {
            out += "\\072";
        } else {
            out += c;
        }
    }
    return out.empty() ? "localhost" : out;
}

Result<void> make_mailbox(const std::string& mailbox) {
    for (const char* part : {"", "/tmp", "/new", "/cur"}) {
        const std::string path = mailbox + part;
        if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
            return Error::from_errno(errno, "create " + path);
    }
    if (auto synced = sync_directory(mailbox); !synced) return synced;
    return sync_directory(directory_of(mailbox));
}

}  // namespace

MaildirStore::MaildirStore(std::string root, std::string node)
    : root_(std::move(root)), node_(safe_node(std::move(node))) {
    while (root_.size() > 1 && root_.back() == '/') root_.pop_back();
}

Result<MaildirStore::Delivery> MaildirStore::begin(std::string_view user, WallTime now) {
    if (user.empty() || user.front() == '.' || user.find('/') != std::string_view::npos) {
        return Error::permanent(
            {5, 1, 1}, "unknown or illegal user", "no mailbox can have this name"
        );
    }
    const std::string mailbox = root_ + '/' + to_lower(user);
    const auto since_epoch = now.time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_epoch);
    const std::string name =
        std::to_string(seconds.count()) + ".M" + std::to_string((since_epoch - seconds).count()) +
        "P" + std::to_string(::getpid()) + "Q" + std::to_string(++count_) + '.' + node_;
    const std::string path = mailbox + "/tmp/" + name;
    UniqueFd file;
    for (int tries = 0; !file && tries < 2; ++tries) {
        if (auto ready = prepare(mailbox); !ready) return std::move(ready).error();
        file.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)
        );
        if (file) break;
        if (errno != ENOENT) return Error::from_errno(errno, "create " + path);
        forget(mailbox);  // somebody removed it
    }
    if (!file) return Error::from_errno(ENOENT, "create " + path);
    return Delivery(std::move(file), mailbox, name);
}

// Also where the mailbox exists: whoever made it, in this process or another, may not have come to
// its syncs yet, and a message in a mailbox whose name a crash takes away is lost.
Result<void> MaildirStore::prepare(const std::string& mailbox) {
    {
        const std::lock_guard lock(mutex_);
        if (prepared_.contains(mailbox)) return {};
    }
    if (auto made = make_mailbox(mailbox); !made) return made;
    const std::lock_guard lock(mutex_);
    if (prepared_.size() >= most_prepared) prepared_.clear();
    prepared_.insert(mailbox);
    return {};
}

void MaildirStore::forget(const std::string& mailbox) {
    const std::lock_guard lock(mutex_);
    prepared_.erase(mailbox);
}

MaildirStore::Delivery::Delivery(UniqueFd file, std::string mailbox, std::string name)
    : file_(std::move(file)), mailbox_(std::move(mailbox)), name_(std::move(name)) {}

MaildirStore::Delivery::Delivery(Delivery&& other) noexcept
    : file_(std::move(other.file_)),
      mailbox_(std::move(other.mailbox_)),
      name_(std::exchange(other.name_, {})),
      buffer_(std::move(other.buffer_)),
      pending_cr_(other.pending_cr_),
      size_(other.size_) {}

MaildirStore::Delivery::~Delivery() {
    if (!name_.empty())
        ::unlink((mailbox_ + "/tmp/" + name_).c_str());  // not a queue file: a mailbox
}

Result<void> MaildirStore::Delivery::append(std::string_view bytes) {
    while (!bytes.empty()) {
        if (pending_cr_ && bytes.front() != '\n') buffer_ += '\r';
        const std::size_t cr = bytes.find('\r');
        buffer_.append(bytes.substr(0, cr));
        pending_cr_ = cr != std::string_view::npos;
        bytes.remove_prefix(pending_cr_ ? cr + 1 : bytes.size());
    }
    return buffer_.size() >= buffer_size ? flush() : Result<void>();
}

Result<void> MaildirStore::Delivery::flush() {
    auto written = write_all(file_.get(), buffer_);
    size_ += buffer_.size();
    buffer_.clear();
    return written;
}

Result<std::string> MaildirStore::Delivery::commit() {
    if (pending_cr_) buffer_ += '\r';
    pending_cr_ = false;
    if (auto written = flush(); !written) return std::move(written).error();
    if (::fdatasync(file_.get()) != 0)
        return Error::from_errno(errno, "sync message in " + mailbox_);
    kill_point("maildir.synced");
    file_.reset();
    const std::string from = mailbox_ + "/tmp/" + name_;
    const std::string to = mailbox_ + "/new/" + name_;
    if (std::rename(from.c_str(), to.c_str()) != 0)
        return Error::from_errno(errno, "move message to " + to);
    name_.clear();
    kill_point("maildir.moved");
    if (auto synced = sync_directory(mailbox_ + "/new"); !synced) {
        // It comes again, and once is enough; but a reader may have taken it already.
        if (::unlink(to.c_str()) != 0) diag::warning("duplicate possible of " + to);
        return std::move(synced).error();
    }
    return to;
}

}  // namespace sluice::local
