#include "message/decoded_text.h"

#include <gtest/gtest.h>

namespace sluice::message {
namespace {

struct Row {
    const char* name;
    const char* value;
    const char* text;
};

class DecodedText : public testing::TestWithParam<Row> {};

TEST_P(DecodedText, IsWhatPeopleRead) {
    EXPECT_EQ(decoded_text(GetParam().value), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Values,
    DecodedText,
    testing::Values(
        Row{"Empty", "", ""},
        Row{"Plain", "Hello, world", "Hello, world"},
        Row{"BUtf8", "=?UTF-8?B?R3LDvMOfZQ==?=",
            "Gr\xc3\xbc\xc3\x9f"
            "e"},
        Row{"QLatin1", "=?iso-8859-1?q?a_=FCb?= c",
            "a \xc3\xbc"
            "b c"},
        Row{"BlanksBetweenWordsGo", "=?us-ascii?Q?a?=  =?us-ascii?Q?b?= c", "ab c"},
        Row{"BlanksBesideTextStay", "x =?us-ascii?Q?a?= y =?us-ascii?Q?b?=", "x a y b"},
        Row{"ShiftJis", "=?Shift_JIS?B?g2WDWINn?=", "\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88"},
        Row{"Language", "=?us-ascii*en?Q?hi?=", "hi"},
        Row{"UnknownCharsetStays", "=?x-zap?Q?a?=", "=?x-zap?Q?a?="},
        Row{"BadHexStays", "=?us-ascii?Q?a=zz?=", "=?us-ascii?Q?a=zz?="},
        Row{"BadBase64Stays", "=?us-ascii?B?a*b?=", "=?us-ascii?B?a*b?="},
        Row{"NotUtf8Stays", "=?utf-8?Q?=ff?=", "=?utf-8?Q?=ff?="},
        Row{"UnendedStays", "=?utf-8?Q?a", "=?utf-8?Q?a"},
        Row{"BlankInsideStays", "=?utf-8?Q?a b?=", "=?utf-8?Q?a b?="}
    ),
    [](const auto& row) { return row.param.name; }
);

}  // namespace
}  // namespace sluice::message
