// track, logconv and statistics as they are typed, on logs that are named.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "command_run.h"

namespace sluice::utility {
namespace {

const std::string vectors = SLUICE_SOURCE_DIR "/tests/unit/tracking/vectors/";

CommandRun run(std::vector<std::string> words) {
    return CommandRun(std::move(words));
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(Track, TellsTheStoryOfABounce) {
    const auto done =
        run({"track", "-message_id=01ISKP0RYMAS94DU0K@sesta.com", vectors + "sun.log"});
    EXPECT_EQ(done.code, ExitCode::done);
    EXPECT_TRUE(has(done.out, "from adam@sesta.com: bounced")) << done.out;
    EXPECT_TRUE(has(done.out, "notified    notification <01ISKP22MW8894DTAS@SESTA.COM>"))
        << done.out;
    EXPECT_TRUE(has(done.out, "Illegal host/domain name found")) << done.out;
    EXPECT_FALSE(has(done.out, "marlowe")) << done.out;
}

TEST(Track, FindsByAddressFileHostAndTime) {
    const std::string log = vectors + "sun.log";
    const auto lines = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "-list");
        words.insert(words.begin(), "track");
        words.push_back(log);
        const auto done = run(words);
        return std::count(done.out.begin(), done.out.end(), '\n');
    };
    EXPECT_EQ(lines({"-to=user@some.org"}), 1);
    EXPECT_EQ(lines({"-to=*@varrius.com"}), 1);
    EXPECT_EQ(lines({"-from=amy@siroe.edu"}), 2) << "two message-ids, as the guide prints them";
    EXPECT_EQ(lines({"-file=01IS3D2ZP7FQ9UN54R"}), 1);
    EXPECT_EQ(lines({"-host=mailhub.sesta.com"}), 1);
    EXPECT_EQ(lines({"-client=192.160.253.66", "-from=service@siroe.com"}), 2);
    EXPECT_EQ(
        lines({"-since=1998-01-20", "-until=1998-01-21 00:00:00", "-from=adam@sesta.com"}), 1
    );
    const auto none = run({"track", "-to=nobody@some.org", log});
    EXPECT_EQ(none.code, ExitCode::not_found);
}

TEST(Track, GroupsConnections) {
    const auto done = run({"track", "-group=connection", vectors + "tcpserver.log"});
    EXPECT_EQ(done.code, ExitCode::done);
    EXPECT_TRUE(has(done.out, "Connection [end not in these logs]")) << done.out;
    EXPECT_TRUE(has(done.out, "Connection\n")) << done.out;
}

TEST(Track, ShowsForeignTextPrintable) {
    const auto file = std::filesystem::temp_directory_path() / "track-test-hostile.log";
    std::ofstream(file
    ) << "new msg 5\ninfo msg 5: bytes 1 from <a\x1b[31m\xff@b> qp 1 uid 2\nend msg 5\n";
    const auto done = run({"track", file.string()});
    std::filesystem::remove(file);
    EXPECT_FALSE(has(done.out, "\x1b"));
    EXPECT_TRUE(has(done.out, "\\x1b[31m\\xff@b")) << done.out;
}

TEST(Track, SaysWhatItDoesNotUnderstand) {
    const std::string log = vectors + "sun.log";
    for (const char* word :
         {"-client=x", "-session=x", "-since=sometime", "-style=x", "-stamp=x", "-group=x",
          "-window=x"})
        EXPECT_EQ(run({"track", word, log}).code, ExitCode::usage) << word;
    EXPECT_EQ(run({"track", "/nonexistent/log"}).code, ExitCode::failed);
}

TEST(Logconv, UnderstandsEverySample) {
    for (const char* file : {"sun.log", "postoffice.log", "qmail.log", "tcpserver.log"}) {
        const auto done = run({"logconv", "-json", vectors + file});
        EXPECT_EQ(done.code, ExitCode::done) << file << done.err;
        EXPECT_EQ(done.err, "");
    }
}

TEST(Logconv, PassesOnWhatItDoesNotUnderstand) {
    const auto file = std::filesystem::temp_directory_path() / "track-test-mixed.log";
    std::ofstream(file) << "new msg 5\nsomething else\n";
    const auto done = run({"logconv", "-json", file.string()});
    std::filesystem::remove(file);
    EXPECT_EQ(done.code, ExitCode::partly_done);
    EXPECT_EQ(done.out, "{\"el\":\"qs\",\"ev\":\"new msg\",\"msg\":\"5\"}\nsomething else\n");
}

TEST(Logconv, CollectsRotatedFiles) {
    const auto root = std::filesystem::temp_directory_path() / "track-test-rotate";
    std::filesystem::remove_all(root);
    const auto main = root / "qmail-send/log/main";
    std::filesystem::create_directories(main);
    std::ofstream(main / "@40000000433225833b6e1a8c.s") << "@40000000433225833b6e1a8c new msg 5\n";
    std::ofstream(main / "current") << "@40000000433225833b6e1a8c new msg 6\n";
    const std::string out = "-out=" + (root / "SERVICE.DATE").string();
    EXPECT_EQ(run({"logconv", "-rotate", "-dir=" + main.string(), out}).code, ExitCode::done);
    EXPECT_FALSE(std::filesystem::exists(main / "@40000000433225833b6e1a8c.s"));
    EXPECT_TRUE(std::filesystem::exists(main / "current"));
    std::size_t found = 0;
    for (const auto& entry : std::filesystem::directory_iterator(root)) {
        if (!entry.is_regular_file()) continue;
        ++found;
        EXPECT_TRUE(entry.path().filename().string().starts_with("qmail-send.2005-09-2"));
        std::string line;
        std::getline(std::ifstream(entry.path()) >> std::ws, line);
        EXPECT_TRUE(line.ends_with(".997071500 new msg 5")) << line;
    }
    EXPECT_EQ(found, 1U);
    std::filesystem::remove_all(root);
}

TEST(Logconv, RotatedFileIsTakenWholeOrNotAtAll) {
    const auto root = std::filesystem::temp_directory_path() / "track-test-rotate-fails";
    std::filesystem::remove_all(root);
    const auto main = root / "qmail-send";
    std::filesystem::create_directories(main);
    const auto file = main / "@40000000433225833b6e1a8c.s";
    // Days apart: 2005-09-22, or the day before, and 2005-09-27.
    std::ofstream(file) << "@40000000433225833b6e1a8c new msg 5\n"
                           "@4000000043390000000000a0 new msg 6\n";
    const std::string out = "-out=" + (root / "DATE").string();
    ASSERT_EQ(
        run({"logconv", "-rotate", "-keep", "-dir=" + main.string(), out}).code, ExitCode::done
    );
    std::vector<std::filesystem::path> days;
    for (const auto& entry : std::filesystem::directory_iterator(root)) {
        if (entry.is_regular_file()) days.push_back(entry.path());
    }
    ASSERT_EQ(days.size(), 2U);
    std::sort(days.begin(), days.end());
    const auto size = std::filesystem::file_size(days[0]);
    std::filesystem::remove(days[1]);
    std::filesystem::create_directory(days[1]);
    EXPECT_NE(run({"logconv", "-rotate", "-dir=" + main.string(), out}).code, ExitCode::done);
    EXPECT_EQ(std::filesystem::file_size(days[0]), size) << "tried again it would be there twice";
    EXPECT_TRUE(std::filesystem::exists(file));
    std::filesystem::remove_all(root);
}

TEST(Logconv, FileThatCannotBeRemovedIsNotCollectedTwice) {
    const auto root = std::filesystem::temp_directory_path() / "track-test-rotate-stays";
    std::filesystem::remove_all(root);
    const auto main = root / "qmail-send";
    const auto days = root / "days";
    std::filesystem::create_directories(main);
    std::filesystem::create_directories(days);
    std::filesystem::permissions(days, std::filesystem::perms::all);
    const auto file = main / "@40000000433225833b6e1a8c.s";
    std::ofstream(file) << "@40000000433225833b6e1a8c new msg 5\n";
    constexpr uid_t nobody = 65534;
    const uid_t before = ::geteuid();
    // For root a directory is never read only.
    std::filesystem::permissions(main, std::filesystem::perms(0555));
    ASSERT_TRUE(before != 0 || ::seteuid(nobody) == 0);
    const std::string out = "-out=" + (days / "DATE").string();
    const auto code = run({"logconv", "-rotate", "-dir=" + main.string(), out}).code;
    ASSERT_EQ(::seteuid(before), 0);
    std::filesystem::permissions(main, std::filesystem::perms(0755));
    EXPECT_NE(code, ExitCode::done);
    ASSERT_TRUE(std::filesystem::exists(file));
    for (const auto& entry : std::filesystem::directory_iterator(days))
        EXPECT_EQ(entry.file_size(), 0U) << "the next run has the line once more";
    std::filesystem::remove_all(root);
}

TEST(Statistics, EveryFormHasTheSameFigures) {
    const std::string log = vectors + "sun.log";
    EXPECT_TRUE(has(run({"statistics", log}).out, "tcp_local"));
    EXPECT_TRUE(has(run({"statistics", "-csv", log}).out, "channel,\"tcp_local\","));
    EXPECT_TRUE(has(
        run({"statistics", "-json", log}).out, "{\"section\":\"channel\",\"name\":\"tcp_local\""
    ));
    const auto page = run({"statistics", "-html=-", log});
    EXPECT_TRUE(has(page.out, "Chart.js v")) << "the library is in the page";
    EXPECT_TRUE(has(page.out, "\"name\":\"tcp_local\""));
    EXPECT_FALSE(has(page.out, "@FIGURES@"));
    EXPECT_FALSE(has(page.out, "@CHART@"));
    // Nothing is fetched: no address but those in the library's own texts.
    EXPECT_FALSE(has(page.out, "src=\""));
    EXPECT_FALSE(has(page.out, "href=\""));
}

TEST(Statistics, NamesCannotLeaveTheirScript) {
    const auto file = std::filesystem::temp_directory_path() / "track-test-script.log";
    std::ofstream(file
    ) << "19-Jan-1998 10:00:00.00 l tcp_local E 1 a@b rfc822;x@</script><b>d x@</script><b>d\n";
    const auto page = run({"statistics", "-html=-", file.string()});
    std::filesystem::remove(file);
    EXPECT_TRUE(has(page.out, "\\u003c/script>"));
    EXPECT_FALSE(has(page.out, "</script><b>d"));
}

}  // namespace
}  // namespace sluice::utility
