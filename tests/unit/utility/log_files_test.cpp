#include "utility/log_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/scratch_directory.h"

namespace sluice::utility {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

const WallTime begin = WallTime(hours(24 * 365 * 40));

LogVersion version(const std::string& base, int hour) {
    const WallTime time = begin + hours(hour);
    return {base + '-' + version_id(time, 1), base, time};
}

TEST(LogPattern, WithoutADirectoryIsAboutTheLogDirectory) {
    EXPECT_EQ(log_pattern("x.log", "/logs/").directory, "/logs/");
    EXPECT_EQ(log_pattern("/var/y/x*.log", "/logs/").directory, "/var/y/");
    EXPECT_EQ(log_pattern("/var/y/x*.log", "/logs/").name, "x*.log");
}

class FoundLogs : public testing::Test {
protected:
    void put(const std::string& name) { std::ofstream(scratch_.path(name)) << name; }
    std::vector<std::string> found(const std::string& pattern) {
        std::vector<std::string> names;
        const auto files = find_log_files(log_pattern(pattern, scratch_.path("")));
        for (const LogFile& file : *files)
            names.push_back(std::filesystem::path(file.path).filename());
        return names;
    }

    test::ScratchDirectory scratch_;
};

TEST_F(FoundLogs, AreVersionsOldestFirst) {
    const LogVersion young = version("x.log", 2);
    const LogVersion old = version("x.log", 1);
    const LogVersion other = version("y.log", 0);
    for (const auto* one : {&young, &old, &other}) put(one->name);
    std::filesystem::create_symlink(young.name, scratch_.path("x.log"));
    EXPECT_THAT(found("x.log"), ElementsAre(old.name, young.name));
    EXPECT_THAT(found("X.LOG-*"), ElementsAre(old.name, young.name));
    EXPECT_THAT(found("?.log"), ElementsAre(other.name, old.name, young.name));
    EXPECT_THAT(found("z*"), IsEmpty());
}

TEST_F(FoundLogs, AreOtherFilesWhereThereIsNoVersion) {
    put("mail.log_current");
    EXPECT_THAT(found("mail.log*"), ElementsAre("mail.log_current"));
    EXPECT_FALSE(find_log_files(log_pattern("none/x", scratch_.path(""))));
}

class Purge : public testing::Test {
protected:
    std::vector<std::string> purged(const std::string& pattern, const PurgeRule& rule) {
        std::vector<std::string> names;
        for (const LogVersion& one : versions_to_purge(versions_, pattern, rule))
            names.push_back(one.name);
        return names;
    }
    std::vector<LogVersion> versions_{
        version("x.log", 1), version("y.log", 2), version("x.log", 3), version("x.log", 4)};
};

TEST_F(Purge, KeepsTheNewestOfEachLog) {
    EXPECT_THAT(purged("*", {1, {}}), ElementsAre(versions_[0].name, versions_[2].name));
    EXPECT_THAT(purged("*", {9, {}}), IsEmpty());
    EXPECT_THAT(purged("y.log", {0, {}}), ElementsAre(versions_[1].name));
}

TEST_F(Purge, KeepsWhatAnyRuleKeeps) {
    EXPECT_THAT(purged("x*", {{}, begin + hours(3)}), ElementsAre(versions_[0].name));
    EXPECT_THAT(purged("x*", {2, begin + hours(4)}), ElementsAre(versions_[0].name));
    EXPECT_THAT(purged("x*", {0, begin + hours(5)}).size(), 3U);
}

}  // namespace
}  // namespace sluice::utility
