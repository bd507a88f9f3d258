#include "jobs/frame.h"

#include <gtest/gtest.h>

namespace sluice::jobs {
namespace {

std::string two_frames() {
    return *encode(Wait{7}) + *encode(Okay{9});
}

TEST(FrameReader, CutsWhateverTheChunks) {
    const std::string stream = two_frames();
    for (std::size_t chunk = 1; chunk <= stream.size(); ++chunk) {
        FrameReader reader;
        std::vector<Verb> verbs;
        for (std::size_t at = 0; at < stream.size(); at += chunk) {
            reader.feed(std::string_view(stream).substr(at, chunk));
            while (true) {
                auto frame = reader.next();
                ASSERT_TRUE(frame);
                if (!frame->has_value()) break;
                verbs.push_back((*frame)->verb);
            }
        }
        EXPECT_EQ(verbs, (std::vector<Verb>{Verb::wait, Verb::okay})) << "chunks of " << chunk;
        EXPECT_EQ(reader.pending(), 0U);
    }
}

TEST(FrameReader, BodyIsWhatFollowsTheVerb) {
    FrameReader reader;
    reader.feed(*encode(Wait{0x0102}));
    auto frame = reader.next();
    ASSERT_TRUE(frame && frame->has_value());
    EXPECT_EQ((*frame)->body, std::string_view("\x01\x02", 2));
}

TEST(FrameReader, RefusesEmptyFrames) {
    FrameReader reader;
    reader.feed(std::string_view("\0\0\0\0", 4));
    EXPECT_FALSE(reader.next());
}

TEST(FrameReader, RefusesFramesOverTheCeilingBeforeTheyArrive) {
    FrameReader reader;
    reader.feed(std::string_view("\x00\x10\x00\x01", 4));
    EXPECT_FALSE(reader.next());
    FrameReader largest;
    largest.feed(std::string_view("\x00\x10\x00\x00", 4));
    auto frame = largest.next();
    ASSERT_TRUE(frame);
    EXPECT_FALSE(frame->has_value());
}

}  // namespace
}  // namespace sluice::jobs
