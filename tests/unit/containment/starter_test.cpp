#include "containment/starter.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "base/child_program.h"
#include "base/file.h"
#include "base/starter_link.h"
#include "support/scratch_directory.h"

namespace sluice::containment {
namespace {

using std::chrono::seconds;

constexpr seconds long_enough{30};

/// A host that answers as the script says; its channel is descriptor 3.
class Starter : public testing::Test {
protected:
    std::string host(const char* name, const std::string& script) {
        const std::string path = scratch_.path(name);
        std::ofstream(path) << "#!/bin/sh\n" << script;
        EXPECT_EQ(::chmod(path.c_str(), 0755), 0);
        return path;
    }
    void begin(const std::vector<std::string>& hosts) {
        auto socket = start_host_starter(SLUICE_HOST_STARTER, hosts);
        ASSERT_TRUE(socket) << socket.error().to_debug_string();
        use_starter(std::move(*socket));
    }
    void TearDown() override { use_starter(UniqueFd()); }

    static std::string heard(const ChildProgram& program) {
        std::string text(100, '\0');
        const ssize_t size = ::recv(program.channel(), text.data(), text.size(), 0);
        text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return text;
    }

    test::ScratchDirectory scratch_;
};

TEST_F(Starter, AHostSpeaksOverItsChannelAndIsNoChildOfOurs) {
    const std::string path = host("host", "echo $PPID >&3; read line <&3; exit 7\n");
    begin({path});
    ChildProgram program;
    ASSERT_TRUE(program.start(path, ChildProgram::Channel::stream));
    EXPECT_TRUE(program.is_started());
    const std::string parent = heard(program);
    EXPECT_NE(parent, "");
    EXPECT_NE(parent, std::to_string(::getpid()) + '\n');
    ASSERT_EQ(::send(program.channel(), "\n", 1, MSG_NOSIGNAL), 1);
    EXPECT_EQ(heard(program), "");
    EXPECT_EQ(program.end(long_enough), "ended with status 7");
    EXPECT_FALSE(program.is_started());
}

TEST_F(Starter, ItsEnvironmentIsEmptyWhateverOursIs) {
    const std::string path = host("host", "echo \"<$SECRET>\" >&3\n");
    ::setenv("SECRET", "mine", 1);
    begin({path});
    ChildProgram program;
    ASSERT_TRUE(program.start(path, ChildProgram::Channel::stream));
    EXPECT_EQ(heard(program), "<>\n");
}

TEST_F(Starter, NothingElseIsStarted) {
    const std::string path = host("host", "echo no >&3\n");
    const std::string other = host("other", "touch " + scratch_.path("ran") + "\n");
    begin({path});
    ChildProgram program;
    const auto started = program.start(other, ChildProgram::Channel::stream);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().error_number(), EPERM);
    EXPECT_FALSE(program.is_started());
    EXPECT_FALSE(program.start(path + " ", ChildProgram::Channel::stream));
    // It goes on, for what it may.
    ASSERT_TRUE(program.start(path, ChildProgram::Channel::stream));
    EXPECT_EQ(heard(program), "no\n");
    EXPECT_NE(::access(scratch_.path("ran").c_str(), F_OK), 0);
}

TEST_F(Starter, WhatIsNotThereIsSaid) {
    begin({scratch_.path("missing")});
    ChildProgram program;
    const auto started = program.start(scratch_.path("missing"), ChildProgram::Channel::stream);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().error_number(), ENOENT);
}

TEST_F(Starter, AHostThatDoesNotEndIsKilled) {
    const std::string path = host("host", "trap '' TERM; echo here >&3; exec sleep 1000\n");
    begin({path});
    ChildProgram program;
    ASSERT_TRUE(program.start(path, ChildProgram::Channel::stream));
    EXPECT_EQ(heard(program), "here\n");
    EXPECT_EQ(program.end(std::chrono::milliseconds(0)), "crashed with signal SIGKILL");
}

TEST_F(Starter, SeveralAreWatchedAtATime) {
    const std::string path = host("host", "read code <&3; exit $code\n");
    begin({path});
    ChildProgram programs[3];
    for (ChildProgram& program : programs)
        ASSERT_TRUE(program.start(path, ChildProgram::Channel::stream));
    for (const int i : {1, 2, 0}) {
        const std::string code = std::to_string(i + 1) + '\n';
        ASSERT_EQ(::send(programs[i].channel(), code.data(), 2, MSG_NOSIGNAL), 2);
        EXPECT_EQ(programs[i].end(long_enough), "ended with status " + std::to_string(i + 1));
    }
}

TEST_F(Starter, ItEndsWithItsLastCaller) {
    auto socket = start_host_starter(SLUICE_HOST_STARTER, {});
    ASSERT_TRUE(socket);
    socket->reset();
    int status = -1;
    ASSERT_GT(::wait(&status), 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_F(Starter, NonsenseIsIgnored) {
    const std::string path = host("host", "echo fine >&3\n");
    begin({path});
    ASSERT_EQ(::send(starter_socket(), "nonsense", 8, MSG_NOSIGNAL), 8);  // nothing comes along
    const std::string long_text(longest_start_request + 100, 'x');
    ASSERT_GT(::send(starter_socket(), long_text.data(), long_text.size(), MSG_NOSIGNAL), 0);
    ChildProgram program;
    ASSERT_TRUE(program.start(path, ChildProgram::Channel::stream));
    EXPECT_EQ(heard(program), "fine\n");
}

TEST(WithoutAStarter, ProgramsAreChildrenOfOurs) {
    test::ScratchDirectory scratch;
    const std::string path = scratch.path("host");
    std::ofstream(path) << "#!/bin/sh\nexit 3\n";
    ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
    ChildProgram program;
    ASSERT_TRUE(program.start(path, ChildProgram::Channel::stream));
    EXPECT_EQ(program.end(long_enough), "ended with status 3");
}

}  // namespace
}  // namespace sluice::containment
