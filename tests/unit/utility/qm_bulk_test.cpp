// Commands about many messages: groups, top, clean, expire, dry runs.
#include "unit/utility/qm_fixture.h"

namespace sluice::utility {
namespace {

using testing::HasSubstr;
using testing::Not;

class QmBulk : public Qm {
protected:
    CommandRun command(std::vector<std::string> words, Input* input = nullptr) {
        return CommandRun(std::move(words), instance_.tailor(), input);
    }
};

const std::string bulk_subject = "Cheap offers for everybody today";

// --- groups ---

TEST_F(QmBulk, AlikeMessagesAreOneLineWithTheirNumbers) {
    put({.recipients = {"a@x.example"}, .hold = "loop: 51 Received lines"});
    for (int i = 0; i < 3; ++i)
        put({.sender = "offers@bulk.example", .recipients = {"b@x.example"}, .hold = "loop: x"});
    const auto run = qm({"held", "-group"});
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    EXPECT_THAT(
        run.out, testing::ContainsRegex("\n1-3 +3 +3 .*offers@bulk.example, b@x.example, loop: x\n")
    );
    EXPECT_THAT(
        run.out, testing::ContainsRegex("\n4 +1 +1 .*adam@sesta.example, a@x.example, loop: 51")
    );
    EXPECT_THAT(run.out, HasSubstr("4 messages in 2 groups\n"));
    EXPECT_THAT(
        qm({"held", "-group", "-json"}).out,
        HasSubstr("\"first_id\":1,\"last_id\":3,\"messages\":3")
    );
    // The numbers serve as any others do.
    EXPECT_EQ(session({"held -group", "delete 1-3"}).code, ExitCode::done);
    EXPECT_EQ(queued("tcp_local").size(), 1U);
}

// --- dry runs ---

TEST_F(QmBulk, ADryRunChangesNothingAndAsksNobody) {
    const auto location = put();
    for (const char* verb : {"delete", "return", "hold", "expire"}) {
        const auto run = qm({verb, "-from=adam@*", "-dry_run"});
        EXPECT_EQ(run.code, ExitCode::done) << run.err;
        EXPECT_THAT(run.out, HasSubstr(location.relative_path() + '\n')) << verb;
        EXPECT_THAT(run.out, HasSubstr("%QM-I-DRYRUN, 1 message, 1 channel, 1 block; not "));
    }
    EXPECT_TRUE(is_queued(location));
    EXPECT_EQ(instance_.read("log/operator.log"), "");
}

// --- many at once ---

TEST_F(QmBulk, ManyAreChangedSideBySideEachOnceAndThoseInUseStay) {
    constexpr std::size_t many = 300;
    std::vector<queue::MessageFile> in_use;
    for (std::size_t i = 0; i < many; ++i) {
        const auto location = put({.sender = "offers@bulk.example"});
        if (i % 100 == 50)
            in_use.push_back(*queue::MessageFile::open(*store_, location, queue::Access::own));
    }
    const auto other = put();
    const auto held = qm({"hold", "-from=offers@*", "-noconfirm", "-json"});
    EXPECT_EQ(held.code, ExitCode::partly_done) << held.err;
    const auto count = [](const std::string& text, std::string_view what) {
        const auto lines = split(text, '\n');
        return std::count_if(lines.begin(), lines.end(), [&](std::string_view line) {
            return line.find(what) != std::string_view::npos;
        });
    };
    EXPECT_EQ(count(held.out, "\"outcome\":\"held\""), 297);
    EXPECT_EQ(count(held.out, "\"outcome\":\"busy\""), 3);
    in_use.clear();
    const auto gone = qm({"delete", "-from=offers@*", "-held", "-noconfirm"});
    EXPECT_EQ(gone.code, ExitCode::done) << gone.err;
    EXPECT_EQ(count(gone.out, "%QM-I-DELETED, deleted the message file "), 297);
    EXPECT_EQ(logged('K').size(), 297U);
    EXPECT_EQ(queued("tcp_local").size(), 4U);
    EXPECT_TRUE(is_queued(other));
}

// --- expire ---

TEST_F(QmBulk, ExpireReturnsWithTheStatusOfTimeRunOut) {
    const auto location = put();
    {
        auto file = queue::MessageFile::open(*store_, location, queue::Access::own);
        ASSERT_TRUE(file);
        queue::HistoryRecord record;
        record.channel = "tcp_local";
        record.text = "connection refused";
        file->append_history(record);
    }
    const auto run = qm({"expire", "-host=siroe.example", "-noconfirm"});
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    EXPECT_THAT(run.out, HasSubstr("%QM-I-EXPIRED, expired the message file"));
    EXPECT_FALSE(is_queued(location));
    ASSERT_EQ(logged('R').size(), 1U);
    EXPECT_THAT(logged('R')[0], HasSubstr("expired by "));
    const auto notices = queued("process");
    ASSERT_EQ(notices.size(), 1U);
    auto notice = queue::MessageFile::open(
        *store_, *queue::MessageLocation::parse(notices.front()), queue::Access::read
    );
    ASSERT_TRUE(notice);
    std::string content(notice->content_size(), '\0');
    ASSERT_TRUE(notice->read_content(0, content.data(), content.size()));
    EXPECT_THAT(content, HasSubstr("Status: 5.4.7"));
}

TEST_F(QmBulk, ExpireOfWhatHasNoSenderNeedsForce) {
    const auto location = put({.sender = ""});
    const auto run = qm({"expire", "-file=" + location.relative_path()});
    EXPECT_EQ(run.code, ExitCode::partly_done);
    EXPECT_THAT(run.err, HasSubstr("%QM-W-NOSENDER"));
    EXPECT_EQ(qm({"expire", "-force", "-file=" + location.relative_path()}).code, ExitCode::done);
    EXPECT_EQ(logged('K').size(), 1U);
}

// --- top ---

TEST_F(QmBulk, TopCountsSubjectsUnlessToldOtherwise) {
    for (int i = 0; i < 3; ++i) put({.sender = "offers@bulk.example", .subject = bulk_subject});
    put({.sender = "", .recipients = {"a@X.example", "b@x.example"}, .subject = "once"});
    const auto run = qm({"top"});
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    EXPECT_THAT(run.out, HasSubstr("%QM-I-SCAN, 4 message files, 4 opened, 0 errors, "));
    EXPECT_THAT(run.out, HasSubstr("Top 20 Subject: lines which occur 2 or more times\n"));
    EXPECT_THAT(run.out, HasSubstr("       3  " + bulk_subject + '\n'));
    EXPECT_THAT(run.out, Not(HasSubstr("once")));
    const auto two = command({"qtop", "-from", "-domain_to", "tcp_local"});
    EXPECT_THAT(two.out, HasSubstr("envelope From: addresses"));
    EXPECT_THAT(two.out, HasSubstr("       3  offers@bulk.example\n"));
    EXPECT_THAT(two.out, HasSubstr("       3  siroe.example\n"));
    EXPECT_THAT(two.out, HasSubstr("       2  x.example\n"));
    EXPECT_THAT(qm({"top", "-from", "-min_count=1"}).out, HasSubstr("       1  <>\n"));
    EXPECT_THAT(qm({"top", "-from", "-min_count=1", "-top=1"}).out, Not(HasSubstr("<>")));
    EXPECT_EQ(
        qm({"top", "-json", "-from"}).out,
        "{\"field\":\"from\",\"value\":\"offers@bulk.example\",\"count\":3}\n"
    );
}

TEST_F(QmBulk, TopComparesTheRangeAskedFor) {
    put({.sender = "offers-1@bulk.example"});
    put({.sender = "offers-2@bulk.example"});
    EXPECT_THAT(
        command({"qtop", "-from=(START=1,LENGTH=7)"}).out, HasSubstr("       2  offers-\n")
    );
    EXPECT_THAT(command({"qtop", "-from=(START=9)"}).out, HasSubstr("       2  @bulk.example\n"));
    EXPECT_THAT(command({"qtop", "-content=(LENGTH=8)"}).out, HasSubstr("       2  Subject:\n"));
    for (const char* bad : {"-from=(START=0)", "-from=(BEGIN=1)", "-from=(START=x)"})
        EXPECT_EQ(command({"qtop", bad}).code, ExitCode::usage) << bad;
    EXPECT_EQ(qm({"top", "-threads=0"}).code, ExitCode::usage);
    EXPECT_EQ(qm({"top", "-min_count=few"}).code, ExitCode::usage);
}

TEST_F(QmBulk, TopLeavesOutWhatIsHeldOrWasNeverTried) {
    put({.subject = "fresh"});
    put({.subject = "tried", .attempts = 1});
    put({.subject = "held", .hold = "operator"});
    const auto tried = qm({"top", "-ignore_zz", "-min_count=1", "-threads=4"});
    EXPECT_THAT(tried.out, HasSubstr("  tried\n"));
    EXPECT_THAT(tried.out, Not(HasSubstr("  fresh\n")));
    EXPECT_THAT(tried.out, Not(HasSubstr("  held\n")));
    EXPECT_THAT(qm({"top", "-held", "-min_count=1"}).out, HasSubstr("  held\n"));
}

// --- clean ---

TEST_F(QmBulk, CleanWantsLongTexts) {
    const auto run = qm({"clean", "-subject=short"});
    EXPECT_EQ(run.code, ExitCode::usage);
    EXPECT_THAT(run.err, HasSubstr("%QM-E-TOOSHORT, short has 5 bytes, the least is 24"));
    EXPECT_EQ(qm({"clean", "-from=<>"}).code, ExitCode::done);
    EXPECT_EQ(qm({"clean", "-subject=short", "-min_length=5"}).code, ExitCode::done);
    EXPECT_EQ(qm({"clean"}).code, ExitCode::usage);
    EXPECT_EQ(qm({"clean", "-from=<>", "-delete", "-hold"}).code, ExitCode::usage);
    EXPECT_EQ(qm({"clean", "-from=<>", "-match=some"}).code, ExitCode::usage);
}

TEST_F(QmBulk, CleanHoldsUnlessToldToDelete) {
    const auto bulk = put({.subject = bulk_subject});
    const auto other = put();
    const auto held = qm({"clean", "-subject=OFFERS for everybody today"});
    EXPECT_EQ(held.code, ExitCode::done) << held.err;
    EXPECT_THAT(held.out, HasSubstr("%QM-I-HELD"));
    EXPECT_THAT(qm({"held"}).out, testing::ContainsRegex("clean "));
    // Held ones are looked at only when told.
    EXPECT_THAT(
        qm({"clean", "-delete", "-noconfirm", "-subject=" + bulk_subject}).out,
        HasSubstr(" 0 match")
    );
    const auto asked = qm({"clean", "-delete", "-held", "-subject=" + bulk_subject});
    EXPECT_EQ(asked.code, ExitCode::cancelled);
    const auto gone =
        command({"qclean", "-delete", "-held", "-noconfirm", "-subject=" + bulk_subject});
    EXPECT_EQ(gone.code, ExitCode::done) << gone.err;
    EXPECT_FALSE(is_queued(bulk));
    EXPECT_TRUE(is_queued(other));
}

TEST_F(QmBulk, CleanWantsAllTextsOrOneOfThem) {
    put({.sender = "offers@bulk.example", .subject = bulk_subject});
    put({.sender = "offers@bulk.example", .subject = "hello"});
    put({.sender = "adam@sesta.example", .subject = bulk_subject});
    const std::vector<std::string> texts = {
        "clean", "-from=offers@bulk.example", "-subject=" + bulk_subject, "-min_length=10",
        "-dry_run"};
    EXPECT_THAT(qm(texts).out, HasSubstr("%QM-I-DRYRUN, 1 message,"));
    auto any = texts;
    any.emplace_back("-match=or");
    EXPECT_THAT(qm(any).out, HasSubstr("%QM-I-DRYRUN, 3 messages,"));
    any.emplace_back("-content=no such text anywhere");
    EXPECT_THAT(qm(any).out, HasSubstr("%QM-I-DRYRUN, 3 messages,"));
}

TEST_F(QmBulk, CleanFindsContentAcrossPieces) {
    const std::string needle = "a text that lies somewhere";
    // Behind the first 256 KiB, and across their end.
    for (const std::size_t in_front : {std::size_t{0}, (256UL << 10U) - 40, 300UL << 10U}) {
        put({.body = 10, .text = std::string(in_front, 'y') + needle});
    }
    put({.body = 10, .text = "A TEXT THAT LIES SOMEWHERE"});
    EXPECT_THAT(
        qm({"clean", "-content=" + needle, "-dry_run"}).out, HasSubstr("%QM-I-DRYRUN, 3 messages,")
    );
}

TEST_F(QmBulk, CleanComparesDomainsWithoutRegardToCase) {
    put({.sender = "Offers@Bulk.Example"});
    EXPECT_THAT(
        qm({"clean", "-from=Offers@bulk.example", "-min_length=1", "-dry_run"}).out,
        HasSubstr("1 message,")
    );
    EXPECT_THAT(
        qm({"clean", "-from=offers@bulk.example", "-min_length=1", "-dry_run"}).out,
        HasSubstr("0 match")
    );
    EXPECT_THAT(
        qm({"clean", "-domain_to=SIROE", "-min_length=1", "-dry_run"}).out, HasSubstr("1 message,")
    );
}

// --- process_held ---

TEST_F(QmBulk, ProcessHeldReleasesTheHoldChannel) {
    put({.channel = "hold", .hold = "status"});
    const auto other = put({.hold = "loop"});
    EXPECT_EQ(command({"process_held"}).code, ExitCode::done);
    ASSERT_EQ(queued("hold").size(), 1U);
    EXPECT_THAT(queued("hold")[0], HasSubstr(".00"));
    EXPECT_THAT(queued("tcp_local")[0], HasSubstr(".HELD"));
    EXPECT_EQ(command({"process_held"}).code, ExitCode::done);
}

}  // namespace
}  // namespace sluice::utility
