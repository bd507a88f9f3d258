#include "pipe/program_end.h"

#include <gtest/gtest.h>

namespace sluice::pipe {
namespace {

using dequeue::Disposition;
using Kind = containment::Report::Kind;

containment::Report ended(Kind kind, int code, std::string output = {}) {
    containment::Report report;
    report.kind = kind;
    report.code = code;
    report.text = kind == Kind::limited ? "300 s have passed" : "no landlock";
    report.output = std::move(output);
    return report;
}

Disposition judge(const containment::Report& report) {
    return disposition_of(report, "ticket", config::LimitAction::retry);
}

TEST(ProgramEnd, EveryExitStatusHasItsMeaning) {
    using Outcome = Disposition::Kind;
    for (int code = 0; code < 256; ++code) {
        const Disposition disposition = judge(ended(Kind::exited, code));
        const bool is_final =
            code == 65 || (code >= 67 && code <= 69) || code == 76 || code == 77 || code == 100;
        const Outcome expected = code == 0  ? Outcome::delivered
                                 : is_final ? Outcome::failed
                                            : Outcome::deferred;
        EXPECT_EQ(disposition.kind, expected) << code;
        EXPECT_EQ(disposition.status.status_class, code == 0 ? 2 : is_final ? 5 : 4) << code;
        EXPECT_FALSE(disposition.hold);
    }
    EXPECT_EQ(
        judge(ended(Kind::exited, 67)).diagnostic,
        "program ticket: exit status 67: it knows no such user"
    );
    EXPECT_EQ(judge(ended(Kind::exited, 3)).diagnostic, "program ticket: exit status 3");
}

TEST(ProgramEnd, ASignalALimitAndNoStartAreTemporary) {
    EXPECT_EQ(judge(ended(Kind::killed, 9)).diagnostic, "program ticket: killed by signal SIGKILL");
    EXPECT_EQ(
        judge(ended(Kind::limited, 0)).diagnostic, "program ticket: stopped: 300 s have passed"
    );
    EXPECT_EQ(judge(ended(Kind::failed, 0)).diagnostic, "program ticket: not run: no landlock");
    for (const Kind kind : {Kind::killed, Kind::limited, Kind::failed})
        EXPECT_EQ(judge(ended(kind, 9)).kind, Disposition::Kind::deferred);
}

TEST(ProgramEnd, ALimitHoldsWhereTheChannelSaysSo) {
    const auto held = disposition_of(ended(Kind::limited, 0), "a", config::LimitAction::hold);
    EXPECT_TRUE(held.hold);
    EXPECT_EQ(held.diagnostic, "policy: program a: stopped: 300 s have passed");
    EXPECT_FALSE(disposition_of(ended(Kind::killed, 9), "a", config::LimitAction::hold).hold);
}

TEST(ProgramEnd, OutputIsTold) {
    EXPECT_EQ(
        judge(ended(Kind::exited, 69, "line 1\r\n\tline\x1b[2J 2\n")).diagnostic,
        "program ticket: exit status 69: its service is not available; it said: line 1 line [2J 2"
    );
    EXPECT_EQ(
        judge(ended(Kind::exited, 0, "queued as 5\n")).diagnostic, "program ticket: queued as 5"
    );
}

TEST(ProgramEnd, OfLongOutputTheEndIsTold) {
    EXPECT_EQ(quoted_output("abcdefghij", 10), "abcdefghij");
    EXPECT_EQ(quoted_output("abcdefghijk", 10), "... fghijk");
    EXPECT_EQ(quoted_output(" \n\t ", 10), "");
    EXPECT_EQ(quoted_output("\xc3\xa4 b", 10), "?? b");
}

}  // namespace
}  // namespace sluice::pipe
