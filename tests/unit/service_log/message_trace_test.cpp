#include "service_log/message_trace.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "support/scratch_directory.h"

namespace sluice::service_log {
namespace {

TEST(MessageTrace, AnAppendNamesUserMailboxSizeAndMessage) {
    EXPECT_EQ(
        append_text("user1", "user/user1", 659, "<a:b@c>"), "append:user1:user/user1:659:<a:b@c>"
    );
    EXPECT_EQ(append_text("a:b", "user/a:b", 1, ""), "append:a\\x3ab:user/a\\x3ab:1:");
}

class Tracer : public testing::Test {
protected:
    Tracer() { settings_.log_directory = scratch_.path(""); }
    void append() {
        Writer writer;
        writer.host = "host";
        writer.process = "l_master";
        MessageTracer tracer(settings_, "imta", writer);
        tracer.appended("eve", "user/eve", 10, "<id@x>");
    }
    std::string text(const std::string& name) {
        const auto file = read_file(scratch_.path(name));
        return file ? *file : std::string();
    }

    test::ScratchDirectory scratch_;
    Settings settings_;
};

TEST_F(Tracer, IsOffByDefault) {
    append();
    EXPECT_EQ(text("imta"), "");
    EXPECT_EQ(text("msgtrace"), "");
}

TEST_F(Tracer, WritesTheLogOfTheServiceOrOneOfItsOwn) {
    settings_.message_trace = MessageTrace::service;
    append();
    EXPECT_NE(
        text("imta").find("Store Information: append:eve:user/eve:10:<id@x>\n"), std::string::npos
    );
    settings_.message_trace = MessageTrace::single;
    append();
    EXPECT_NE(text("msgtrace").find(" l_master["), std::string::npos);
}

TEST_F(Tracer, AConfiguredThresholdStands) {
    settings_.message_trace = MessageTrace::service;
    settings_.services["imta"].threshold = Level::notice;
    append();
    EXPECT_EQ(text("imta"), "");
}

}  // namespace
}  // namespace sluice::service_log
