#include "enqueue/logged_headers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/header_options.h"

namespace sluice::enqueue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

message::HeaderOptions options(std::string_view text) {
    Diagnostics diagnostics;
    return config::parse_header_options(text, "log_header.opt", diagnostics);
}

constexpr std::string_view header =
    "Received: from a\r\n by b; date\r\nFrom: Adam <adam@sesta.com>\r\n"
    "Subject: one\r\n\ttwo\r\nTo: x@y.example\r\n\r\n";

TEST(LoggedHeaders, AreThoseTheFileLetsThrough) {
    EXPECT_THAT(
        logged_header_lines(header, options("Defaults: MAXIMUM=-1\nFrom: MAXIMUM=1\n")),
        ElementsAre("From: Adam <adam@sesta.com>")
    );
}

TEST(LoggedHeaders, AreUnfolded) {
    EXPECT_THAT(
        logged_header_lines(header, options("Defaults: MAXIMUM=-1\nSubject: MAXIMUM=1\n")),
        ElementsAre("Subject: one two")
    );
}

TEST(LoggedHeaders, OfAnEmptyFileAreAll) {
    EXPECT_EQ(logged_header_lines(header, {}).size(), 4U);
}

TEST(LoggedHeaders, OfABlockWithoutFieldsAreNone) {
    EXPECT_THAT(logged_header_lines("\r\n", {}), IsEmpty());
    EXPECT_THAT(logged_header_lines("", {}), IsEmpty());
}

TEST(LoggedHeaders, MaximumCountsLinesOfOneName) {
    EXPECT_THAT(
        logged_header_lines(
            "To: a@x.example\r\nTo: b@x.example\r\n\r\n",
            options("Defaults: MAXIMUM=-1\nTo: MAXIMUM=1\n")
        ),
        ElementsAre("To: a@x.example")
    );
}

TEST(HeaderLogging, FollowsTheOptionWithoutAKeyword) {
    EXPECT_TRUE(header_logging(nullptr, true).at_enqueue);
    EXPECT_FALSE(header_logging(nullptr, true).at_dequeue);
    EXPECT_FALSE(header_logging(nullptr, false).at_enqueue);
}

}  // namespace
}  // namespace sluice::enqueue
