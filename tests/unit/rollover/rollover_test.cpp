#include "rollover/rollover.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "support/scratch_directory.h"

namespace sluice::rollover {
namespace {

class Rollover : public testing::Test {
protected:
    static void put(const std::string& path, std::string_view text) {
        std::ofstream(path, std::ios::binary) << text;
    }
    static std::string get(const std::string& path) {
        return file_exists(path) ? *read_file(path) : "(none)";
    }
    Result<RolloverReport> roll() {
        auto turn = RolloverTurn::take(scratch_.path("mail.log_lock"));
        if (!turn) return std::move(turn).error();
        return roll_over(files_, *turn);
    }
    Result<RolloverReport> finish() {
        auto turn = RolloverTurn::take(scratch_.path("mail.log_lock"));
        if (!turn) return std::move(turn).error();
        return finish_interrupted(files_, *turn);
    }
    void expect(std::string_view cumulative, std::string_view yesterday, std::string_view current) {
        EXPECT_EQ(get(files_.cumulative), cumulative);
        EXPECT_EQ(get(files_.yesterday), yesterday);
        EXPECT_EQ(get(files_.current), current);
        EXPECT_EQ(get(files_.journal()), "(none)");
    }
    static FileIdentity identity(const std::string& path) {
        struct stat status {};
        EXPECT_EQ(::stat(path.c_str(), &status), 0);
        return {status.st_dev, status.st_ino};
    }

    test::ScratchDirectory scratch_;
    LogTriple files_{
        scratch_.path("mail.log_current"), scratch_.path("mail.log_yesterday"),
        scratch_.path("mail.log")};
};

TEST_F(Rollover, MovesEachDayOneStep) {
    put(files_.current, "one\n");
    ASSERT_TRUE(roll());
    expect("(none)", "one\n", "");
    put(files_.current, "two\n");
    const auto report = roll();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->appended_bytes, 4U);
    EXPECT_EQ(report->rolled_bytes, 4U);
    EXPECT_FALSE(report->recovered);
    expect("one\n", "two\n", "");
    ASSERT_TRUE(roll());
    expect("one\ntwo\n", "", "");
}

TEST_F(Rollover, WithoutACurrentFileBeginsAnEmptyOne) {
    ASSERT_TRUE(roll());
    expect("(none)", "(none)", "");
    struct stat status {};
    ASSERT_EQ(::stat(files_.current.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U & ~0640U, 0U);
}

TEST_F(Rollover, RecreatesACumulativeFileThatAnAdministratorDeleted) {
    put(files_.yesterday, "one\n");
    put(files_.current, "two\n");
    ASSERT_TRUE(roll());
    std::filesystem::remove(files_.cumulative);
    ASSERT_TRUE(roll());
    expect("two\n", "", "");
}

TEST_F(Rollover, ClosesAHalfLineBeforeTheNextDayFollows) {
    put(files_.cumulative, "one\nha");
    put(files_.yesterday, "two\n");
    ASSERT_TRUE(roll());
    EXPECT_EQ(get(files_.cumulative), "one\nha\ntwo\n");
}

TEST_F(Rollover, CutsAPartialAppendAndDoesItAgain) {
    put(files_.cumulative, "one\ntw");
    put(files_.yesterday, "two\nthree\n");
    put(files_.current, "four\n");
    const Journal journal{
        Journal::Stage::append, identity(files_.cumulative), 4, identity(files_.yesterday), 10};
    put(files_.journal(), format_journal(journal));
    const auto report = roll();
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->recovered);
    expect("one\ntwo\nthree\n", "four\n", "");
}

TEST_F(Rollover, RemovesJournalsThatNobodyFinished) {
    const std::string left = files_.journal() + ".new-12345";
    put(left, "half a jour");
    put(files_.current, "one\n");
    ASSERT_TRUE(finish());
    EXPECT_FALSE(std::filesystem::exists(left));
    put(left, "");
    const std::string strange = files_.cumulative + "_rollover_notes";
    put(strange, "of the administrator\n");
    ASSERT_TRUE(roll());
    EXPECT_FALSE(std::filesystem::exists(left));
    EXPECT_TRUE(std::filesystem::exists(strange));
    expect("(none)", "one\n", "");
}

TEST_F(Rollover, FinishesWhatWasInterruptedAndBeginsNothing) {
    put(files_.cumulative, "one\ntw");
    put(files_.yesterday, "two\nthree\n");
    put(files_.current, "four\n");
    ASSERT_TRUE(finish());
    EXPECT_EQ(get(files_.cumulative), "one\ntw") << "nothing was under way";
    EXPECT_EQ(get(files_.current), "four\n");
    const Journal journal{
        Journal::Stage::append, identity(files_.cumulative), 4, identity(files_.yesterday), 10};
    put(files_.journal(), format_journal(journal));
    const auto report = finish();
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->recovered);
    expect("one\ntwo\nthree\n", "four\n", "");
    // All but the removal of the journal was done.
    put(files_.current, "five\n");
    put(files_.journal(), format_journal({Journal::Stage::removed, {1, 1}, 0, {1, 1}, 4}));
    ASSERT_TRUE(finish());
    expect("one\ntwo\nthree\n", "four\n", "five\n");
}

TEST_F(Rollover, KeepsAPartialAppendWhoseSourceIsGone) {
    put(files_.cumulative, "one\ntwo\n");
    put(files_.current, "four\n");
    const Journal journal{Journal::Stage::append, identity(files_.cumulative), 4, {1, 1}, 10};
    put(files_.journal(), format_journal(journal));
    ASSERT_TRUE(roll());
    expect("one\ntwo\n", "four\n", "");
}

TEST_F(Rollover, CutsNothingOfAnotherCumulativeFile) {
    put(files_.cumulative, "of somebody else\n");
    put(files_.yesterday, "two\n");
    const Journal journal{Journal::Stage::append, {1, 1}, 4, identity(files_.yesterday), 4};
    put(files_.journal(), format_journal(journal));
    ASSERT_TRUE(roll());
    EXPECT_EQ(get(files_.cumulative), "of somebody else\ntwo\n");
}

TEST_F(Rollover, NeverRemovesAYesterdayThatItDidNotAppend) {
    put(files_.cumulative, "one\n");
    put(files_.yesterday, "two\n");
    put(files_.current, "three\n");
    for (const auto stage : {Journal::Stage::appended, Journal::Stage::removed}) {
        const Journal journal{stage, identity(files_.cumulative), 0, {1, 1}, 4};
        put(files_.journal(), format_journal(journal));
        ASSERT_TRUE(roll());
    }
    expect("one\ntwo\nthree\n", "", "");
}

TEST_F(Rollover, LeavesADamagedJournalToAnOperator) {
    put(files_.yesterday, "one\n");
    put(files_.journal(), "rollover-1 append 1 2\n");
    EXPECT_FALSE(roll());
    EXPECT_EQ(get(files_.yesterday), "one\n");
}

TEST_F(Rollover, RefusesLinksAndOtherFiles) {
    put(scratch_.path("elsewhere"), "x\n");
    std::filesystem::create_symlink(scratch_.path("elsewhere"), files_.cumulative);
    put(files_.yesterday, "one\n");
    EXPECT_FALSE(roll());
    EXPECT_EQ(get(scratch_.path("elsewhere")), "x\n");
    EXPECT_EQ(get(files_.yesterday), "one\n");
}

TEST_F(Rollover, IsOneAtATime) {
    const auto first = RolloverTurn::take(scratch_.path("mail.log_lock"));
    ASSERT_TRUE(first);
    const auto second = RolloverTurn::take(scratch_.path("mail.log_lock"));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().error_number(), EAGAIN);
}

// A limit on file sizes fails write(2) in the middle, as a full disk does.
TEST_F(Rollover, FullDiskLeavesYesterdayInPlaceAndTheCumulativeFileAtItsOldSize) {
    const std::string old(900UL << 10U, 'o');
    const std::string day = std::string(600UL << 10U, 'd') + '\n';
    put(files_.cumulative, old + '\n');
    put(files_.yesterday, day);
    put(files_.current, "now\n");
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    rlimit tight = before;
    tight.rlim_cur = 1UL << 20U;
    auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
    const auto full = roll();
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, handler);
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().error_number(), EFBIG);
    expect(old + '\n', day, "now\n");
    ASSERT_TRUE(roll());
    expect(old + '\n' + day, "now\n", "");
}

}  // namespace
}  // namespace sluice::rollover
