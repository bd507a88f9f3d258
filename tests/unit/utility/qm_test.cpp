// imsimta qm: listings and the commands that change one message or many.
#include "jobs/hold_list.h"
#include "queue/deletion_mark.h"
#include "unit/utility/qm_fixture.h"

namespace sluice::utility {
namespace {

using testing::HasSubstr;
using testing::Not;

// --- listings ---

TEST_F(Qm, DirectoryListsWhatIsThereAndNotWhatIsHeld) {
    const auto first = put({.body = 3000});
    const auto second = put({.channel = "l", .recipients = {"adam"}});
    const auto held = put({.hold = "loop: 51 Received lines"});
    const auto run = qm({"dir"});
    EXPECT_EQ(run.code, ExitCode::done);
    EXPECT_THAT(run.out, HasSubstr("Data gathered from the queue directory tree\n"));
    EXPECT_THAT(run.out, HasSubstr("1 " + second.name.to_string()));
    EXPECT_THAT(run.out, HasSubstr("2 " + first.name.to_string()));
    EXPECT_THAT(run.out, HasSubstr("Grand total size:                    4\n"));
    EXPECT_THAT(run.out, Not(HasSubstr(held.name.unique)));
    const auto held_run = qm({"dir", "-held"});
    EXPECT_THAT(held_run.out, HasSubstr("1 " + held.name.to_string()));
    EXPECT_THAT(held_run.out, HasSubstr("Reason"));
    EXPECT_THAT(held_run.out, HasSubstr("loop: 51 Received lines"));
    EXPECT_EQ(qm({"held"}).out.substr(40), held_run.out.substr(40));
}

TEST_F(Qm, DirectorySelectsByChannelAndContent) {
    put();
    put({.channel = "l", .sender = "", .recipients = {"adam"}});
    EXPECT_THAT(qm({"directory", "tcp_*"}).out, Not(HasSubstr("Channel: l ")));
    EXPECT_THAT(qm({"directory", "L"}).out, HasSubstr("Channel: l "));
    EXPECT_EQ(qm({"directory", "nowhere"}).code, ExitCode::not_found);
    EXPECT_EQ(qm({"directory", "process"}).code, ExitCode::done);
    const auto null_sender = qm({"directory", "-from=<>"});
    EXPECT_THAT(null_sender.out, HasSubstr("From: <>"));
    EXPECT_THAT(null_sender.out, Not(HasSubstr("tcp_local")));
}

TEST_F(Qm, DirectoryInJsonIsOneObjectALine) {
    const auto location = put({.subject = "=?utf-8?Q?gr=C3=BC=C3=9Fe?= \x1b[2J"});
    const auto run = qm({"directory", "-json"});
    EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 1);
    EXPECT_THAT(run.out, HasSubstr("\"file\":\"" + location.relative_path() + '"'));
    EXPECT_THAT(run.out, HasSubstr("\"recipients\":[\"eve@siroe.example\"]"));
    EXPECT_THAT(run.out, HasSubstr("gr\xc3\xbc\xc3\x9f"));
    EXPECT_THAT(run.out, Not(HasSubstr("\x1b")));
}

TEST_F(Qm, FastFormOpensNoFile) {
    const auto location = put();
    // What is in the file does not matter then.
    std::ofstream(location.path(store_->root()), std::ios::trunc) << "damaged";
    const auto fast = qm({"directory", "-nofile_info"});
    EXPECT_THAT(fast.out, HasSubstr("1 total messages queued"));
    EXPECT_THAT(qm({"directory"}).out, HasSubstr("cannot be read"));
}

TEST_F(Qm, DatabaseViewNeedsTheJobController) {
    const auto run = qm({"directory", "-database"});
    EXPECT_EQ(run.code, ExitCode::no_daemon);
    EXPECT_THAT(run.err, HasSubstr("%QM-E-NOJBC"));
}

TEST_F(Qm, SummarizeCountsEveryChannel) {
    put({.body = 3000});
    put();
    put({.hold = "loop"});
    const auto run = qm({"summarize"});
    EXPECT_EQ(run.code, ExitCode::done);
    EXPECT_THAT(
        run.out, testing::ContainsRegex("tcp_local +2 +4 +[0-9]+-[A-Z][a-z]+ [0-9:]+ +1\n")
    );
    EXPECT_THAT(run.out, testing::ContainsRegex("bitbucket +0 +0 +0\n"));
    EXPECT_THAT(run.out, testing::ContainsRegex("Total +2 +4 +1\n"));
    EXPECT_THAT(qm({"summ", "-held"}).out, testing::ContainsRegex("Total +3 +5 +1\n"));
    EXPECT_THAT(qm({"summ", "-notrailing", "-noheading"}).out, Not(HasSubstr("Total")));
    EXPECT_THAT(qm({"summ", "-json"}).out, HasSubstr("{\"channel\":\"tcp_local\",\"messages\":2,"));
}

// A queue of a channel that is no longer configured must be found.
TEST_F(Qm, LeftOverQueuesAreListed) {
    put({.channel = "tcp_gone"});
    EXPECT_THAT(qm({"directory"}).out, HasSubstr("Channel: tcp_gone"));
    EXPECT_THAT(qm({"summarize"}).out, HasSubstr("tcp_gone"));
}

// --- delete ---

TEST_F(Qm, DeleteRemovesTheFileAndWritesK) {
    const auto location = put({.recipients = {"eve@siroe.example", "bob@siroe.example"}});
    const auto run = qm({"delete", "-file=" + location.relative_path()});
    EXPECT_EQ(run.code, ExitCode::done);
    EXPECT_EQ(
        run.out, "%QM-I-DELETED, deleted the message file " + location.path(store_->root()) + '\n'
    );
    EXPECT_FALSE(is_queued(location));
    const auto entries = logged('K');
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_THAT(entries[0], HasSubstr("tcp_local"));
    EXPECT_THAT(entries[0], HasSubstr("eve@siroe.example"));
    EXPECT_THAT(entries[0], HasSubstr(location.path(store_->root())));
    EXPECT_THAT(entries[1], HasSubstr("bob@siroe.example"));
    EXPECT_TRUE(queued("process").empty());
    EXPECT_THAT(
        instance_.read("log/operator.log"),
        HasSubstr(" messages=1 qm delete -file=" + location.relative_path() + '\n')
    );
}

TEST_F(Qm, DeleteByUniquePartAndByFullPath) {
    const auto first = put();
    const auto second = put();
    EXPECT_EQ(qm({"delete", "-id=" + first.name.unique}).code, ExitCode::done);
    EXPECT_EQ(qm({"delete", "-file=" + second.path(store_->root())}).code, ExitCode::done);
    EXPECT_TRUE(queued("tcp_local").empty());
}

TEST_F(Qm, DeleteOfWhatIsNotThereIsSaid) {
    const auto run = qm({"delete", "-file=tcp_local/000/ZZ84PHKX1L3Q0A0001.00"});
    EXPECT_EQ(run.code, ExitCode::not_found);
    EXPECT_THAT(run.err, HasSubstr("%QM-W-GONE"));
    EXPECT_EQ(qm({"delete", "-id=84PHKX1L3Q0A0001"}).code, ExitCode::not_found);
    EXPECT_EQ(qm({"delete", "-from=nobody@x", "-noconfirm"}).code, ExitCode::not_found);
    EXPECT_EQ(qm({"delete", "-file=../../etc/passwd"}).code, ExitCode::usage);
}

TEST_F(Qm, NoSingleWordEmptiesAQueue) {
    const auto location = put();
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"delete"},
             {"delete", "-all"},
             {"delete", "-all", "-noconfirm"},
             {"delete", "-all", "-limit=5", "-noconfirm"},
             {"delete", "1"},
             {"delete", "-all", "1"},
             {"delete", "-channel=tcp_*", "-all", "-noconfirm"},
             {"delete", "-file=" + location.relative_path(), "-from=*"},
             {"d", "-all"}}) {
        EXPECT_EQ(qm(words).code, ExitCode::usage) << testing::PrintToString(words);
    }
    EXPECT_TRUE(is_queued(location));
    EXPECT_EQ(qm({"delete", "-channel=tcp_local", "-all", "-noconfirm"}).code, ExitCode::done);
    EXPECT_FALSE(is_queued(location));
}

TEST_F(Qm, ASelectionIsConfirmedAsAWhole) {
    put();
    put({.channel = "l", .recipients = {"adam"}, .body = 3000});
    // Nobody can be asked.
    const auto alone = qm({"delete", "-from=adam@*"});
    EXPECT_EQ(alone.code, ExitCode::cancelled);
    EXPECT_THAT(alone.err, HasSubstr("%QM-W-CANCELLED"));
    ScriptedInput no({"no"}, true);
    EXPECT_EQ(qm({"delete", "-from=adam@*"}, &no).code, ExitCode::cancelled);
    EXPECT_EQ(no.prompts, "Delete 2 messages, 2 channels, 4 blocks? [n] \n");
    EXPECT_EQ(queued("tcp_local").size() + queued("l").size(), 2U);
    ScriptedInput yes({"yes"}, true);
    EXPECT_EQ(qm({"delete", "-from=adam@*"}, &yes).code, ExitCode::done);
    EXPECT_EQ(queued("tcp_local").size() + queued("l").size(), 0U);
}

TEST_F(Qm, AMessageInUseIsLeftAlone) {
    const auto location = put();
    auto owner = queue::MessageFile::open(*store_, location, queue::Access::own);
    ASSERT_TRUE(owner);
    const auto run = qm({"delete", "-file=" + location.relative_path()});
    EXPECT_EQ(run.code, ExitCode::partly_done);
    EXPECT_THAT(run.err, HasSubstr("%QM-W-BUSY"));
    EXPECT_THAT(run.err, HasSubstr("not deleted"));
    EXPECT_TRUE(is_queued(location));
    EXPECT_TRUE(logged('K').empty());
}

TEST_F(Qm, ForceMarksWhatIsInUse) {
    const auto location = put();
    auto owner = queue::MessageFile::open(*store_, location, queue::Access::own);
    ASSERT_TRUE(owner);
    const auto run = qm({"delete", "-force", "-file=" + location.relative_path()});
    EXPECT_EQ(run.code, ExitCode::done);
    EXPECT_THAT(run.out, HasSubstr("%QM-I-MARKED"));
    EXPECT_TRUE(is_queued(location));
    EXPECT_TRUE(queue::is_marked_for_deletion(*store_, location));
}

TEST_F(Qm, ForceDeletesWhatNobodyUses) {
    const auto location = put();
    EXPECT_EQ(qm({"delete", "-force", "-file=" + location.relative_path()}).code, ExitCode::done);
    EXPECT_FALSE(is_queued(location));
    EXPECT_FALSE(queue::is_marked_for_deletion(*store_, location));
}

// Recipients that were finished before a crash have their entries already.
TEST_F(Qm, DeleteLogsOnlyWhoIsNotFinished) {
    const auto location = put({.recipients = {"eve@siroe.example", "bob@siroe.example"}});
    {
        auto file = queue::MessageFile::open(*store_, location, queue::Access::own);
        ASSERT_TRUE(file);
        ASSERT_TRUE(file->record_done({"tcp_local", 1, 1}, "eve@siroe.example", "ok"));
    }
    EXPECT_EQ(qm({"delete", "-file=" + location.relative_path()}).code, ExitCode::done);
    ASSERT_EQ(logged('K').size(), 1U);
    EXPECT_THAT(logged('K')[0], HasSubstr("bob@siroe.example"));
}

// --- return ---

TEST_F(Qm, ReturnTellsTheSenderAndWritesR) {
    const auto location = put();
    const auto run =
        qm({"return", "-file=" + location.relative_path(), "-reason=We do not relay this"});
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    EXPECT_THAT(run.out, HasSubstr("%QM-I-RETURNED, returned the message file"));
    EXPECT_FALSE(is_queued(location));
    ASSERT_EQ(logged('R').size(), 1U);
    EXPECT_THAT(logged('R')[0], HasSubstr("We do not relay this"));
    EXPECT_TRUE(logged('K').empty());
    ASSERT_EQ(logged('E').size(), 2U);  // the sender's and the postmaster's are one message
    const auto notices = queued("process");
    ASSERT_EQ(notices.size(), 1U);
    auto notice = queue::MessageFile::open(
        *store_, *queue::MessageLocation::parse(notices.front()), queue::Access::read
    );
    ASSERT_TRUE(notice);
    EXPECT_EQ(notice->envelope().sender, "");
    EXPECT_EQ(notice->envelope().recipients.front().address, "adam@sesta.example");
    std::string content(notice->content_size(), '\0');
    ASSERT_TRUE(notice->read_content(0, content.data(), content.size()));
    EXPECT_THAT(content, HasSubstr("returned by the postmaster"));
    EXPECT_THAT(content, HasSubstr("We do not relay this"));
    EXPECT_THAT(content, HasSubstr("Final-Recipient: rfc822;eve@siroe.example"));
    EXPECT_THAT(content, Not(HasSubstr("Last-Attempt-Date")));
    EXPECT_THAT(content, HasSubstr("Subject: hello"));
}

TEST_F(Qm, ReturnHonoursNotifyNever) {
    const auto location = put({.notify = queue::notify_never});
    EXPECT_EQ(qm({"return", "-file=" + location.relative_path()}).code, ExitCode::done);
    EXPECT_FALSE(is_queued(location));
    EXPECT_TRUE(queued("process").empty());
    EXPECT_EQ(logged('K').size(), 1U);
    EXPECT_TRUE(logged('R').empty());
}

TEST_F(Qm, ThereIsNoReturnWithoutASender) {
    const auto location = put({.sender = ""});
    const auto run = qm({"return", "-file=" + location.relative_path()});
    EXPECT_EQ(run.code, ExitCode::partly_done);
    EXPECT_THAT(run.err, HasSubstr("%QM-W-NOSENDER"));
    EXPECT_TRUE(is_queued(location));
    EXPECT_EQ(qm({"return", "-force", "-file=" + location.relative_path()}).code, ExitCode::done);
    EXPECT_FALSE(is_queued(location));
    EXPECT_EQ(logged('K').size(), 1U);
}

// --- hold, release ---

TEST_F(Qm, HoldAndReleaseRename) {
    const auto location = put({.attempts = 2});
    const auto held = qm({"hold", "-id=" + location.name.unique, "-reason=bulk"});
    EXPECT_EQ(held.code, ExitCode::done) << held.err;
    EXPECT_THAT(held.out, HasSubstr("%QM-I-HELD, held the message file"));
    ASSERT_EQ(queued("tcp_local").size(), 1U);
    EXPECT_THAT(queued("tcp_local")[0], HasSubstr("/ZX" + location.name.unique + ".HELD"));
    EXPECT_THAT(qm({"held"}).out, testing::ContainsRegex("operator .*: bulk"));
    EXPECT_EQ(qm({"hold", "-id=" + location.name.unique}).code, ExitCode::partly_done);
    const auto released = qm({"release", "-id=" + location.name.unique});
    EXPECT_EQ(released.code, ExitCode::done) << released.err;
    EXPECT_THAT(released.out, HasSubstr("%QM-I-RELEASED, released the message file"));
    EXPECT_EQ(queued("tcp_local")[0], location.relative_path());
    EXPECT_EQ(qm({"release", "-id=" + location.name.unique}).code, ExitCode::partly_done);
}

TEST_F(Qm, HoldIsLoggedWhereTheOptionWantsIt) {
    instance_.append("config/option.dat", "\nLOG_HOLD=1\n");
    const auto location = put();
    qm({"hold", "-id=" + location.name.unique});
    qm({"release", "-id=" + location.name.unique});
    ASSERT_EQ(logged('H').size(), 2U);
    EXPECT_THAT(logged('H')[1], HasSubstr("released"));
}

TEST_F(Qm, ReleaseMeansHeldMessages) {
    const auto held = put({.hold = "mapping"});
    const auto other = put();
    ASSERT_EQ(qm({"release", "-from=adam@*", "-noconfirm"}).code, ExitCode::done);
    EXPECT_THAT(queued("tcp_local"), Not(testing::Contains(HasSubstr("HELD"))));
    EXPECT_TRUE(is_queued(held) && is_queued(other));
}

// --- reading ---

TEST_F(Qm, ReadShowsEnvelopeAndHeaderButNotTheBody) {
    const auto location = put();
    const auto run = qm({"read", "-id=" + location.name.unique});
    EXPECT_THAT(run.out, HasSubstr("Envelope From:        adam@sesta.example\n"));
    EXPECT_THAT(run.out, HasSubstr("Envelope To:          eve@siroe.example"));
    EXPECT_THAT(run.out, HasSubstr("Subject: hello\n"));
    EXPECT_THAT(run.out, Not(HasSubstr("xxxx")));
    EXPECT_EQ(instance_.read("log/operator.log"), "");
    EXPECT_THAT(qm({"read", "-content", "-id=" + location.name.unique}).out, HasSubstr("\nxxxx"));
    EXPECT_THAT(instance_.read("log/operator.log"), HasSubstr("qm read -content"));
}

TEST_F(Qm, HistoryShowsTheAttempts) {
    const auto location = put();
    {
        auto file = queue::MessageFile::open(*store_, location, queue::Access::own);
        ASSERT_TRUE(file);
        queue::HistoryRecord record;
        record.when = store_->clock().wall_now();
        record.channel = "tcp_local";
        record.recipient = "eve@siroe.example";
        record.host = "mx1.siroe.example";
        record.text = "smtp; 451 4.7.1 try again later";
        file->append_history(record);
        ASSERT_TRUE(file->rename_attempt());
    }
    const auto run = qm({"history", "-id=" + location.name.unique});
    EXPECT_THAT(run.out, HasSubstr("   1 attempt\n"));
    EXPECT_THAT(run.out, HasSubstr("  tcp_local  Q  eve@siroe.example  mx1.siroe.example\n"));
    EXPECT_THAT(run.out, HasSubstr("    smtp; 451 4.7.1 try again later\n"));
}

// --- stop, start ---

TEST_F(Qm, StopIsAFileAndWorksWithoutTheJobController) {
    const auto path = jobs::hold_list_path(store_->root());
    const auto run = qm({"stop", "TCP_LOCAL"});
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    EXPECT_THAT(run.out, HasSubstr("%QM-I-STOPPED, channel tcp_local is stopped"));
    EXPECT_TRUE(jobs::read_hold_list(path)->contains("tcp_local"));
    EXPECT_THAT(qm({"summarize"}).out, testing::ContainsRegex("tcp_local .*STOPPED"));
    EXPECT_EQ(qm({"stop", "tcp_local"}).code, ExitCode::done);
    EXPECT_EQ(qm({"start", "tcp_local"}).code, ExitCode::done);
    EXPECT_TRUE(jobs::read_hold_list(path)->empty());
    EXPECT_EQ(qm({"stop", "nowhere"}).code, ExitCode::not_found);
    EXPECT_EQ(qm({"messages", "tcp_local"}).code, ExitCode::no_daemon);
    EXPECT_EQ(qm({"jobs"}).code, ExitCode::no_daemon);
}

// --- sessions ---

TEST_F(Qm, SessionNumbersStayValidUntilTheNextListing) {
    put();
    put();
    const auto third = put();  // listed first
    const auto run = session({"dir", "hold 1", "release 1", "delete 1,3", "exit"});
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    EXPECT_FALSE(is_queued(third));
    EXPECT_EQ(queued("tcp_local").size(), 1U);
}

TEST_F(Qm, AMessageGoneMeanwhileIsSkipped) {
    put();
    const auto second = put();
    put();
    ScriptedInput input({"dir", "delete 2", "delete 1,2,3", "exit"}, true);
    input.before_line = [&](const std::string& line) {
        if (line != "delete 2") return;
        auto file = queue::MessageFile::open(*store_, second, queue::Access::own);
        ASSERT_TRUE(file);
        ASSERT_TRUE(file->remove());
    };
    const auto run = qm({}, &input);
    EXPECT_EQ(run.code, ExitCode::partly_done);
    EXPECT_THAT(run.err, HasSubstr("%QM-W-GONE, message 2 is no longer queued"));
    EXPECT_TRUE(queued("tcp_local").empty());
    EXPECT_THAT(input.prompts, testing::StartsWith("qm.maint> \n"));
}

TEST_F(Qm, DeleteAllAsksInASession) {
    put();
    put({.channel = "l", .recipients = {"adam"}});
    EXPECT_EQ(session({"dir", "delete -all"}, false).code, ExitCode::cancelled);
    EXPECT_EQ(session({"dir", "delete -all", "n"}).code, ExitCode::cancelled);
    EXPECT_EQ(queued("l").size(), 1U);
    EXPECT_EQ(session({"dir", "delete -all -channel=l -noconfirm"}, false).code, ExitCode::done);
    EXPECT_EQ(queued("l").size(), 0U);
    EXPECT_EQ(queued("tcp_local").size(), 1U);
    EXPECT_EQ(session({"dir", "delete -all", "y"}).code, ExitCode::done);
    EXPECT_EQ(queued("tcp_local").size(), 0U);
}

TEST_F(Qm, ConfirmAsksAboutEachMessage) {
    put();
    put();
    const auto run = session({"dir", "delete -all -confirm", "y", "n", "exit"});
    EXPECT_EQ(run.code, ExitCode::done);
    EXPECT_EQ(queued("tcp_local").size(), 1U);
}

// A file that was written anew since it was listed has other recipients.
TEST_F(Qm, AChangedFileIsAskedAboutAgain) {
    const auto location = put({.recipients = {"eve@siroe.example", "bob@siroe.example"}});
    const auto path = location.path(store_->root());
    ScriptedInput input({"dir", "delete 1", "n", "delete 1 -noconfirm"}, true);
    input.before_line = [&](const std::string& line) {
        if (line != "delete 1") return;
        std::filesystem::copy(path, path + ".copy");
        std::filesystem::permissions(
            path + ".copy", std::filesystem::perms::owner_read | std::filesystem::perms::owner_write
        );
        std::filesystem::rename(path + ".copy", path);
    };
    const auto run = qm({}, &input);
    EXPECT_THAT(run.err, HasSubstr("%QM-W-CHANGED, message 1 has changed since it was listed"));
    EXPECT_THAT(run.out, HasSubstr("%QM-I-DELETED"));
    EXPECT_FALSE(is_queued(location));
}

TEST_F(Qm, SessionErrorsDoNotEndIt) {
    put();
    const auto run =
        session({"zap", "delete 1", "dir", "delete 2", "read 'x", "", "dir", "quit", "dir"});
    EXPECT_EQ(run.code, ExitCode::not_found);
    EXPECT_THAT(run.err, HasSubstr("%QM-E-UNKVERB"));
    EXPECT_THAT(run.err, HasSubstr("%QM-E-NOLISTING"));
    EXPECT_THAT(run.err, HasSubstr("%QM-E-NOSUCHID"));
    EXPECT_THAT(run.err, HasSubstr("%QM-E-QUOTE"));
}

TEST_F(Qm, CommandFilesRunInTheSession) {
    put();
    instance_.write("commands", "! clean up\ndir\n\ndelete 1\n");
    const auto run = qm({"run", instance_.path("commands")});
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    EXPECT_TRUE(queued("tcp_local").empty());
    EXPECT_THAT(run.out, HasSubstr("qm.maint> delete 1\n%QM-I-DELETED"));
    instance_.write("loop", "run " + instance_.path("loop") + "\n");
    EXPECT_EQ(qm({"run", instance_.path("loop")}).code, ExitCode::failed);
}

TEST_F(Qm, JsonTellsWhatBecameOfEachMessage) {
    const auto location = put();
    const auto run = qm({"delete", "-json", "-file=" + location.relative_path()});
    EXPECT_EQ(
        run.out, "{\"action\":\"delete\",\"file\":\"" + location.relative_path() +
                     "\",\"outcome\":\"deleted\"}\n"
    );
}

// --- neighbours of qm ---

TEST_F(Qm, MailqCountsByHost) {
    put({.recipients = {"a@math.example"}});
    put({.recipients = {"b@math.example"}});
    put({.recipients = {"a@huge.example"}});
    put({.recipients = {"a@huge.example"}, .hold = "loop"});
    const CommandRun run({"mailq"}, instance_.tailor());
    EXPECT_EQ(
        run.out,
        "Queued Messages      Destination Host\n"
        "---------------      ----------------\n"
        "              1      huge.example\n"
        "              2      math.example\n"
    );
    EXPECT_THAT(
        CommandRun({"mailq", "-json"}, instance_.tailor()).out,
        testing::StartsWith("{\"host\":\"huge.example\",\"messages\":1,")
    );
}

TEST_F(Qm, ReturnTakesFileNamesWithWildcards) {
    const auto first = put({.notify = queue::notify_never});
    const auto second = put({.notify = queue::notify_never});
    const auto local = put({.channel = "l", .recipients = {"adam"}});
    EXPECT_EQ(
        CommandRun({"return", first.path(store_->root())}, instance_.tailor()).code, ExitCode::done
    );
    EXPECT_EQ(CommandRun({"return", "tcp_local/*.00"}, instance_.tailor()).code, ExitCode::done);
    EXPECT_FALSE(is_queued(first) || is_queued(second));
    EXPECT_TRUE(is_queued(local));
    EXPECT_EQ(
        CommandRun({"return", "tcp_local/*.00"}, instance_.tailor()).code, ExitCode::not_found
    );
    EXPECT_EQ(CommandRun({"return"}, instance_.tailor()).code, ExitCode::usage);
}

TEST_F(Qm, RequestsNeedTheJobController) {
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"submit"},
             {"submit", "tcp_local"},
             {"run", "tcp_local", "poll"},
             {"cache", "-view"},
             {"cache", "-sync"}}) {
        EXPECT_EQ(CommandRun(words, instance_.tailor()).code, ExitCode::no_daemon) << words[0];
    }
    EXPECT_EQ(CommandRun({"submit", "nowhere"}, instance_.tailor()).code, ExitCode::not_found);
    EXPECT_EQ(CommandRun({"cache"}, instance_.tailor()).code, ExitCode::usage);
    EXPECT_EQ(CommandRun({"run"}, instance_.tailor()).code, ExitCode::usage);
}

}  // namespace
}  // namespace sluice::utility
