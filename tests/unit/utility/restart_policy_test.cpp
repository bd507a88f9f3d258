#include "utility/restart_policy.h"

#include <gtest/gtest.h>

namespace sluice::utility {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(RestartPolicy, PausesDoubleWhileItDiesYoung) {
    RestartPolicy policy;
    MonoTime now{seconds(100)};
    for (const int pause : {0, 500, 1000, 2000}) {
        policy.on_start(now);
        now += seconds(1);
        EXPECT_EQ(policy.on_end(now) - now, milliseconds(pause));
    }
    policy.on_start(now);
    now += seconds(31);
    EXPECT_EQ(policy.on_end(now), now);
}

TEST(RestartPolicy, BeingAskedToEndIsNoDeath) {
    RestartPolicy policy;
    MonoTime now{seconds(100)};
    for (int i = 0; i < 10; ++i) {
        policy.on_start(now);
        now += seconds(1);
        EXPECT_EQ(policy.on_end(now, true), now);
    }
    policy.on_start(now);
    now += seconds(1);
    EXPECT_EQ(policy.on_end(now), now);
}

TEST(RestartPolicy, NotComingUpAtAllIsOne) {
    RestartPolicy policy;
    const MonoTime now{seconds(100)};
    policy.on_start(now);
    EXPECT_EQ(policy.on_end(now + milliseconds(1), true), now + milliseconds(1));
    policy.on_start(now);
    EXPECT_GT(policy.on_end(now + milliseconds(1), true), now + milliseconds(1));
}

}  // namespace
}  // namespace sluice::utility
