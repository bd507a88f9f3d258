#include "message/partial.h"

#include <gtest/gtest.h>

#include "message/header_field.h"

namespace sluice::message {
namespace {

TEST(Partial, LabelsOfAPiece) {
    EXPECT_EQ(
        partial_labels("Message/Partial; number=2; total=3; id=\"oc=jpbe0M2Yt4s@foo.com\""),
        (PartialLabels{"oc=jpbe0M2Yt4s@foo.com", 2, 3})
    );
    EXPECT_EQ(partial_labels("message/partial; id=x; number=1"), (PartialLabels{"x", 1, 0}));
}

TEST(Partial, PiecesThatCannotBeUsed) {
    for (const char* value :
         {"text/plain", "message/rfc822; id=x; number=1", "message/partial; number=1",
          "message/partial; id=x", "message/partial; id=x; number=0",
          "message/partial; id=x; number=4; total=3", "message/partial; id=x; number=1000",
          "message/partial; id=x; number=-1", "message/partial; id=x; number=1; total=many", ""}) {
        EXPECT_EQ(partial_labels(value), std::nullopt) << value;
    }
}

constexpr std::string_view whole =
    "Received: from a by b;\r\n\tMon, 1 Jan 2024 10:00:00 +0000\r\n"
    "X-Weird-Header-1: Foo\r\n"
    "From: Bill@host.com\r\n"
    "To: joe@otherhost.com\r\n"
    "Date: Fri, 26 Mar 1993 12:59:38 -0500 (EST)\r\n"
    "Subject: Audio mail\r\n"
    "Message-ID: <anotherid@foo.com>\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-type: audio/basic\r\n"
    "Content-transfer-encoding: base64\r\n"
    "\r\n";

TEST(Partial, HeaderOfAPiece) {
    EXPECT_EQ(
        piece_header(whole, {"id 1", 1, 2}, "<id1@host.com>"),
        "Received: from a by b;\r\n\tMon, 1 Jan 2024 10:00:00 +0000\r\n"
        "X-Weird-Header-1: Foo\r\n"
        "From: Bill@host.com\r\n"
        "To: joe@otherhost.com\r\n"
        "Date: Fri, 26 Mar 1993 12:59:38 -0500 (EST)\r\n"
        "Subject: Audio mail (1/2)\r\n"
        "Message-ID: <id1@host.com>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: message/partial; id=\"id 1\"; number=1; total=2\r\n"
        "\r\n"
    );
}

TEST(Partial, PiecesGiveTheHeaderTheyWereCutFrom) {
    const std::string first = piece_header(whole, {"x@y", 1, 2}, "<id1@host.com>");
    EXPECT_EQ(whole_header(first, enclosed_header(whole)), whole);
}

// The example of RFC 2046 section 5.2.2.1.
TEST(Partial, ForeignFieldsOfTheEnclosedHeaderAreDropped) {
    constexpr std::string_view first =
        "X-Weird-Header-1: Foo\r\nFrom: Bill@host.com\r\nTo: joe@otherhost.com\r\n"
        "Subject: Audio mail (part 1 of 2)\r\nMessage-ID: <id1@host.com>\r\nMIME-Version: 1.0\r\n"
        "Content-type: message/partial; id=\"ABC@host.com\"; number=1; total=2\r\n\r\n";
    constexpr std::string_view enclosed =
        "X-Weird-Header-1: Bar\r\nX-Weird-Header-2: Hello\r\nMessage-ID: <anotherid@foo.com>\r\n"
        "Subject: Audio mail\r\nMIME-Version: 1.0\r\nContent-type: audio/basic\r\n"
        "Content-transfer-encoding: base64\r\n\r\n";
    EXPECT_EQ(
        whole_header(first, enclosed),
        "X-Weird-Header-1: Foo\r\nFrom: Bill@host.com\r\nTo: joe@otherhost.com\r\n"
        "Message-ID: <anotherid@foo.com>\r\nSubject: Audio mail\r\nMIME-Version: 1.0\r\n"
        "Content-type: audio/basic\r\nContent-transfer-encoding: base64\r\n\r\n"
    );
}

TEST(Partial, MessageWithoutSubject) {
    EXPECT_NE(
        piece_header("From: a@b\r\n\r\n", {"x", 2, 3}, "<i@h>").find("Subject: (2/3)\r\n"),
        std::string::npos
    );
    EXPECT_EQ(enclosed_header("From: a@b\r\n\r\n"), "\r\n");
}

}  // namespace
}  // namespace sluice::message
