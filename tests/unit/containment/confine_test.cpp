#include "containment/confine.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "base/unique_fd.h"
#include "containment/ruleset.h"
#include "support/scratch_directory.h"

namespace sluice::containment {
namespace {

namespace fs = std::filesystem;

int open_for(const std::string& path, int flags) {
    const UniqueFd file(::open(path.c_str(), flags | O_CLOEXEC, 0600));
    return file ? 0 : errno;
}

/// In a child: what is given up does not come back. The number that `action` returns.
int in_a_child(const std::function<int()>& action) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(action());
    int status = -1;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class Confine : public testing::Test {
protected:
    void SetUp() override {
        if (landlock_version() < 2) GTEST_SKIP() << "the kernel has no Landlock";
        for (const char* name : {"read", "written", "updated", "elsewhere", "other"}) {
            fs::create_directory(scratch_.path(name));
            std::ofstream(scratch_.path(std::string(name) + "/file")) << "text\n";
        }
        fs::create_directory_symlink(scratch_.path("elsewhere"), scratch_.path("written/linked"));
        fs::create_directory(scratch_.path("written/deep"));
        rights_.read = {scratch_.path("read")};
        rights_.update = {scratch_.path("updated")};
        rights_.written = {scratch_.path("written")};
    }
    /// errno of the action after the rights were given up.
    int after(const std::function<int()>& action) {
        return in_a_child([&] {
            confine(rights_);
            return action();
        });
    }
    [[nodiscard]] std::string at(const char* name) const { return scratch_.path(name); }

    test::ScratchDirectory scratch_;
    Rights rights_;
};

TEST_F(Confine, FilesAreReadAndWrittenWhereItIsAllowed) {
    EXPECT_EQ(after([&] { return open_for(at("read/file"), O_RDONLY); }), 0);
    EXPECT_EQ(after([&] { return open_for(at("read/file"), O_WRONLY); }), EACCES);
    EXPECT_EQ(after([&] { return open_for(at("written/file"), O_RDWR | O_TRUNC); }), 0);
    EXPECT_EQ(after([&] { return open_for(at("written/new"), O_WRONLY | O_CREAT); }), 0);
    EXPECT_EQ(after([&] { return open_for(at("other/file"), O_RDONLY); }), EACCES);
    EXPECT_EQ(after([&] { return open_for(at("other/new"), O_WRONLY | O_CREAT); }), EACCES);
}

TEST_F(Confine, WhatIsUpdatedIsNotMadeOrRemoved) {
    EXPECT_EQ(after([&] { return open_for(at("updated/file"), O_RDWR); }), 0);
    EXPECT_EQ(after([&] { return open_for(at("updated/new"), O_WRONLY | O_CREAT); }), EACCES);
    EXPECT_EQ(after([&] { return ::unlink(at("updated/file").c_str()) == 0 ? 0 : errno; }), EACCES);
}

TEST_F(Confine, MailMovesBetweenDirectories) {
    const auto moved = [&](const char* from, const char* to) {
        return ::rename(at(from).c_str(), at(to).c_str()) == 0 ? 0 : errno;
    };
    EXPECT_EQ(after([&] { return moved("written/file", "written/deep/file"); }), 0);
    EXPECT_EQ(after([&] { return moved("written/deep/file", "elsewhere/moved"); }), 0);
    EXPECT_NE(after([&] { return moved("elsewhere/moved", "other/moved"); }), 0);
}

TEST_F(Confine, ADirectoryThatIsLinkedToIsMeantToo) {
    EXPECT_EQ(after([&] { return open_for(at("written/linked/new"), O_WRONLY | O_CREAT); }), 0);
}

TEST_F(Confine, SaysWhatWasAppliedAndWhatLacks) {
    EXPECT_EQ(
        in_a_child([&] {
            const Confinement made = confine(rights_);
            const std::size_t lacking = ::geteuid() == 0 ? 1 : 0;  // root gives up nothing so
            return made.applied.size() == 3 && made.lacking.size() == lacking ? 0 : 1;
        }),
        0
    );
}

TEST_F(Confine, ThreadsThatRunAlreadyAreReported) {
    EXPECT_EQ(
        in_a_child([&] {
            std::thread other([] { ::pause(); });
            other.detach();
            for (const std::string& text : confine(rights_).lacking) {
                if (text.starts_with("threads run already")) return 0;
            }
            return 1;
        }),
        0
    );
}

TEST_F(Confine, ThreadsAndProcessesStillStart) {
    EXPECT_EQ(
        after([] {
            int number = 0;
            std::thread([&] { number = 5; }).join();
            return number == 5 ? in_a_child([] { return 0; }) : 1;
        }),
        0
    );
}

}  // namespace
}  // namespace sluice::containment
