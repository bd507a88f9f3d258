#include "message/byte_edit.h"

#include <gtest/gtest.h>

#include "message/mime_edit.h"  // compiles alone
#include "message/mime_scanner.h"

namespace sluice::message {
namespace {

std::string written(const ByteEdits& edits, std::string source) {
    TextSource text(std::move(source));
    std::string out;
    const auto done = edits.write(text, [&](std::string_view bytes) -> Result<void> {
        out += bytes;
        return {};
    });
    return done ? out : "error " + done.error().detail();
}

TEST(ByteEdits, WithoutAnEditTheSourceIsWritten) {
    EXPECT_EQ(written({}, ""), "");
    const std::string large(200'000, 'x');
    EXPECT_EQ(written({}, large), large);
}

TEST(ByteEdits, ReplacesInTheOrderOfTheSource) {
    ByteEdits edits;
    edits.replace({6, 8}, "GH");
    edits.remove({2, 4});
    edits.insert(2, "-");
    edits.insert(10, "end");
    edits.insert(2, "+");
    EXPECT_EQ(written(edits, "abcdefghij"), "ab-+efGHijend");
}

TEST(ByteEdits, TakesOctetsOfAnotherSource) {
    ByteEdits edits;
    edits.replace({1, 2}, std::make_shared<TextSource>("xyz"));
    edits.replace({3, 3}, std::make_shared<TextSource>(""));
    EXPECT_EQ(written(edits, "abc"), "axyzc");
}

TEST(ByteEdits, WhatLiesInAReplacedStretchGoesWithIt) {
    ByteEdits edits;
    edits.replace({3, 5}, "inside");
    edits.insert(4, "inside");
    edits.insert(2, "before ");
    edits.replace({2, 8}, "all");
    edits.insert(8, " behind");
    EXPECT_EQ(written(edits, "abcdefghij"), "abbefore all behindij");
}

TEST(ByteEdits, RefusesEditsThatOverlap) {
    ByteEdits edits;
    edits.replace({2, 5}, "x");
    edits.replace({4, 7}, "y");
    EXPECT_EQ(written(edits, "abcdefghij"), "error edits overlap: 2..5, 4..7");
    ByteEdits twice;
    twice.replace({2, 5}, "x");
    twice.replace({2, 5}, "y");
    EXPECT_EQ(written(twice, "abcdefghij"), "error edits overlap: 2..5, 2..5");
}

TEST(ByteEdits, ASourceThatEndsTooEarlyIsAFailure) {
    ByteEdits edits;
    edits.replace({5, 8}, "x");
    EXPECT_EQ(written(edits, "abc"), "error it ends at octet 3");
}

TEST(ByteEdits, AFailingSinkEndsTheWriting) {
    TextSource text(std::string(300'000, 'x'));
    int calls = 0;
    const auto done = ByteEdits().write(text, [&](std::string_view) -> Result<void> {
        ++calls;
        return Error::temporary({4, 3, 1}, "disk full");
    });
    EXPECT_FALSE(done);
    EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace sluice::message
