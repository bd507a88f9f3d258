#include "qmail_log/send_ledger.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace sluice::qmail_log {
namespace {

class Ledger : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "sluice-ledger-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }
    [[nodiscard]] std::string path() const { return directory_ + "/qmail_send.mdb"; }

    std::string directory_;
    const std::uint64_t own_ = static_cast<std::uint64_t>(::getpid());
};

TEST_F(Ledger, NumbersDeliveriesFromOne) {
    SendLedger ledger(path());
    EXPECT_EQ(ledger.begin_delivery({own_, 7}, false), 1U);
    EXPECT_EQ(ledger.begin_delivery({own_, 8}, true), 2U);
    EXPECT_EQ(ledger.begin_delivery({own_, 9}, true), 3U);
    EXPECT_EQ(ledger.running().local, 1U);
    EXPECT_EQ(ledger.running().remote, 2U);
    EXPECT_EQ(ledger.end_delivery({own_, 8}), 2U);
    EXPECT_EQ(ledger.end_delivery({own_, 8}), std::nullopt) << "ended already";
    EXPECT_EQ(ledger.running().remote, 1U);
    ledger.reset();
    EXPECT_EQ(ledger.begin_delivery({own_, 10}, false), 1U) << "a new queue manager";
    EXPECT_EQ(ledger.end_delivery({own_, 7}), 1U) << "what was under way still ends";
    EXPECT_FALSE(ledger.running().stopping);
    ledger.set_stopping();
    EXPECT_TRUE(ledger.running().stopping);
}

TEST_F(Ledger, DeliveriesOfDeadProcessesDoNotCount) {
    const pid_t child = ::fork();
    if (child == 0) {
        SendLedger ledger(path());
        ledger.begin_delivery({static_cast<std::uint64_t>(::getpid()), 1}, true);
        ::_exit(0);  // as if killed: nobody ends the delivery
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    SendLedger ledger(path());
    EXPECT_EQ(ledger.begin_delivery({own_, 1}, true), 2U) << "the child's was number 1";
    EXPECT_EQ(ledger.running().remote, 1U);
}

TEST_F(Ledger, KnowsTheLastFileOfAMessage) {
    SendLedger ledger(path());
    EXPECT_TRUE(ledger.remove_file(1)) << "of most messages there is but one file";
    ledger.add_files(2, 1, false);
    EXPECT_TRUE(ledger.remove_file(2));
    ledger.add_files(3, 3, false);
    EXPECT_FALSE(ledger.remove_file(3));
    EXPECT_FALSE(ledger.remove_file(3));
    EXPECT_TRUE(ledger.remove_file(3));
    // A conversion channel: the new file is there before the old one goes.
    ledger.add_files(4, 1, false);
    ledger.add_files(4, 1, true);
    EXPECT_FALSE(ledger.remove_file(4));
    EXPECT_TRUE(ledger.remove_file(4));
}

TEST_F(Ledger, ProcessesShareOneCount) {
    constexpr int children = 4;
    constexpr int deliveries = 50;
    std::vector<pid_t> pids;
    for (int i = 0; i < children; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            SendLedger ledger(path());
            std::ofstream out(directory_ + "/child" + std::to_string(i));
            const auto own = static_cast<std::uint64_t>(::getpid());
            for (std::uint64_t n = 1; n <= deliveries; ++n)
                out << ledger.begin_delivery({own, n}, false) << '\n';
            for (std::uint64_t n = 1; n <= deliveries; ++n) ledger.end_delivery({own, n});
            out.close();
            ::_exit(0);
        }
        pids.push_back(child);
    }
    for (const pid_t pid : pids) {
        int status = 0;
        ASSERT_EQ(::waitpid(pid, &status, 0), pid);
        EXPECT_EQ(status, 0);
    }
    std::set<std::uint64_t> numbers;
    for (int i = 0; i < children; ++i) {
        std::ifstream in(directory_ + "/child" + std::to_string(i));
        for (std::uint64_t number = 0; in >> number;) numbers.insert(number);
    }
    EXPECT_EQ(numbers.size(), static_cast<std::size_t>(children * deliveries));
    EXPECT_EQ(*numbers.begin(), 1U);
    EXPECT_EQ(*numbers.rbegin(), static_cast<std::uint64_t>(children * deliveries));
}

TEST_F(Ledger, DamagedFileIsReplaced) {
    std::ofstream(path()) << std::string(8192, 'x');
    SendLedger ledger(path());
    EXPECT_EQ(ledger.begin_delivery({own_, 1}, false), 1U);
}

}  // namespace
}  // namespace sluice::qmail_log
