#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/byte_source.h"
#include "base/result.h"
#include "base/unique_fd.h"

// Files that this program and a command exchange. A command may leave anything in its directory:
// links, pipes, directories; only regular files with one name are read, and links never followed.
namespace sluice::converter {

/// A directory of its own, removed with all that is in it when the object goes.
class WorkDirectory {
public:
    /// Makes `path`; what an earlier process left there is removed first.
    static Result<WorkDirectory> make(std::string path);
    ~WorkDirectory();
    WorkDirectory(WorkDirectory&& other) noexcept;
    WorkDirectory& operator=(WorkDirectory&&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string path_of(std::string_view name) const {
        return path_ + '/' + std::string(name);
    }
    [[nodiscard]] int descriptor() const { return directory_.get(); }

    Result<void> write(const std::string& name, std::string_view text) const;
    /// A new file, to be written.
    [[nodiscard]] Result<UniqueFd> create(const std::string& name) const;
    /// Whether there is a file that may be read.
    [[nodiscard]] bool has(const std::string& name) const;
    /// Its text; empty where there is none; cut after `most` octets.
    [[nodiscard]] std::string text(const std::string& name, std::size_t most) const;
    /// The file, opened anew for each read: any number of them costs no descriptors. The directory
    /// stays meanwhile.
    [[nodiscard]] std::shared_ptr<ByteSource> source(const std::string& name) const;

private:
    WorkDirectory(std::string path, UniqueFd directory);
    std::string path_;
    UniqueFd directory_;
};

/// Removes directories in `parent` whose names begin with `prefix` and that nobody has put a file
/// into for `age`: what a process left that was killed, under a name that never comes again.
void remove_abandoned(const std::string& parent, std::string_view prefix, std::chrono::seconds age);

}  // namespace sluice::converter
