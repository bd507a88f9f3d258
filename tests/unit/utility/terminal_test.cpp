// What a person at a terminal gets: completion, pages, progress.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "unit/utility/command_run.h"
#include "utility/completion.h"
#include "utility/paged_output.h"
#include "utility/progress.h"
#include "utility/qm_commands.h"
#include "utility/utilities.h"

namespace sluice::utility {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> complete(std::string_view line) {
    return completions(qm_command.subcommands, {"l", "tcp_intranet", "tcp_local"}, line);
}

TEST(Completion, CommandsSwitchesAndChannels) {
    EXPECT_THAT(complete("d"), ElementsAre("date", "delete", "directory"));
    EXPECT_THAT(complete("REL"), ElementsAre("release"));
    EXPECT_THAT(complete("directory tcp_"), ElementsAre("tcp_intranet", "tcp_local"));
    EXPECT_THAT(complete("dir -env"), ElementsAre("-envelope"));
    EXPECT_THAT(complete("directory -fr"), ElementsAre("-from="));
    EXPECT_THAT(complete("directory -nohe"), ElementsAre("-noheading", "-noheld"));
    EXPECT_THAT(complete("directory -from=x tcp_l"), ElementsAre("tcp_local"));
    EXPECT_THAT(complete("counters s"), ElementsAre("show"));
    EXPECT_THAT(complete("date l"), IsEmpty());
    EXPECT_THAT(complete("zap x"), IsEmpty());
}

class Screen final : public Input {
public:
    explicit Screen(std::vector<std::string> answers) : answers_(std::move(answers)) {}
    std::optional<std::string> read_line(std::string_view prompt) override {
        ++asked;
        EXPECT_THAT(std::string(prompt), HasSubstr("more"));
        if (answers_.empty()) return std::nullopt;
        std::string answer = answers_.front();
        answers_.erase(answers_.begin());
        return answer;
    }
    [[nodiscard]] bool is_terminal() const override { return true; }
    [[nodiscard]] std::size_t rows() const override { return height; }
    std::size_t height = 6;
    int asked = 0;

private:
    std::vector<std::string> answers_;
};

std::string pages(Screen& screen, int lines) {
    std::ostringstream out;
    PagedOutput paged(out, screen);
    std::ostream stream(&paged);
    paged.begin();
    for (int i = 1; i <= lines; ++i) stream << "line " << i << '\n';
    stream.flush();
    return out.str();
}

TEST(PagedOutput, AsksAfterEachPageButNotAtTheEnd) {
    Screen short_one({});
    EXPECT_THAT(pages(short_one, 5), HasSubstr("line 5\n"));
    EXPECT_EQ(short_one.asked, 0);
    Screen patient({"", "", ""});
    EXPECT_THAT(pages(patient, 12), HasSubstr("line 12\n"));
    EXPECT_EQ(patient.asked, 2);
}

TEST(PagedOutput, QuitThrowsTheRestAway) {
    Screen impatient({"", "q"});
    const std::string shown = pages(impatient, 100);
    EXPECT_THAT(shown, HasSubstr("line 10\n"));
    EXPECT_THAT(shown, testing::Not(HasSubstr("line 11\n")));
    EXPECT_EQ(impatient.asked, 2);
    Screen gone({});  // the end of the input
    EXPECT_THAT(pages(gone, 100), testing::Not(HasSubstr("line 6\n")));
}

TEST(PagedOutput, WithoutATerminalNobodyIsAsked) {
    Screen unknown({});
    unknown.height = 0;
    EXPECT_THAT(pages(unknown, 1000), HasSubstr("line 1000\n"));
    EXPECT_EQ(unknown.asked, 0);
}

TEST(Progress, TheLineTellsHowFarAndHowLong) {
    using std::chrono::seconds;
    EXPECT_EQ(
        progress_line("Delete", 50, 200, seconds(2)),
        "Delete   [#######                       ]  25 %  50/200  6 s left"
    );
    EXPECT_EQ(progress_line("Scan", 17, 0, seconds(3)), "Scan     17, 3 s");
    EXPECT_THAT(progress_line("Scan", 300, 200, seconds(3)), HasSubstr("100 %  200/200"));
    EXPECT_THAT(progress_line("Scan", 0, 200, seconds(3)), testing::EndsWith("0/200"));
}

TEST(Progress, TheStatusLineGoesBeforeAnythingElseIsPrinted) {
    std::ostringstream out;
    std::ostringstream err;
    std::ostringstream terminal;
    Console console(out, err);
    EXPECT_FALSE(console.has_status());
    console.show_status("nobody sees this");
    console.set_status_stream(&terminal);
    console.show_status("half");
    console.line("a result");
    EXPECT_EQ(terminal.str(), "\rhalf\x1b[K\r\x1b[K\r");
    console.line("another");
    EXPECT_EQ(terminal.str(), "\rhalf\x1b[K\r\x1b[K\r");
    EXPECT_EQ(out.str(), "a result\nanother\n");
}

}  // namespace
}  // namespace sluice::utility
