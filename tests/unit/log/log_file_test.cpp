#include "log/log_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <thread>

#include "base/bytes.h"
#include "base/file.h"
#include "log/background_flush.h"

namespace sluice::log {
namespace {

class LogFile : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "sluice-log-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
        settings_.message_log = directory_ + "/mail.log_current";
        settings_.connection_log = directory_ + "/connection.log_current";
        settings_.lock_file = directory_ + "/mail.log_lock";
        settings_.zone = TimeZone();
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    static Event numbered(int number) {
        Event event;
        event.kind = EventKind::enqueued;
        event.source_channel = "l";
        event.destination_channel = "l";
        event.recipient = "user" + std::to_string(number);
        return event;
    }
    static Event connection() {
        Event event;
        event.kind = EventKind::connection_opened;
        event.source_channel = "tcp_local";
        event.application = "SMTP";
        return event;
    }
    // Last words of the lines; every line must be a whole entry.
    static std::vector<std::string> users_in(const std::string& path) {
        std::vector<std::string> users;
        std::ifstream file(path);
        for (std::string line; std::getline(file, line);) {
            EXPECT_TRUE(line.starts_with("01-Jan-1970 ")) << line;
            users.push_back(line.substr(line.rfind(' ') + 1));
        }
        return users;
    }
    [[nodiscard]] std::string path(const char* name) const { return directory_ + '/' + name; }

    std::string directory_;
    LogSettings settings_;
};

TEST_F(LogFile, WritesTheLinesOfAMessageInOrder) {
    TransactionLog log(settings_);
    log.write(std::vector<Event>{numbered(1), numbered(2)});
    log.write(numbered(3));
    EXPECT_EQ(
        users_in(settings_.message_log), (std::vector<std::string>{"user1", "user2", "user3"})
    );
    struct stat status {};
    ASSERT_EQ(::stat(settings_.message_log.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0137U, 0U) << "not writable by others, not readable by the world";
    EXPECT_EQ(log.buffered(), 0U);
}

TEST_F(LogFile, PostedLinesWaitForTheFlush) {
    TransactionLog log(settings_);
    log.post(std::vector<Event>{numbered(1)});
    log.post(std::vector<Event>{numbered(2)});
    EXPECT_FALSE(file_exists(settings_.message_log));
    EXPECT_GT(log.buffered(), 0U);
    log.flush();
    EXPECT_EQ(users_in(settings_.message_log).size(), 2U);
}

TEST_F(LogFile, ConnectionEntriesHaveAFileOfTheirOwnWhereAskedFor) {
    settings_.options.connection = connection_bit::sessions;
    {
        TransactionLog log(settings_);
        log.write(std::vector<Event>{connection(), numbered(1)});
    }
    EXPECT_EQ(users_in(settings_.message_log).size(), 2U);
    EXPECT_FALSE(file_exists(settings_.connection_log));
    settings_.options.separate_connection_log = true;
    TransactionLog log(settings_);
    log.write(std::vector<Event>{connection(), numbered(2)});
    EXPECT_EQ(users_in(settings_.message_log).size(), 3U);
    EXPECT_EQ(users_in(settings_.connection_log), (std::vector<std::string>{"SMTP"}));
}

TEST_F(LogFile, ChannelMayHaveItsOwnConnectionMask) {
    TransactionLog log(settings_);
    log.write(connection());
    EXPECT_FALSE(file_exists(settings_.message_log));
    LogOptions channel = log.options();
    channel.connection = connection_bit::sessions;
    log.write(std::vector<Event>{connection()}, channel);
    EXPECT_EQ(users_in(settings_.message_log).size(), 1U);
}

/// Notes what it is given.
class NotingSink : public EventSink {
public:
    struct Notes {
        std::vector<std::string> posted;
        int flushes = 0;
    };
    NotingSink(Notes& notes, EventKind wanted) : notes_(notes), wanted_(wanted) {}

    [[nodiscard]] bool wants(EventKind kind) const override { return kind == wanted_; }
    void post(std::span<const Event> events, const LogOptions& options) override {
        for (const Event& event : events)
            notes_.posted.push_back(event.recipient + '/' + std::to_string(options.connection));
    }
    void flush() override { ++notes_.flushes; }

private:
    Notes& notes_;
    EventKind wanted_;
};

TEST_F(LogFile, SinksGetEveryEventWhetherTheChannelLogsOrNot) {
    NotingSink::Notes first;
    NotingSink::Notes second;
    std::vector<std::unique_ptr<EventSink>> sinks;
    sinks.push_back(std::make_unique<NotingSink>(first, EventKind::message_gone));
    sinks.push_back(std::make_unique<NotingSink>(second, EventKind::delivery_started));
    TransactionLog log(settings_, std::move(sinks));

    std::vector<Event> events{numbered(1), numbered(2), numbered(3)};
    events[1].logged = false;
    events[2].kind = EventKind::message_gone;
    LogOptions options;
    options.connection = connection_bit::sessions;
    log.post(events, options);
    EXPECT_EQ(first.posted, (std::vector<std::string>{"user1/2", "user2/2", "user3/2"}));
    EXPECT_EQ(second.posted, first.posted);
    EXPECT_EQ(first.flushes, 0);
    log.flush();
    EXPECT_EQ(first.flushes, 1);
    EXPECT_EQ(second.flushes, 1);
    EXPECT_EQ(users_in(settings_.message_log), (std::vector<std::string>{"user1"}));
}

TEST_F(LogFile, TellsWhetherAnybodyWantsAnEvent) {
    const LogOptions options;
    TransactionLog alone(settings_);
    EXPECT_TRUE(alone.wants(EventKind::enqueued, true, options));
    EXPECT_FALSE(alone.wants(EventKind::enqueued, false, options));
    EXPECT_FALSE(alone.wants(EventKind::connection_opened, true, options)) << "LOG_CONNECTION";
    EXPECT_FALSE(alone.wants(EventKind::message_gone, true, options)) << "no entry";
    EXPECT_TRUE(alone.has_readers(true));
    EXPECT_FALSE(alone.has_readers(false));

    NotingSink::Notes notes;
    std::vector<std::unique_ptr<EventSink>> sinks;
    sinks.push_back(std::make_unique<NotingSink>(notes, EventKind::message_gone));
    const TransactionLog accompanied(settings_, std::move(sinks));
    EXPECT_TRUE(accompanied.wants(EventKind::message_gone, false, options));
    EXPECT_FALSE(accompanied.wants(EventKind::delivery_started, false, options));
    EXPECT_TRUE(accompanied.has_readers(false));
}

TEST_F(LogFile, FollowsARollover) {
    TransactionLog log(settings_);
    log.write(numbered(1));
    ASSERT_EQ(std::rename(settings_.message_log.c_str(), path("mail.log_yesterday").c_str()), 0);
    log.write(numbered(2));
    ASSERT_EQ(::unlink(settings_.message_log.c_str()), 0);
    log.write(numbered(3));
    EXPECT_EQ(users_in(path("mail.log_yesterday")), (std::vector<std::string>{"user1"}));
    EXPECT_EQ(users_in(settings_.message_log), (std::vector<std::string>{"user3"}));
}

TEST_F(LogFile, EntriesWrittenDuringRolloversAppearExactlyOnce) {
    constexpr int writers = 4;
    constexpr int lines = 300;
    TransactionLog first(settings_);
    TransactionLog second(settings_);
    std::vector<std::thread> threads;
    for (int w = 0; w < writers; ++w) {
        threads.emplace_back([&, w] {
            TransactionLog& log = w % 2 == 0 ? first : second;
            for (int i = 0; i < lines; ++i) log.write(numbered(w * lines + i));
        });
    }
    WriterLock lock(settings_.lock_file);
    std::vector<std::string> files;
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(lock.lock_exclusive().has_value());
        files.push_back(path("rolled") + std::to_string(i));
        if (std::rename(settings_.message_log.c_str(), files.back().c_str()) != 0) files.pop_back();
        lock.unlock();
        std::this_thread::yield();
    }
    for (std::thread& thread : threads) thread.join();
    files.push_back(settings_.message_log);
    std::multiset<std::string> seen;
    for (const std::string& file : files) {
        for (const std::string& user : users_in(file)) seen.insert(user);
    }
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(writers * lines));
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), seen.size());
}

TEST_F(LogFile, WaitsForTheRolloversLock) {
    TransactionLog log(settings_);
    WriterLock lock(settings_.lock_file);
    ASSERT_TRUE(lock.lock_exclusive().has_value());
    std::thread writer([&] { log.write(numbered(1)); });
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    EXPECT_FALSE(file_exists(settings_.message_log));
    lock.unlock();
    writer.join();
    EXPECT_EQ(users_in(settings_.message_log).size(), 1U);
}

TEST_F(LogFile, OnlyOneRolloverAtATime) {
    WriterLock first(settings_.lock_file);
    WriterLock second(settings_.lock_file);
    ASSERT_TRUE(first.try_lock_exclusive(rollover_lock_byte).has_value());
    EXPECT_FALSE(second.try_lock_exclusive(rollover_lock_byte).has_value());
    EXPECT_TRUE(second.lock_shared().has_value()) << "writers are not in the way";
    first.unlock(rollover_lock_byte);
    EXPECT_TRUE(second.try_lock_exclusive(rollover_lock_byte).has_value());
}

TEST_F(LogFile, MendsHalfALineOfAKilledWriter) {
    std::ofstream(settings_.message_log) << "01-Jan-1970 whole user0\n01-Jan-1970 half";
    TransactionLog log(settings_);
    log.write(numbered(1));
    EXPECT_EQ(
        users_in(settings_.message_log), (std::vector<std::string>{"user0", "half", "user1"})
    );
}

// A file size limit stands in for a full disk: short writes first, then failures.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit limit = before_;
        limit.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;
    ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

TEST_F(LogFile, FullDiskDelaysEntriesAndTearsNone) {
    TransactionLog log(settings_);
    {
        const FileSizeLimit limit(500);
        for (int i = 0; i < 50; ++i)
            log.write(std::vector<Event>{numbered(2 * i), numbered(2 * i + 1)});
        EXPECT_GT(log.buffered(), 0U);
        EXPECT_EQ(log.dropped(), 0U);
        EXPECT_FALSE(log.must_stop());
    }
    log.write(numbered(100));
    EXPECT_EQ(log.buffered(), 0U);
    std::vector<std::string> whole;
    std::ifstream file(settings_.message_log);
    for (std::string line; std::getline(file, line);) {
        // The half line that was in the file when the disk was full is completed and written again.
        const std::size_t user = line.find(" user");
        if (user != std::string::npos) whole.push_back(line.substr(user + 1));
    }
    std::vector<std::string> expected;
    for (int i = 0; i <= 100; ++i) expected.push_back("user" + std::to_string(i));
    whole.erase(std::unique(whole.begin(), whole.end()), whole.end());
    EXPECT_EQ(whole, expected);
}

TEST_F(LogFile, DropsAndCountsBeyondTheBuffer) {
    settings_.buffer_max = 300;
    settings_.message_log = path("no-such-directory/mail.log_current");
    TransactionLog log(settings_);
    for (int i = 0; i < 20; ++i) log.write(numbered(i));
    EXPECT_LE(log.buffered(), 300U);
    EXPECT_GT(log.buffered(), 200U);
    EXPECT_GT(log.dropped(), 10U);
    EXPECT_FALSE(log.must_stop());
    std::filesystem::create_directory(path("no-such-directory"));
    log.flush();
    EXPECT_EQ(log.buffered(), 0U);
    EXPECT_EQ(users_in(settings_.message_log).size() + log.dropped(), 20U);
    log.write(numbered(20));
    EXPECT_EQ(users_in(settings_.message_log).back(), "user20");
}

TEST_F(LogFile, StopsWhereTheOperatorWantsThat) {
    settings_.buffer_max = 300;
    settings_.full_action = FullAction::stop;
    settings_.message_log = path("no-such-directory/mail.log_current");
    TransactionLog log(settings_);
    for (int i = 0; i < 10; ++i) log.write(numbered(i));
    EXPECT_TRUE(log.must_stop());
    EXPECT_GT(log.buffered(), 300U) << "what is logged all the same finds room";
    std::filesystem::create_directory(path("no-such-directory"));
    log.flush();
    EXPECT_FALSE(log.must_stop());
}

TEST_F(LogFile, NeverFollowsLinksOrHangsOnPipes) {
    ASSERT_EQ(::symlink("/dev/null", settings_.message_log.c_str()), 0);
    TransactionLog log(settings_);
    log.write(numbered(1));
    EXPECT_GT(log.buffered(), 0U);
    ASSERT_EQ(::unlink(settings_.message_log.c_str()), 0);
    ASSERT_EQ(::mkfifo(settings_.message_log.c_str(), 0600), 0);
    log.write(numbered(2));
    EXPECT_GT(log.buffered(), 0U);
    ASSERT_EQ(::unlink(settings_.message_log.c_str()), 0);
    log.write(numbered(3));
    EXPECT_EQ(users_in(settings_.message_log).size(), 3U);
}

TEST_F(LogFile, FlushesBehindAreSharedAndTheLastOneIsNotForgotten) {
    NotingSink::Notes notes;
    {
        auto inner = std::make_unique<NotingSink>(notes, EventKind::message_gone);
        BackgroundFlush sink(std::move(inner), std::chrono::hours(1));
        EXPECT_TRUE(sink.wants(EventKind::message_gone));
        EXPECT_FALSE(sink.wants(EventKind::enqueued));
        Event event = connection();
        for (int i = 0; i < 100; ++i) {
            sink.post({&event, 1}, LogOptions());
            sink.flush();
        }
    }
    EXPECT_EQ(notes.posted.size(), 100U);
    EXPECT_GE(notes.flushes, 1);
    EXPECT_LE(notes.flushes, 3) << "once for all who asked";
}

TEST_F(LogFile, WhatOthersGoOnWithIsWrittenBeforeTheyCan) {
    NotingSink::Notes notes;
    BackgroundFlush sink(
        std::make_unique<NotingSink>(notes, EventKind::message_gone), std::chrono::hours(1)
    );
    Event event = numbered(1);
    int flushes = 0;
    for (const EventKind kind :
         {EventKind::enqueued, EventKind::connection_arrived, EventKind::deliveries_begun}) {
        event.kind = kind;
        sink.post({&event, 1}, LogOptions());
        sink.flush();
        EXPECT_EQ(notes.flushes, ++flushes) << "at once";
    }
}

TEST_F(LogFile, PreparedEntriesAreKeptForThoseWhoReadThem) {
    class Reader : public EventSink {
    public:
        explicit Reader(std::vector<EventKind>& seen) : seen_(seen) {}
        [[nodiscard]] bool wants(EventKind) const override { return false; }
        [[nodiscard]] bool reads(EventKind kind) const override { return kind == EventKind::held; }
        void post(std::span<const Event> events, const LogOptions&) override {
            for (const Event& event : events) seen_.push_back(event.kind);
        }
        void flush() override {}

    private:
        std::vector<EventKind>& seen_;
    };
    std::vector<EventKind> seen;
    std::vector<std::unique_ptr<EventSink>> sinks;
    sinks.push_back(
        std::make_unique<BackgroundFlush>(std::make_unique<Reader>(seen), std::chrono::hours(1))
    );
    TransactionLog log(settings_, std::move(sinks));
    std::vector<Event> events(3, numbered(1));
    events[1].kind = EventKind::held;
    const PreparedEntries entries = log.prepare(std::move(events), log.options());
    EXPECT_TRUE(seen.empty()) << "not posted yet";
    log.post(entries, log.options());
    log.flush();
    EXPECT_EQ(seen, std::vector<EventKind>{EventKind::held});
    EXPECT_EQ(users_in(settings_.message_log).size(), 2U) << "the file has them without a reader";
}

TEST_F(LogFile, FlushBehindComesByItself) {
    settings_.options = LogOptions();
    class WritingSink : public EventSink {
    public:
        explicit WritingSink(LineWriter& writer) : writer_(writer) {}
        [[nodiscard]] bool wants(EventKind) const override { return true; }
        void post(std::span<const Event>, const LogOptions&) override { writer_.post("line\n"); }
        void flush() override { writer_.flush(); }

    private:
        LineWriter& writer_;
    };
    LineWriter writer(settings_.message_log, settings_.lock_file, 1000);
    BackgroundFlush sink(std::make_unique<WritingSink>(writer), std::chrono::milliseconds(1));
    const Event event = connection();
    for (int i = 0; i < 3; ++i) {
        sink.post({&event, 1}, LogOptions());
        sink.flush();
        while (writer.buffered() > 0) std::this_thread::yield();
    }
    EXPECT_EQ(*read_file(settings_.message_log), "line\nline\nline\n");
}

TEST_F(LogFile, HalfALineOfAnotherWriterIsNotJoined) {
    TransactionLog log(settings_);
    log.write(numbered(1));
    std::ofstream(settings_.message_log, std::ios::app) << "01-Jan-1970 of one that was killed";
    log.write(numbered(2));
    log.write(numbered(3));
    EXPECT_EQ(
        users_in(settings_.message_log),
        (std::vector<std::string>{"user1", "killed", "user2", "user3"})
    );
    std::ofstream(settings_.message_log, std::ios::app) << "01-Jan-1970 once more, closed\n";
    log.write(numbered(4));
    EXPECT_EQ(users_in(settings_.message_log).back(), "user4");
    EXPECT_EQ(users_in(settings_.message_log).size(), 6U) << "no empty lines";
}

TEST_F(LogFile, WhatWasPostedLastIsWrittenAtTheEnd) {
    {
        LineWriter writer(settings_.message_log, settings_.lock_file, 1000);
        writer.post("01-Jan-1970 of a thread that came late\n");
    }
    EXPECT_EQ(users_in(settings_.message_log), std::vector<std::string>{"late"});
}

TEST_F(LogFile, LockFileThatWasRemovedIsLeft) {
    WriterLock early(settings_.lock_file);
    ASSERT_TRUE(early.lock_shared());
    early.unlock();
    ASSERT_EQ(::unlink(settings_.lock_file.c_str()), 0);
    WriterLock late(settings_.lock_file);
    ASSERT_TRUE(early.lock_exclusive());
    EXPECT_FALSE(late.try_lock_exclusive(writer_lock_byte)) << "both hold the same lock";
    early.unlock();
    ASSERT_TRUE(late.try_lock_exclusive(writer_lock_byte));
    late.unlock();

    // Writers, who lock shared, notice it after a while.
    ASSERT_EQ(::unlink(settings_.lock_file.c_str()), 0);
    WriterLock rollover(settings_.lock_file);
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(early.lock_shared());
        early.unlock();
    }
    ASSERT_TRUE(early.lock_shared());
    EXPECT_FALSE(rollover.try_lock_exclusive(writer_lock_byte));
}

}  // namespace
}  // namespace sluice::log
