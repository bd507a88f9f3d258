// The index never changes an answer, whatever becomes of it or of the logs: it is held against
// reading everything.
#include "log_index/finder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "log_index/segment.h"

namespace sluice::log_index {
namespace {

namespace fs = std::filesystem;

class FinderTest : public testing::Test {
protected:
    FinderTest() {
        std::string pattern = fs::temp_directory_path() / "log-index-XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
    }
    ~FinderTest() override { fs::remove_all(directory_); }

    [[nodiscard]] std::string path(const std::string& name) const { return directory_ / name; }

    static std::string id(unsigned message) {
        return "id" + std::to_string(message) + "@x.example";
    }

    // Lines of messages that lie some thousand lines apart.
    void write_log(const std::string& name, std::size_t octets, unsigned seed) {
        std::mt19937 random(seed);
        std::ofstream out(path(name), std::ios::app);
        std::size_t written = 0;
        for (unsigned line = 0; written < octets; ++line) {
            const unsigned second = line / 50;
            const unsigned message = seed * 1'000'000 + line -
                                     (line % 3 == 0 ? 0 : static_cast<unsigned>(random() % 2000));
            char text[400];
            const int size = std::snprintf(
                text, sizeof text,
                "19-Jan-2026 %02u:%02u:%02u.00 tcp_local    l            E 1 "
                "Someone%u@Sender.example "
                "rfc822;user%u@dest.example user%u /q/l/001/ZZ01ISKL%08u.00 <%s>\n",
                second / 3600 % 24, second / 60 % 60, second % 60, message % 500, message % 300,
                message % 300, message, id(message).c_str()
            );
            out.write(text, size);
            written += static_cast<std::size_t>(size);
        }
    }

    std::vector<LogSource> open_logs(const std::vector<std::string>& names) const {
        std::vector<LogSource> logs;
        for (const std::string& name : names) {
            auto log = LogSource::open(path(name));
            EXPECT_TRUE(log);
            logs.push_back(std::move(*log));
        }
        return logs;
    }

    IndexStore store(bool for_writing = true) const {
        auto opened = IndexStore::open(path("index"), for_writing);
        EXPECT_TRUE(opened) << opened.error().detail();
        return std::move(*opened);
    }

    std::size_t update(const std::vector<std::string>& names) const {
        auto index = store();
        const auto made = update_index(index, open_logs(names), stamps_, [] { return true; });
        EXPECT_TRUE(made);
        return made.value_or(0);
    }

    static std::vector<std::string> answers(Finder& finder, const std::vector<std::string>& texts) {
        Question question;
        for (const std::string& text : texts) question.texts.push_back({text, false});
        std::vector<std::string> lines;
        finder.find(question, [&](const FoundLine& line) {
            lines.push_back(std::to_string(line.log) + ':' + std::string(line.text));
            return true;
        });
        return lines;
    }

    void expect_same_answers(const std::vector<std::string>& names, unsigned seed) {
        const auto index = store(false);
        Finder indexed(open_logs(names), &index);
        Finder plain(open_logs(names), nullptr);
        std::mt19937 random(seed);
        std::size_t found = 0;
        for (int i = 0; i < 20; ++i) {
            const unsigned message = seed * 1'000'000 + static_cast<unsigned>(random() % 100000);
            const auto expected = answers(plain, {id(message)});
            found += expected.size();
            ASSERT_EQ(answers(indexed, {id(message)}), expected);
        }
        EXPECT_GT(found, 5U);
        const auto expected = answers(plain, {"someone7@sender.example", "user7@dest.example"});
        EXPECT_EQ(answers(indexed, {"someone7@sender.example", "user7@dest.example"}), expected);
    }

    fs::path directory_;
    const tracking::StampSettings stamps_{
        TimeZone(), WallTime(std::chrono::seconds(1'800'000'000))};
};

TEST_F(FinderTest, IndexedAnswersAreThoseOfReadingEverything) {
    write_log("mail.log", 33 << 20, 1);
    EXPECT_EQ(update({"mail.log"}), 2U);
    expect_same_answers({"mail.log"}, 1);
    const auto index = store(false);
    Finder finder(open_logs({"mail.log"}), &index);
    EXPECT_LT(finder.uncovered(), segment_size);
    EXPECT_FALSE(answers(finder, {id(1'049'998)}).empty());
    EXPECT_EQ(finder.effort().segments, 2U);
    EXPECT_LT(finder.effort().blocks, 6U);
}

TEST_F(FinderTest, RolloverKeepsTheIndexOfARenamedLog) {
    write_log("mail.log_current", 18 << 20, 2);
    EXPECT_EQ(update({"mail.log_current"}), 1U);
    fs::rename(path("mail.log_current"), path("mail.log_yesterday"));
    write_log("mail.log_current", 1 << 20, 3);
    EXPECT_EQ(update({"mail.log_yesterday", "mail.log_current"}), 0U);
    expect_same_answers({"mail.log_yesterday", "mail.log_current"}, 2);
    // Then it is appended to the cumulative log and removed.
    write_log("mail.log", 1 << 20, 4);
    {
        std::ofstream out(path("mail.log"), std::ios::app | std::ios::binary);
        std::ifstream in(path("mail.log_yesterday"), std::ios::binary);
        out << in.rdbuf();
    }
    fs::remove(path("mail.log_yesterday"));
    EXPECT_EQ(update({"mail.log", "mail.log_current"}), 1U);
    expect_same_answers({"mail.log", "mail.log_current"}, 2);
}

TEST_F(FinderTest, AnotherLogOfTheSameNameIsNotTakenForTheOldOne) {
    write_log("mail.log", 18 << 20, 5);
    EXPECT_EQ(update({"mail.log"}), 1U);
    fs::remove(path("mail.log"));
    write_log("mail.log", 18 << 20, 6);
    expect_same_answers({"mail.log"}, 6);
    // The same first block, other lines behind.
    const auto head = open_logs({"mail.log"}).front().read(0, 100000);
    EXPECT_EQ(update({"mail.log"}), 1U);
    std::ofstream(path("mail.log"), std::ios::trunc) << head.substr(0, head.rfind('\n') + 1);
    write_log("mail.log", 18 << 20, 7);
    expect_same_answers({"mail.log"}, 7);
}

TEST_F(FinderTest, IndexMayBeDeletedOrDamaged) {
    write_log("mail.log", 18 << 20, 8);
    EXPECT_EQ(update({"mail.log"}), 1U);
    const auto size = fs::file_size(path("index/data.mdb"));
    fs::resize_file(path("index/data.mdb"), size / 2);
    EXPECT_FALSE(IndexStore::open(path("index"), false));
    EXPECT_EQ(update({"mail.log"}), 1U) << "made again";
    expect_same_answers({"mail.log"}, 8);
    std::ofstream(path("index/data.mdb"), std::ios::trunc) << "nonsense";
    EXPECT_FALSE(IndexStore::open(path("index"), false));
    EXPECT_EQ(update({"mail.log"}), 1U);
    fs::remove_all(path("index"));
    EXPECT_FALSE(IndexStore::open(path("index"), false));
    EXPECT_EQ(update({"mail.log"}), 1U);
    expect_same_answers({"mail.log"}, 8);
}

TEST_F(FinderTest, LinesLongerThanABlockAndWithoutEnd) {
    {
        std::ofstream out(path("mail.log"));
        out << "first needle\n" << std::string(200000, 'x') << " needle\nlast needle";
    }
    Finder finder(open_logs({"mail.log"}), nullptr);
    const auto lines = answers(finder, {"needle"});
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[2], "0:last needle");
}

TEST_F(FinderTest, TimesPassBlocksOver) {
    write_log("mail.log", 18 << 20, 9);
    update({"mail.log"});
    const auto index = store(false);
    Finder finder(open_logs({"mail.log"}), &index);
    Question question;
    question.texts.push_back({"sender.example", false});
    question.since = std::chrono::sys_days(std::chrono::year(2026) / 1 / 20);
    std::size_t lines = 0;
    finder.find(question, [&](const FoundLine&) { return ++lines > 0; });
    EXPECT_LT(finder.effort().blocks, 3U);
}

TEST(Segment, RefusesWhatItDidNotWrite) {
    SegmentBuilder builder;
    builder.add_line(0, "hello world", std::nullopt);
    const std::string value = builder.finish(7);
    ASSERT_TRUE(SegmentView::open(value));
    EXPECT_EQ(SegmentView::open(value)->tail_hash(), 7U);
    for (std::size_t size = 0; size < value.size(); ++size)
        EXPECT_FALSE(SegmentView::open(std::string_view(value).substr(0, size))) << size;
}

std::vector<Word> words(std::string_view line) {
    std::vector<Word> out;
    for_each_word(line, [&](Word word) { out.push_back(word); });
    return out;
}

TEST(Words, QuestionAndLineAgree) {
    const auto line = words(
        "19-Jan-1998 19:17:01.16 1f625.3.1 tcp_local D 1 Adam@Sesta.COM rfc822;x@y.example "
        "x@y.example "
        "/imta/queue/l/ZZ01IWFY9ELGWM00094D.00 <01ISKLSKC2QC90N15M@sesta.com> dns;thor.siroe.com "
        "(TCP|206.184.139.12|2788|192.160.253.66|25) smtp;250 2.1.5 ok."
    );
    for (const char* text :
         {"adam@sesta.com", "01iwfy9elgwm00094d", "01isklskc2qc90n15m@sesta.com", "thor.siroe.com",
          "192.160.253.66", "sesta.com", "y.example"}) {
        const auto wanted = words_to_find(text, false);
        ASSERT_FALSE(wanted.empty()) << text;
        for (const Word word : wanted)
            EXPECT_NE(std::find(line.begin(), line.end(), word), line.end()) << text;
    }
    EXPECT_EQ(words("msg 12345").back(), words("end msg 12345:").back());
    EXPECT_EQ(words("SMTP/mailhub1.com").back(), words("dns;mailhub1.com").back());
    EXPECT_TRUE(words_to_find("fragment", true).empty());
}

}  // namespace
}  // namespace sluice::log_index
