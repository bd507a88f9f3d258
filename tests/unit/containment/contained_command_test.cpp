#include "containment/contained_command.h"

#include <grp.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "base/file.h"
#include "support/scratch_directory.h"

namespace sluice::containment {
namespace {

using Kind = Report::Kind;

/// The MTA does not run as root, whom some limits do not bind: nor does this test.
bool give_up_root() {
    constexpr unsigned nobody = 65534;
    // Root of a name space has no more to give up.
    if (::geteuid() == 0 && ::setgroups(0, nullptr) != 0) return true;
    return ::geteuid() != 0 ||
           (::setgroups(0, nullptr) == 0 && ::setresgid(nobody, nobody, nobody) == 0 &&
            ::setresuid(nobody, nobody, nobody) == 0);
}

class ContainedCommand : public testing::Test {
protected:
    static void SetUpTestSuite() { ASSERT_TRUE(give_up_root()); }

    ContainedCommand() {
        job_.directory = scratch_.path("work");
        EXPECT_TRUE(make_directories(job_.directory, 0700));
        std::ofstream(scratch_.path("other-mail")) << "secret\n";
        job_.environment = {{"PATH", "/usr/bin:/bin"}};
        job_.limits.wall_time = std::chrono::seconds(10);
    }
    Report run(const std::string& command) {
        job_.command = command;
        const auto began = std::chrono::steady_clock::now();
        auto report = run_contained(SLUICE_COMMAND_HOST, job_);
        took_ = std::chrono::steady_clock::now() - began;
        EXPECT_TRUE(report) << report.error().to_debug_string();
        if (!report) return {};
        for (const std::string& text : report->applied) applied_ += text + "; ";
        return std::move(*report);
    }
    [[nodiscard]] bool applied(const char* what) const {
        return applied_.find(what) != std::string::npos &&
               applied_.find(std::string("no ") + what) == std::string::npos;
    }
    [[nodiscard]] std::string made(const char* name) const {
        const auto text = read_file(job_.directory + '/' + name);
        return text ? *text : "(none)";
    }

    test::ScratchDirectory scratch_;
    Job job_;
    std::string applied_;
    std::chrono::steady_clock::duration took_{};
};

TEST_F(ContainedCommand, RunsInItsDirectoryWithItsEnvironmentAlone) {
    job_.environment.emplace_back("INPUT_TYPE", "te xt");
    const Report report = run("env | sort > out; pwd; cat; exit 3");
    EXPECT_EQ(report.kind, Kind::exited) << report.text;
    EXPECT_EQ(report.code, 3);
    EXPECT_EQ(report.output, job_.directory + '\n');
    EXPECT_NE(made("out").find("INPUT_TYPE=te xt\n"), std::string::npos);
    EXPECT_EQ(made("out").find("HOME"), std::string::npos);
}

TEST_F(ContainedCommand, SignalsAreTold) {
    const Report report = run("kill -SEGV $$");
    EXPECT_EQ(report.kind, Kind::killed);
    EXPECT_EQ(report.code, 11);
}

TEST_F(ContainedCommand, ThatLoopsIsStopped) {
    job_.limits.wall_time = std::chrono::seconds(1);
    const Report report = run("trap '' TERM; while true; do sleep 0.01; done");
    EXPECT_EQ(report.kind, Kind::limited);
    EXPECT_EQ(report.text, "1 s have passed");
    EXPECT_LT(took_, std::chrono::seconds(8));
}

TEST_F(ContainedCommand, ThatOnlyComputesIsStopped) {
    job_.limits.cpu_time = std::chrono::seconds(1);
    const Report report = run("while :; do :; done");
    EXPECT_EQ(report.kind, Kind::limited);
    EXPECT_EQ(report.text, "1 s of CPU time are used");
}

TEST_F(ContainedCommand, TakesItsChildrenWithIt) {
    // The child forks away twice, leaves the session, and would write a second later.
    const std::string mark = job_.directory + "/late";
    const Report report = run("(setsid sh -c '(sleep 1; echo late > late) & exit') & echo done");
    EXPECT_EQ(report.kind, Kind::exited);
    ::sleep(2);
    EXPECT_FALSE(file_exists(mark));
}

TEST_F(ContainedCommand, ThatForksWithoutEndIsStopped) {
    job_.limits.processes = 20;
    job_.limits.wall_time = std::chrono::seconds(5);
    // The kernel counts no processes of root, whom nothing but the watch would hold up then: others
    // want to work here too.
    const bool is_counted = ::geteuid() != 0;
    const Report report =
        run(is_counted ? "f() { f & f & wait; }; f; sleep 4"
                       : "i=0; while [ $i -lt 300 ]; do sleep 4 & i=$((i+1)); done; wait");
    EXPECT_TRUE(is_counted || report.kind == Kind::limited) << report.text;
    EXPECT_NE(report.kind, Kind::failed) << report.text;
    EXPECT_LT(took_, std::chrono::seconds(15));
}

TEST_F(ContainedCommand, ThatFillsTheDiskIsStopped) {
    job_.limits.file_size = 1UL << 20U;
    Report report = run("yes > big; true");
    EXPECT_EQ(report.kind, Kind::limited) << report.code;
    EXPECT_NE(report.text.find("1 MiB"), std::string::npos);
    job_.limits.file_size = 100UL << 20U;
    job_.limits.disk = 4UL << 20U;
    report = run("i=0; while true; do i=$((i+1)); head -c 500000 /dev/zero > f$i; done");
    EXPECT_EQ(report.kind, Kind::limited);
    EXPECT_EQ(report.text, "files larger than 4 MiB");
}

TEST_F(ContainedCommand, ThatTakesMemoryIsStopped) {
    job_.limits.memory = 64UL << 20U;
    const Report report = run("python3 -c 'x = bytearray(500 << 20)'");
    EXPECT_FALSE(report.kind == Kind::exited && report.code == 0);
}

TEST_F(ContainedCommand, OutputIsKeptInPart) {
    const Report report = run("head -c 3000000 /dev/zero | tr '\\0' x; echo >&2 end");
    EXPECT_EQ(report.kind, Kind::exited);
    EXPECT_EQ(report.output.size(), max_kept_output);
}

TEST_F(ContainedCommand, ReadsNoOtherMail) {
    const Report report =
        run("cat ../other-mail; cp ../other-mail mine; ls ..; ln ../other-mail x");
    if (!applied("landlock"))
        GTEST_SKIP() << "the kernel has no Landlock, which is what is tested: " << applied_;
    EXPECT_EQ(report.output.find("secret"), std::string::npos) << report.output;
    EXPECT_EQ(report.output.find("other-mail\n"), std::string::npos) << report.output;
    EXPECT_NE(made("mine"), "secret\n");
}

TEST_F(ContainedCommand, WritesNothingOutside) {
    const std::string outside = scratch_.path("outside");
    const Report report =
        run("echo x > " + outside + "; echo x >> ../other-mail; rm ../other-mail");
    if (!applied("landlock"))
        GTEST_SKIP() << "the kernel has no Landlock, which is what is tested: " << applied_;
    EXPECT_EQ(report.kind, Kind::exited);
    EXPECT_FALSE(file_exists(outside));
    EXPECT_EQ(read_file(scratch_.path("other-mail")).value(), "secret\n");
}

TEST_F(ContainedCommand, MayReadWhatItIsGiven) {
    job_.readable = {scratch_.path("other-mail")};
    EXPECT_EQ(run("cat ../other-mail").output, "secret\n");
}

TEST_F(ContainedCommand, OpensNoSocket) {
    const char* script =
        "python3 -c 'import socket\n"
        "for f in (socket.AF_INET, socket.AF_UNIX):\n"
        "  try:\n"
        "    socket.socket(f); print(\"open\")\n"
        "  except OSError: print(\"refused\")'";
    const Report report = run(script);
    if (!applied("seccomp"))
        GTEST_SKIP() << "the kernel takes no seccomp filter, which is what is tested: " << applied_;
    EXPECT_EQ(report.output, "refused\nrefused\n");
    job_.network = true;
    EXPECT_EQ(run(script).output, "open\nopen\n");
}

TEST_F(ContainedCommand, SeesNoOtherProcess) {
    const Report report = run("kill -0 " + std::to_string(::getpid()) + " && echo seen");
    if (!applied("namespaces") && !applied("landlock"))
        GTEST_SKIP() << "neither name spaces nor Landlock to hide processes: " << applied_;
    EXPECT_EQ(report.output.find("seen"), std::string::npos);
}

TEST_F(ContainedCommand, WithoutADirectoryIsNotRun) {
    job_.directory += "/gone";
    const Report report = run("true");
    EXPECT_EQ(report.kind, Kind::failed);
    EXPECT_NE(report.text.find("working directory"), std::string::npos);
}

TEST(ContainedCommandHost, ThatIsNotThereIsAnError) {
    const auto report = run_contained("/nonexistent/command_host", {});
    ASSERT_FALSE(report);
    EXPECT_FALSE(report.error().is_permanent());
}

}  // namespace
}  // namespace sluice::containment
