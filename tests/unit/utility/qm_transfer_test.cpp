// Messages that leave for another system, that come from one, and that lose their trace fields.
#include "base/file.h"
#include "unit/utility/qm_fixture.h"
#include "utility/trace_fields.h"

namespace sluice::utility {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(TraceFields, AllButTheOldestOfEachKindGo) {
    const StrippedHeader stripped = strip_trace_fields(
        "Received: 5\r\n\tfrom x\r\nReceived: 4\r\nX: 1\r\nMR-Received: 1\r\nreceived: 3\r\n"
        "Received: 2\r\nReceived: 1\r\nSubject: x\r\n\r\nReceived: body\r\n",
        3
    );
    EXPECT_EQ(stripped.removed, 2U);
    EXPECT_EQ(
        stripped.header,
        "X: 1\r\nMR-Received: 1\r\nreceived: 3\r\nReceived: 2\r\nReceived: 1\r\nSubject: x\r\n\r\n"
        "Received: body\r\n"
    );
}

TEST(TraceFields, FewStayAsTheyAre) {
    const std::string header = "Received: 2\nReceived: 1\nno field\nReceived: 0\n";
    const StrippedHeader stripped = strip_trace_fields(header, 3);
    EXPECT_EQ(stripped.removed, 0U);
    EXPECT_EQ(stripped.header, header);
    EXPECT_EQ(strip_trace_fields("", 3).header, "");
    EXPECT_EQ(strip_trace_fields(header, 0).header, "no field\nReceived: 0\n");
}

class QmTransfer : public Qm {
protected:
    queue::MessageFile open(const std::string& relative) {
        auto file = queue::MessageFile::open(
            *store_, *queue::MessageLocation::parse(relative), queue::Access::read
        );
        EXPECT_TRUE(file) << relative;
        return *std::move(file);
    }
    std::string content_of(const std::string& relative) {
        queue::MessageFile file = open(relative);
        std::string content(file.content_size(), '\0');
        EXPECT_TRUE(file.read_content(0, content.data(), content.size()));
        return content;
    }
    CommandRun export_to(const queue::MessageLocation& location, const std::string& path) {
        return qm({"export", "-id=" + location.name.unique, "-to=" + path});
    }

    const std::string exported_ = instance_.path("tmp/exported");
};

TEST_F(QmTransfer, TheMessageComesBackAsItWas) {
    const auto location =
        put({.recipients = {"eve@siroe.example", "bob@siroe.example"}, .attempts = 2, .notify = 6U}
        );
    const std::string content = content_of(location.relative_path());
    const auto run = export_to(location, exported_);
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    EXPECT_THAT(run.out, HasSubstr("%QM-I-EXPORTED, copied the message file "));
    EXPECT_TRUE(is_queued(location));
    EXPECT_EQ(qm({"delete", "-id=" + location.name.unique, "-noconfirm"}).code, ExitCode::done);
    const auto imported = qm({"import", exported_});
    EXPECT_EQ(imported.code, ExitCode::done) << imported.err;
    const auto found = queued("tcp_local");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_THAT(imported.out, HasSubstr(found[0]));
    const queue::MessageFile file = open(found[0]);
    EXPECT_NE(file.location().name.unique, location.name.unique);
    EXPECT_EQ(file.envelope().ancestor, location.name.unique);
    EXPECT_EQ(file.envelope().sender, "adam@sesta.example");
    ASSERT_EQ(file.envelope().recipients.size(), 2U);
    EXPECT_EQ(file.envelope().recipients[1].notify, 6U);
    EXPECT_EQ(content_of(found[0]), content);
    ASSERT_EQ(logged('E').size(), 2U);
    EXPECT_THAT(logged('E')[0], HasSubstr("tcp_intranet"));
}

TEST_F(QmTransfer, WhatIsFinishedStaysBehind) {
    const auto location = put({.recipients = {"eve@siroe.example", "bob@siroe.example"}});
    {
        auto file = queue::MessageFile::open(*store_, location, queue::Access::own);
        ASSERT_TRUE(file);
        ASSERT_TRUE(file->record_done({"tcp_local", 1, 1}, "eve@siroe.example", "250 ok"));
        queue::HistoryRecord tried;
        tried.channel = "tcp_local";
        tried.text = "451 later";
        file->append_history(tried);
    }
    EXPECT_EQ(export_to(location, exported_).code, ExitCode::done);
    EXPECT_EQ(qm({"import", exported_, "-channel=hold", "-hold"}).code, ExitCode::done);
    const auto found = queued("hold");
    ASSERT_EQ(found.size(), 1U);
    queue::MessageFile file = open(found[0]);
    EXPECT_EQ(file.location().name.state(), queue::MessageState::held);
    EXPECT_THAT(file.hold_reason().value(), testing::StartsWith("operator "));
    ASSERT_EQ(file.envelope().recipients.size(), 1U);
    EXPECT_EQ(file.envelope().recipients[0].address, "bob@siroe.example");
    ASSERT_EQ(file.history()->size(), 1U);
    EXPECT_EQ(file.history()->front().text, "451 later");
}

TEST_F(QmTransfer, NothingDamagedIsBelieved) {
    EXPECT_EQ(export_to(put(), exported_).code, ExitCode::done);
    const std::string good = read_file(exported_).value();
    for (std::size_t i = 0; i < good.size(); i += 7) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        instance_.write("tmp/bad", bad);
        // The name of the channel is all that a flipped octet may change without being noticed.
        if (bad.substr(bad.find('\n')) == good.substr(good.find('\n'))) continue;
        EXPECT_EQ(qm({"import", instance_.path("tmp/bad")}).code, ExitCode::failed) << i;
    }
    instance_.write("tmp/bad", good.substr(0, good.size() - 1));
    EXPECT_EQ(qm({"import", instance_.path("tmp/bad")}).code, ExitCode::failed);
    instance_.write("tmp/bad", "");
    EXPECT_EQ(qm({"import", instance_.path("tmp/bad")}).code, ExitCode::failed);
    EXPECT_EQ(qm({"import", instance_.path("tmp")}).code, ExitCode::failed);
    EXPECT_EQ(qm({"import", instance_.path("tmp/nothing")}).code, ExitCode::failed);
    EXPECT_EQ(queued("tcp_local").size(), 1U);
}

TEST_F(QmTransfer, NoFileIsOverwrittenAndNoChannelInvented) {
    const auto location = put();
    instance_.write("tmp/exported", "mine");
    EXPECT_EQ(export_to(location, exported_).code, ExitCode::failed);
    EXPECT_EQ(instance_.read("tmp/exported"), "mine");
    EXPECT_EQ(qm({"export", "-id=" + location.name.unique}).code, ExitCode::usage);
    EXPECT_EQ(export_to(location, instance_.path("tmp/other")).code, ExitCode::done);
    EXPECT_EQ(
        qm({"import", instance_.path("tmp/other"), "-channel=nowhere"}).code, ExitCode::not_found
    );
}

TEST_F(QmTransfer, AnOwnedMessageIsNotExported) {
    const auto location = put();
    const auto owner = queue::MessageFile::open(*store_, location, queue::Access::own);
    ASSERT_TRUE(owner);
    EXPECT_EQ(export_to(location, exported_).code, ExitCode::partly_done);
    EXPECT_FALSE(file_exists(exported_));
}

TEST_F(QmTransfer, ReleaseWithoutTraceFields) {
    instance_.append("config/option.dat", "\nLOG_HOLD=1\n");
    std::string trace;
    for (int i = 60; i > 0; --i) trace += "Received: hop " + std::to_string(i) + "\r\n";
    const auto location = put({.header = trace, .hold = "loop: 60 Received lines, limit 50"});
    const auto run = qm({"release", "-id=" + location.name.unique, "-strip_received"});
    EXPECT_EQ(run.code, ExitCode::done) << run.err;
    const auto found = queued("tcp_local");
    ASSERT_EQ(found.size(), 1U);
    queue::MessageFile file = open(found[0]);
    EXPECT_EQ(file.location().name.state(), queue::MessageState::eligible);
    EXPECT_TRUE(file.verify_content());
    const std::string content = content_of(found[0]);
    EXPECT_TRUE(content.starts_with(
        "Received: hop 3\r\nReceived: hop 2\r\nReceived: hop 1\r\nSubject: hello\r\n\r\nxxx"
    )) << content.substr(0, 200);
    EXPECT_THAT(file.history()->back().text, HasSubstr("removed 57 trace fields"));
    EXPECT_EQ(file.envelope().hold_reason, std::nullopt);
    ASSERT_EQ(logged('H').size(), 1U);
    EXPECT_THAT(logged('H')[0], HasSubstr("removed 57 trace fields"));
    EXPECT_EQ(logged('Z').size(), 1U);
    EXPECT_EQ(logged('E').size(), 1U);
    // What is not held is left alone.
    EXPECT_EQ(qm({"release", "-file=" + found[0], "-strip_received"}).code, ExitCode::partly_done);
}

}  // namespace
}  // namespace sluice::utility
