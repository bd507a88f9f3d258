#include "service_log/service_log.h"

#include <gtest/gtest.h>
#include <syslog.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "base/bytes.h"
#include "base/file.h"
#include "service_log/search.h"
#include "support/manual_clock.h"
#include "support/scratch_directory.h"

namespace sluice::service_log {
namespace {

class Log : public testing::Test {
protected:
    Log() {
        settings_.directory = scratch_.path("logs");
        settings_.threshold = Level::debug;
        settings_.min_free_space = 0;
        writer_.host = "host";
        writer_.process = "test";
        writer_.zone = TimeZone();
        writer_.clock = &clock_;
    }
    void write(const std::string& message, Level level = Level::notice) {
        ServiceLog log("imta", settings_, writer_);
        log.write(Category::general, level, message);
        EXPECT_EQ(log.failure(), "");
    }
    std::vector<std::string> files() const {
        const auto found = files_of(settings_.directory, "imta");
        return found ? *found : std::vector<std::string>();
    }
    std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (const std::string& path : files()) found.push_back(path.substr(path.rfind('/') + 1));
        return found;
    }
    /// All events but those about files, oldest first.
    std::vector<std::string> messages() const {
        std::vector<std::string> found;
        for (const std::string& path : files()) {
            EXPECT_TRUE(search_file(path, {}, [&](const Line& line) {
                if (!line.message.starts_with("Log created (")) found.push_back(line.message);
            }));
        }
        return found;
    }
    std::int64_t now() const {
        return std::chrono::floor<std::chrono::seconds>(clock_.wall_now().time_since_epoch())
            .count();
    }
    using Texts = std::vector<std::string>;

    test::ScratchDirectory scratch_;
    test::ManualClock clock_;
    ServiceSettings settings_;
    Writer writer_;
};

TEST_F(Log, BeginsWithTheTimeOfItsCreation) {
    write("first");
    const std::string text = *read_file(settings_.directory + "/imta");
    EXPECT_NE(
        text.find("]: General Notice: Log created (" + std::to_string(now()) + ")\n"),
        std::string::npos
    ) << text;
    EXPECT_EQ(messages(), Texts{"first"});
}

TEST_F(Log, LeavesOutWhatIsBelowTheThreshold) {
    settings_.threshold = Level::notice;
    write("quiet", Level::information);
    EXPECT_FALSE(file_exists(settings_.directory)) << "nothing is opened for nothing";
    write("loud", Level::error);
    settings_.threshold = std::nullopt;
    write("nolog", Level::emergency);
    EXPECT_EQ(messages(), Texts{"loud"});
}

TEST_F(Log, RotatesBySize) {
    settings_.max_file_size = 400;
    settings_.max_files = 100;
    const std::int64_t created = now();
    for (int i = 0; i < 12; ++i) write("event " + std::to_string(i) + std::string(100, '.'));
    EXPECT_EQ(messages().size(), 12U);
    EXPECT_GE(names().size(), 6U);
    EXPECT_EQ(names().front(), "imta.1." + std::to_string(created));
    EXPECT_EQ(names().back(), "imta");
}

TEST_F(Log, RotatesByAgeAndNamesTheFileAfterItsBegin) {
    const std::int64_t created = now();
    write("yesterday");
    clock_.advance(settings_.rollover_time);
    write("today");
    EXPECT_EQ(names(), (Texts{"imta.1." + std::to_string(created), "imta"}));
    EXPECT_EQ(messages(), (Texts{"yesterday", "today"}));
}

TEST_F(Log, NumbersGrowEvenWhenAllOldFilesAreGone) {
    settings_.rollover_time = std::chrono::seconds(10);
    settings_.expiry_time = std::chrono::seconds(15);
    for (int i = 0; i < 5; ++i) {
        write("event");
        clock_.advance(std::chrono::seconds(10));
    }
    for (const auto& file : files()) std::filesystem::remove(file);
    write("again");
    clock_.advance(std::chrono::seconds(10));
    write("and again");
    EXPECT_TRUE(names().front().starts_with("imta.5.")) << names().front();
}

TEST_F(Log, KeepsNoMoreFilesThanItMay) {
    settings_.max_files = 3;
    settings_.rollover_time = std::chrono::seconds(10);
    for (int i = 0; i < 8; ++i) {
        write("event " + std::to_string(i));
        clock_.advance(std::chrono::seconds(10));
    }
    EXPECT_EQ(names().size(), 3U);
    EXPECT_EQ(messages(), (Texts{"event 5", "event 6", "event 7"}));
}

TEST_F(Log, TooLittleSpaceIsSaidOnce) {
    settings_.min_free_space = 1000;
    std::uint64_t free_space = 10;
    writer_.free_space = [&](const std::string&) { return free_space; };
    ServiceLog log("imta", settings_, writer_);
    for (int i = 0; i < 3; ++i) {
        log.write(Category::general, Level::notice, "event");
        clock_.advance(std::chrono::seconds(61));
    }
    EXPECT_EQ(messages().size(), 4U);
    EXPECT_TRUE(messages()[0].starts_with("less than 1000 bytes free")) << messages()[0];
    free_space = 2000;
    log.write(Category::general, Level::notice, "event");
    clock_.advance(std::chrono::seconds(61));
    free_space = 10;
    log.write(Category::general, Level::notice, "event");
    EXPECT_EQ(messages().size(), 7U) << "said again, after there was room in between";
}

TEST_F(Log, ABufferIsWrittenWhenItIsFullOrOld) {
    settings_.buffer_size = 300;
    ServiceLog log("imta", settings_, writer_);
    log.write(Category::general, Level::notice, "one");  // the first is never flushed recently
    log.write(Category::general, Level::notice, "two");
    EXPECT_EQ(messages(), Texts{"one"});
    log.write(Category::general, Level::notice, std::string(300, 'x'));
    EXPECT_EQ(messages().size(), 3U);
    log.write(Category::general, Level::notice, "four");
    EXPECT_EQ(messages().size(), 3U);
    clock_.advance(settings_.flush_interval);
    log.write(Category::general, Level::notice, "five");
    EXPECT_EQ(messages().size(), 5U);
    log.write(Category::general, Level::notice, "six");
    log.flush();
    EXPECT_EQ(messages().size(), 6U);
}

TEST_F(Log, TheLastEventDoesNotWaitForAnother) {
    settings_.buffer_size = 300;
    settings_.flush_interval = std::chrono::seconds(1);
    ServiceLog log("imta", settings_, writer_);
    log.write(Category::general, Level::notice, "one");
    log.write(Category::general, Level::notice, "two");
    for (int i = 0; i < 600 && messages().size() < 2; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_EQ(messages(), (Texts{"one", "two"}));
}

TEST_F(Log, GoesToSyslogAndNowhereElse) {
    settings_.syslog_facility = parse_facility("local3");
    std::vector<std::pair<int, std::string>> sent;
    writer_.syslog = [&](int priority, std::string_view text) {
        sent.emplace_back(priority, text);
    };
    write("text\n", Level::warning);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(
        sent[0], std::pair(LOG_LOCAL3 | LOG_WARNING, std::string("General Warning: text\\x0a"))
    );
    EXPECT_FALSE(file_exists(settings_.directory));
}

TEST_F(Log, FollowsAFileThatAnotherRotated) {
    settings_.max_file_size = 2000;
    ServiceLog one("imta", settings_, writer_);
    ServiceLog two("imta", settings_, writer_);
    for (int i = 0; i < 50; ++i) {
        (i % 2 == 0 ? one : two).write(Category::general, Level::notice, std::to_string(i));
    }
    Texts wanted;
    for (int i = 0; i < 50; ++i) wanted.push_back(std::to_string(i));
    EXPECT_EQ(messages(), wanted);
}

TEST_F(Log, ManyWritersLoseNothing) {
    settings_.max_file_size = 4000;
    settings_.max_files = 10000;
    constexpr int each = 200;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            ServiceLog log("imta", settings_, writer_);
            for (int i = 0; i < each; ++i)
                log.write(Category::general, Level::notice, std::to_string(t * each + i));
        });
    }
    for (auto& thread : threads) thread.join();
    std::set<std::string> seen;
    for (const std::string& message : messages())
        EXPECT_TRUE(seen.insert(message).second) << message;
    EXPECT_EQ(seen.size(), 4U * each);
}

TEST_F(Log, ALinkInItsPlaceIsNotFollowed) {
    ASSERT_TRUE(make_directories(settings_.directory));
    ASSERT_TRUE(replace_file(scratch_.path("other"), "mine\n"));
    std::filesystem::create_symlink(scratch_.path("other"), settings_.directory + "/imta");
    ServiceLog log("imta", settings_, writer_);
    log.write(Category::general, Level::notice, "event");
    EXPECT_NE(log.failure(), "");
    EXPECT_EQ(*read_file(scratch_.path("other")), "mine\n");
}

TEST_F(Log, HalfALineIsNotJoined) {
    write("whole");
    std::ofstream(settings_.directory + "/imta", std::ios::app)
        << "[21/Nov/2026:10:00:00 +0000] ho";
    write("after it");
    EXPECT_EQ(messages(), (Texts{"whole", "after it"}));
    const std::string text = *read_file(settings_.directory + "/imta");
    EXPECT_NE(text.find(" ho\n["), std::string::npos) << text;
}

TEST_F(Log, NoteThatIsDamagedCostsNothing) {
    write("one");
    std::ofstream(settings_.directory + "/imta.lock")
        << "18446744073709551615 -9223372036854775808\n";
    write("two");
    clock_.advance(settings_.rollover_time + std::chrono::seconds(1));
    write("three");
    EXPECT_EQ(messages(), (Texts{"one", "two", "three"}));
}

TEST_F(Log, LockFileThatWasRemovedIsLeft) {
    settings_.max_file_size = 200;
    ServiceLog early("imta", settings_, writer_);
    early.write(Category::general, Level::notice, "one");
    ASSERT_TRUE(std::filesystem::remove(settings_.directory + "/imta.lock"));
    early.write(Category::general, Level::notice, "two");
    EXPECT_TRUE(file_exists(settings_.directory + "/imta.lock")) << "where others lock, too";
    EXPECT_EQ(early.failure(), "");
}

TEST_F(Log, FileThatCannotBeRetiredIsWrittenOn) {
    write("one");
    // In the way of the name that it should have.
    std::filesystem::create_directories(
        settings_.directory + "/imta.1." + std::to_string(now()) + "/x"
    );
    clock_.advance(settings_.rollover_time + std::chrono::seconds(1));
    write("two");
    const std::string text = *read_file(settings_.directory + "/imta");
    EXPECT_NE(text.find(": one\n"), std::string::npos) << text;
    EXPECT_NE(text.find(": two\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace sluice::service_log
