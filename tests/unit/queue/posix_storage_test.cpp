#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "queue/storage.h"
#include "support/scratch_directory.h"

namespace sluice::queue {
namespace {

/// A process that has copies of all descriptors, as one has between its start and its exec.
class Bystander {
public:
    Bystander() : pid_(::fork()) {
        if (pid_ != 0) return;
        while (true) ::pause();
    }
    ~Bystander() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    Bystander(const Bystander&) = delete;
    Bystander& operator=(const Bystander&) = delete;

private:
    pid_t pid_;
};

TEST(PosixStorage, ClosedFileIsUnlockedThoughAnotherProcessHasItsDescriptor) {
    const test::ScratchDirectory scratch;
    const std::string path = scratch.path("file");
    auto first = posix_storage().create(path);
    ASSERT_TRUE(first);
    ASSERT_TRUE((*first)->try_lock(0, 0).value());
    const Bystander bystander;
    auto second = posix_storage().open(path, Storage::Open::read_write);
    ASSERT_TRUE(second);
    EXPECT_FALSE((*second)->try_lock(0, 0).value());
    first->reset();
    EXPECT_TRUE((*second)->try_lock(0, 0).value());
}

TEST(PosixStorage, ChildThatClosesAFileDoesNotUnlockItsParents) {
    const test::ScratchDirectory scratch;
    const std::string path = scratch.path("file");
    auto file = posix_storage().create(path);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->try_lock(0, 0).value());
    const pid_t child = ::fork();
    if (child == 0) {
        file->reset();
        ::_exit(0);
    }
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    auto other = posix_storage().open(path, Storage::Open::read_write);
    ASSERT_TRUE(other);
    EXPECT_FALSE((*other)->try_lock(0, 0).value());
}

}  // namespace
}  // namespace sluice::queue
