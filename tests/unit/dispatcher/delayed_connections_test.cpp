#include "dispatcher/delayed_connections.h"

#include <gtest/gtest.h>

namespace sluice::dispatcher {
namespace {

using std::chrono::seconds;

DecidedConnection connection(std::uint64_t id) {
    DecidedConnection made;
    made.connection.id = id;
    return made;
}

TEST(DelayedConnections, ComeInTheOrderOfTheirTime) {
    const MonoTime start{};
    DelayedConnections waiting;
    EXPECT_EQ(waiting.next_due(), std::nullopt);
    waiting.add(connection(1), start + seconds(5));
    waiting.add(connection(2), start + seconds(1));
    waiting.add(connection(3), start + seconds(1));
    EXPECT_EQ(waiting.next_due(), start + seconds(1));
    EXPECT_TRUE(waiting.take_due(start).empty());
    const auto due = waiting.take_due(start + seconds(1));
    ASSERT_EQ(due.size(), 2U);
    EXPECT_EQ(due[0].connection.id, 2U);
    EXPECT_EQ(due[1].connection.id, 3U);
    EXPECT_EQ(waiting.next_due(), start + seconds(5));
    waiting.clear();
    EXPECT_EQ(waiting.next_due(), std::nullopt);
}

TEST(DelayedConnections, AreSoManyAndNoMore) {
    DelayedConnections waiting;
    for (std::size_t i = 0; i < DelayedConnections::limit; ++i) {
        EXPECT_TRUE(waiting.has_room());
        waiting.add(connection(i), MonoTime{});
    }
    EXPECT_FALSE(waiting.has_room());
}

}  // namespace
}  // namespace sluice::dispatcher
