#include "enqueue/header_collector.h"

#include <gtest/gtest.h>

namespace sluice::enqueue {
namespace {

struct Collected {
    std::string fields;
    std::string rest;
    friend bool operator==(const Collected&, const Collected&) = default;
};

/// All the content, in pieces of `step` octets; what comes behind the header is what a builder
/// would write itself.
Collected collect(std::string_view content, std::uint64_t limit, std::size_t step) {
    HeaderCollector collector({"mail.example.com"}, limit);
    for (std::size_t at = 0; at < content.size(); at += step) {
        if (!collector.feed(content.substr(at, step))) continue;
        const std::size_t used = std::min(content.size(), at + step);
        return {
            std::string(collector.fields()),
            std::string(collector.rest()) + std::string(content.substr(used))};
    }
    collector.finish();
    return {std::string(collector.fields()), std::string(collector.rest())};
}

void expect(std::string_view content, std::uint64_t limit, const Collected& wanted) {
    for (const std::size_t step : {1UL, 2UL, 3UL, 7UL, 1000UL}) {
        const Collected got = collect(content, limit, step);
        EXPECT_EQ(got.fields, wanted.fields) << "in pieces of " << step;
        EXPECT_EQ(got.rest, wanted.rest) << "in pieces of " << step;
    }
}

TEST(HeaderCollector, WithinTheLimitNothingChanges) {
    expect("A: 1\r\nB: 2\r\n\r\nbody\r\n", 100, {"A: 1\r\nB: 2\r\n\r\n", "body\r\n"});
    expect("A: 1\r\nno field\r\nmore\r\n", 100, {"A: 1\r\n", "no field\r\nmore\r\n"});
    expect("A: 1\r\nB: 2", 100, {"A: 1\r\nB: 2", ""});
}

TEST(HeaderCollector, WholeFieldsOverTheLimitGo) {
    expect(
        "A: 1\r\nB: 22222222\r\n 33333\r\nC: 4\r\n\r\nbody\r\n", 16, {"A: 1\r\n\r\n", "body\r\n"}
    );
    expect(
        "A: 1\r\nB: 2\r\nC: 33333333333333333333\r\n\r\nbody\r\n", 16,
        {"A: 1\r\nB: 2\r\n\r\n", "body\r\n"}
    );
}

TEST(HeaderCollector, LineThatEndsTheHeaderBelongsToTheBody) {
    expect(
        "A: 1\r\nB: 22222222\r\nno field\r\nmore\r\n", 14, {"A: 1\r\n\r\n", "no field\r\nmore\r\n"}
    );
}

TEST(HeaderCollector, MessageThatEndsWithinItsHeader) {
    expect("A: 1\r\nB: 22222222222222222222", 12, {"A: 1\r\n\r\n", ""});
}

TEST(HeaderCollector, LongLineOfTheBodyEndsTheHeader) {
    HeaderCollector collector({}, 1000);
    const std::string piece(40000, 'x');
    EXPECT_FALSE(collector.feed("A: 1\r\n"));
    EXPECT_FALSE(collector.feed(piece));
    EXPECT_TRUE(collector.feed(piece));
    EXPECT_EQ(collector.fields(), "A: 1\r\n\r\n");
    EXPECT_EQ(collector.rest(), piece + piece);
}

TEST(HeaderCollector, LongLineOfTheHeaderIsForgotten) {
    HeaderCollector collector({}, 1000);
    const std::string piece(40000, ':');
    EXPECT_FALSE(collector.feed("A: 1\r\nTo: "));
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(collector.feed(piece));
    EXPECT_FALSE(collector.feed("\r\nB: 2\r\n"));
    EXPECT_TRUE(collector.feed("\r\nbody"));
    EXPECT_EQ(collector.fields(), "A: 1\r\n\r\n");
    EXPECT_EQ(collector.rest(), "body");
}

}  // namespace
}  // namespace sluice::enqueue
