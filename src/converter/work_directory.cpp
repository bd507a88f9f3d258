#include "converter/work_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <vector>

#include "base/file.h"
#include "base/log.h"

namespace sluice::converter {

namespace fs = std::filesystem;

namespace {

constexpr mode_t private_directory = 0700;
constexpr mode_t private_file = 0600;

/// A regular file with this one name; no descriptor: there is none.
UniqueFd open_file(int directory, const std::string& name, std::uint64_t* size = nullptr) {
    UniqueFd file(::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    );
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_nlink != 1)
        return UniqueFd();
    if (size != nullptr) *size = static_cast<std::uint64_t>(status.st_size);
    return file;
}

/// A command may have taken its directories' permissions away from itself, and so from us.
void give_permissions(const std::string& path) {
    std::error_code ignored;
    fs::permissions(path, fs::perms::owner_all, ignored);
    for (fs::directory_iterator at(path, ignored), end; !ignored && at != end;
         at.increment(ignored)) {
        if (at->symlink_status(ignored).type() == fs::file_type::directory)
            give_permissions(at->path().string());
    }
}

void remove_all(const std::string& path) {
    std::error_code problem;
    fs::remove_all(path, problem);
    if (!problem) return;
    give_permissions(path);
    fs::remove_all(path, problem);
    if (problem) diag::warning("not removed: " + path + ": " + problem.message());
}

class WorkFile final : public ByteSource {
public:
    WorkFile(int directory, std::string name, std::uint64_t size)
        : directory_(::fcntl(directory, F_DUPFD_CLOEXEC, 0)), name_(std::move(name)), size_(size) {}
    [[nodiscard]] std::uint64_t size() const override { return size_; }
    Result<std::size_t> read(std::uint64_t offset, char* to, std::size_t size) override {
        if (offset >= size_) return std::size_t{0};
        const UniqueFd file = open_file(directory_.get(), name_);
        if (!file) return Error::temporary({4, 3, 0}, "temporary failure", name_ + " is gone");
        const std::uint64_t left = std::min<std::uint64_t>(size, size_ - offset);
        while (true) {
            const ssize_t got =
                ::pread(file.get(), to, static_cast<std::size_t>(left), static_cast<off_t>(offset));
            if (got >= 0) return static_cast<std::size_t>(got);
            if (errno != EINTR) return Error::from_errno(errno, "read " + name_);
        }
    }

private:
    UniqueFd directory_;
    std::string name_;
    std::uint64_t size_;
};

}  // namespace

WorkDirectory::WorkDirectory(std::string path, UniqueFd directory)
    : path_(std::move(path)), directory_(std::move(directory)) {}

WorkDirectory::WorkDirectory(WorkDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})), directory_(std::move(other.directory_)) {}

WorkDirectory::~WorkDirectory() {
    if (!path_.empty()) remove_all(path_);
}

Result<WorkDirectory> WorkDirectory::make(std::string path) {
    if (fs::exists(fs::symlink_status(path))) remove_all(path);
    if (auto made = make_directories(directory_of(path), private_directory); !made)
        return std::move(made).error();
    if (::mkdir(path.c_str(), private_directory) != 0) return Error::from_errno(errno, path);
    UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory) return Error::from_errno(errno, path);
    return WorkDirectory(std::move(path), std::move(directory));
}

Result<UniqueFd> WorkDirectory::create(const std::string& name) const {
    UniqueFd file(::openat(
        directory_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
        private_file
    ));
    if (!file) return Error::from_errno(errno, path_of(name));
    return file;
}

Result<void> WorkDirectory::write(const std::string& name, std::string_view text) const {
    auto file = create(name);
    if (!file) return std::move(file).error();
    return write_all(file->get(), text);
}

bool WorkDirectory::has(const std::string& name) const {
    return static_cast<bool>(open_file(directory_.get(), name));
}

std::string WorkDirectory::text(const std::string& name, std::size_t most) const {
    const UniqueFd file = open_file(directory_.get(), name);
    std::string text(file ? most : 0, '\0');
    std::size_t filled = 0;
    while (filled < text.size()) {
        const ssize_t got = ::read(file.get(), text.data() + filled, text.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        filled += static_cast<std::size_t>(got);
    }
    text.resize(filled);
    return text;
}

std::shared_ptr<ByteSource> WorkDirectory::source(const std::string& name) const {
    std::uint64_t size = 0;
    if (!open_file(directory_.get(), name, &size)) return nullptr;
    return std::make_shared<WorkFile>(directory_.get(), name, size);
}

void remove_abandoned(
    const std::string& parent, std::string_view prefix, std::chrono::seconds age
) {
    std::error_code ignored;
    std::vector<std::string> abandoned;
    const auto now = fs::file_time_type::clock::now();
    for (fs::directory_iterator at(parent, ignored), end; !ignored && at != end;
         at.increment(ignored)) {
        std::error_code unknown;
        const bool is_ours = at->path().filename().string().starts_with(prefix) &&
                             at->symlink_status(unknown).type() == fs::file_type::directory;
        if (is_ours && now - at->last_write_time(unknown) > age && !unknown)
            abandoned.push_back(at->path().string());
    }
    for (const std::string& path : abandoned) remove_all(path);
}

}  // namespace sluice::converter
