#include "dequeue/finished_memory.h"

#include <gtest/gtest.h>

#include "base/limit_hits.h"

namespace sluice::dequeue {
namespace {

TEST(FinishedMemory, RemembersTenThousandMessagesAndCountsTheOthers) {
    std::uint64_t hits = 0;
    limits::set_counter([&](limits::Limit limit, std::uint64_t times) {
        if (limit == limits::Limit::finished_messages) hits += times;
    });
    FinishedMemory memory;
    for (int i = 0; i < 10'000; ++i) memory.note("m" + std::to_string(i), 0);
    EXPECT_EQ(hits, 0U);
    memory.note("one more", 3);
    EXPECT_EQ(hits, 1U);
    EXPECT_TRUE(memory.noted("one more").empty());
    // Those that are known may have more recipients, and room comes back.
    memory.note("m7", 1);
    EXPECT_EQ(memory.noted("m7"), (std::set<std::size_t>{0, 1}));
    memory.forget("m8");
    memory.note("one more", 3);
    EXPECT_EQ(memory.noted("one more"), std::set<std::size_t>{3});
    limits::set_counter({});
}

}  // namespace
}  // namespace sluice::dequeue
