// Other addresses, and reading what is in a message.
#include "unit/utility/qm_fixture.h"

namespace sluice::utility {
namespace {

using testing::HasSubstr;
using testing::Not;

class QmReaddress : public Qm {
protected:
    queue::Envelope envelope_of(const std::string& relative) {
        auto file = queue::MessageFile::open(
            *store_, *queue::MessageLocation::parse(relative), queue::Access::read
        );
        EXPECT_TRUE(file);
        return file->envelope();
    }
    std::string content_of(const std::string& relative) {
        auto file = queue::MessageFile::open(
            *store_, *queue::MessageLocation::parse(relative), queue::Access::read
        );
        EXPECT_TRUE(file);
        std::string content(file->content_size(), '\0');
        EXPECT_TRUE(file->read_content(0, content.data(), content.size()));
        return content;
    }
};

TEST_F(QmReaddress, TheRecipientGoesOnThroughReprocess) {
    const auto location = put({.recipients = {"eve@siroe.example"}});
    const std::string content = content_of(location.relative_path());
    const auto run = qm({"readdress", "-id=" + location.name.unique, "-to=eva@siroe.example"});
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    EXPECT_THAT(
        run.out, HasSubstr("%QM-I-READDRESSED, eve@siroe.example is now eva@siroe.example")
    );
    EXPECT_TRUE(queued("tcp_local").empty());
    const auto moved = queued("reprocess");
    ASSERT_EQ(moved.size(), 1U);
    const queue::Envelope envelope = envelope_of(moved[0]);
    ASSERT_EQ(envelope.recipients.size(), 1U);
    EXPECT_EQ(envelope.recipients[0].address, "eva@siroe.example");
    EXPECT_EQ(envelope.recipients[0].orcpt, "eve@siroe.example");
    EXPECT_EQ(envelope.recipients[0].host, std::nullopt);
    EXPECT_EQ(envelope.sender, "adam@sesta.example");
    EXPECT_EQ(content_of(moved[0]), content);
    ASSERT_EQ(logged('D').size(), 1U);
    EXPECT_THAT(logged('D')[0], HasSubstr("readdressed to eva@siroe.example by"));
    EXPECT_EQ(logged('E').size(), 1U);
    EXPECT_THAT(qm({"history", "-file=" + moved[0]}).out, HasSubstr("from eve@siroe.example by"));
}

TEST_F(QmReaddress, TheOthersStayWhereTheyAre) {
    const auto location =
        put({.recipients = {"eve@siroe.example", "bob@siroe.example"}, .attempts = 3});
    EXPECT_EQ(
        qm({"readdress", "-id=" + location.name.unique, "-to=x@y.example"}).code,
        ExitCode::not_found
    );
    const auto run =
        qm({"readdress", "-id=" + location.name.unique, "-to=x@y.example",
            "-recipient=BOB@siroe.example"});
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    ASSERT_EQ(queued("tcp_local").size(), 1U);
    const queue::Envelope rest = envelope_of(queued("tcp_local")[0]);
    ASSERT_EQ(rest.recipients.size(), 1U);
    EXPECT_EQ(rest.recipients[0].address, "eve@siroe.example");
    EXPECT_EQ(queue::MessageLocation::parse(queued("tcp_local")[0])->name.attempts, 3U);
    EXPECT_EQ(logged('Z').size(), 1U);
    EXPECT_EQ(logged('E').size(), 2U);
    EXPECT_EQ(
        qm({"readdress", "-file=" + queued("tcp_local")[0], "-to=x@y.example",
            "-recipient=nobody@siroe.example"})
            .code,
        ExitCode::not_found
    );
}

TEST_F(QmReaddress, WhatIsHeldStaysHeldUntilItsRelease) {
    put({.recipients = {"eve@siroe.example"}, .hold = "policy: no such host"});
    const auto run = session({"held", "readdress 1 -to=eva@siroe.example", "release 1"});
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    ASSERT_EQ(queued("reprocess").size(), 1U);
    EXPECT_THAT(queued("reprocess")[0], HasSubstr(".00"));
    EXPECT_TRUE(queued("tcp_local").empty());
}

TEST_F(QmReaddress, NonsenseIsRefused) {
    const auto location = put();
    for (const char* to : {"-to=", "-to=a b@x", "-to=<>", "-to=a\nb@x"}) {
        EXPECT_EQ(qm({"readdress", "-id=" + location.name.unique, to}).code, ExitCode::usage) << to;
    }
    EXPECT_EQ(qm({"readdress", "-id=" + location.name.unique}).code, ExitCode::usage);
    EXPECT_EQ(qm({"readdress", "-to=a@x.example"}).code, ExitCode::usage);
    EXPECT_TRUE(is_queued(location));
}

TEST_F(QmReaddress, ABusyMessageIsLeftAlone) {
    const auto location = put();
    auto owner = queue::MessageFile::open(*store_, location, queue::Access::own);
    ASSERT_TRUE(owner);
    const auto run = qm({"readdress", "-id=" + location.name.unique, "-to=a@x.example"});
    EXPECT_EQ(run.code, ExitCode::partly_done);
    EXPECT_THAT(run.err, HasSubstr("%QM-W-BUSY"));
}

TEST_F(QmReaddress, ResenderChangesTheSender) {
    const auto location = put({.recipients = {"eve@siroe.example", "bob@siroe.example"}});
    const auto run = qm({"resender", "-id=" + location.name.unique, "-from=<eve@sesta.example>"});
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    ASSERT_EQ(queued("tcp_local").size(), 1U);
    const queue::Envelope envelope = envelope_of(queued("tcp_local")[0]);
    EXPECT_EQ(envelope.sender, "eve@sesta.example");
    EXPECT_EQ(envelope.recipients.size(), 2U);
    EXPECT_THAT(
        qm({"history", "-file=" + queued("tcp_local")[0]}).out,
        HasSubstr("sender was <adam@sesta.example>, changed by")
    );
    EXPECT_EQ(qm({"resender", "-file=" + queued("tcp_local")[0], "-from=<>"}).code, ExitCode::done);
    EXPECT_EQ(envelope_of(queued("tcp_local")[0]).sender, "");
    EXPECT_EQ(qm({"resender", "-file=" + queued("tcp_local")[0]}).code, ExitCode::usage);
}

// --- read ---

TEST_F(QmReaddress, DecodedTextsAreReadable) {
    const auto location = put(
        {.body = 0,
         .header = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n",
         .text = "--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
                 "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe\x1b[2J\r\n"
                 "--b\r\nContent-Type: application/pdf\r\n\r\nsecret\r\n--b--\r\n"}
    );
    const auto run = qm({"read", "-decoded", "-id=" + location.name.unique});
    EXPECT_THAT(run.out, HasSubstr("[part 1: text/plain, "));
    EXPECT_THAT(
        run.out, HasSubstr("Gr\xc3\xbc\xc3\x9f"
                           "e\\x1b[2J\n")
    );
    EXPECT_THAT(run.out, testing::ContainsRegex("part 2: application/pdf, 6 octets, not shown"));
    EXPECT_THAT(run.out, Not(HasSubstr("secret")));
    EXPECT_THAT(instance_.read("log/operator.log"), HasSubstr("qm read -decoded"));
    const auto raw = qm({"read", "-raw", "-id=" + location.name.unique});
    EXPECT_THAT(raw.out, HasSubstr("m;adam@sesta.example\n"));
    EXPECT_THAT(raw.out, HasSubstr("secret"));
    EXPECT_THAT(raw.out, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace sluice::utility
