#include "converter/header_files.h"

#include <gtest/gtest.h>

namespace sluice::converter {
namespace {

TEST(HeaderFiles, LineEndsBecomeCrlfAndTheRestIsLeftOut) {
    EXPECT_EQ(header_of_file("A: 1\n  more\r\nB: 2"), "A: 1\r\n  more\r\nB: 2\r\n");
    EXPECT_EQ(header_of_file("A: 1\n\nnot a header"), "A: 1\r\n");
    EXPECT_EQ(header_of_file(""), "");
}

TEST(HeaderFiles, WhatIsNoHeaderIsNotUsed) {
    for (const char* text : {"no field\n", " continued: nothing\n", "A: 1\nrubbish\nB: 2\n"})
        EXPECT_FALSE(header_of_file(text)) << text;
    EXPECT_FALSE(header_of_file(std::string_view("A: \0b\n", 6)));
}

TEST(HeaderFiles, MessageKeepsWhatTheCommandDoesNotName) {
    EXPECT_EQ(
        merged_into_message_header(
            "From: a@b\r\nSubject: old\r\n folded\r\nContent-Type: text/plain\r\n"
            "content-transfer-encoding: 7bit\r\nTo: c@d\r\n",
            "Content-Type: text/html\r\nSubject: new\r\n"
        ),
        "From: a@b\r\nTo: c@d\r\nContent-Type: text/html\r\nSubject: new\r\n"
    );
}

}  // namespace
}  // namespace sluice::converter
