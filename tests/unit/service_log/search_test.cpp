#include "service_log/search.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/scratch_directory.h"

namespace sluice::service_log {
namespace {

class Search : public testing::Test {
protected:
    Search() {
        std::ofstream(scratch_.path("admin"))
            << "[01/Mar/2026:10:00:00 +0000] h imsimta[1]: General Notice: qm stop\n"
               "something else\n"
               "[01/Mar/2026:11:00:00 +0000] h imsimta[2]: Store Error: Disk full\n"
            << std::string(100000, 'x')
            << "\n[01/Mar/2026:12:00:00 +0000] h l_master[3]: Store Information: append:a";
    }
    std::vector<std::uint64_t> pids(const Filter& filter) {
        std::vector<std::uint64_t> found;
        count_ = *search_file(scratch_.path("admin"), filter, [&](const Line& line) {
            found.push_back(line.pid);
        });
        return found;
    }
    using Pids = std::vector<std::uint64_t>;

    test::ScratchDirectory scratch_;
    SearchCount count_;
};

TEST_F(Search, WithoutConditionsFindsAllAndCountsTheRest) {
    EXPECT_EQ(pids({}), (Pids{1, 2, 3}));
    EXPECT_EQ(count_.lines, 5U);
    EXPECT_EQ(count_.not_understood, 2U);
}

TEST_F(Search, EachConditionNarrows) {
    Filter filter;
    filter.categories = {Category::store};
    EXPECT_EQ(pids(filter), (Pids{2, 3}));
    filter.levels = {Level::error, Level::notice};
    EXPECT_EQ(pids(filter), (Pids{2}));
    filter.containing = "disk";
    EXPECT_EQ(pids(filter), Pids()) << "case counts";
    filter = {};
    filter.from = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + std::chrono::hours(11);
    EXPECT_EQ(pids(filter), (Pids{2, 3}));
    filter.to = filter.from;
    EXPECT_EQ(pids(filter), (Pids{2}));
    filter = {};
    filter.process = "l_master";
    EXPECT_EQ(pids(filter), (Pids{3}));
    filter.pid = 2;
    EXPECT_EQ(pids(filter), Pids());
}

TEST_F(Search, FilesComeOldestFirst) {
    for (const char* name : {"admin.10.5", "admin.9.4", "admin.lock", "imta.1.1"})
        std::ofstream(scratch_.path(name)) << "";
    const auto files = files_of(scratch_.path(""), "admin");
    ASSERT_TRUE(files);
    EXPECT_EQ(
        *files,
        (std::vector<std::string>{
            scratch_.path("admin.9.4"), scratch_.path("admin.10.5"), scratch_.path("admin")})
    );
    EXPECT_FALSE(files_of(scratch_.path("none"), "admin"));
}

}  // namespace
}  // namespace sluice::service_log
