#include "containment/job.h"

#include <gtest/gtest.h>

namespace sluice::containment {
namespace {

TEST(Job, SurvivesTheWay) {
    Job job;
    job.command = "cat";
    job.directory = "/d";
    job.environment = {{"A", "b\nc"}, {"D", ""}};
    job.readable = {"/x", ""};
    job.limits.processes = 3;
    job.limits.wall_time = std::chrono::seconds(7);
    job.network = true;
    const std::string packet = encode_job(job);
    const auto back = decode_job(packet);
    ASSERT_TRUE(back);
    EXPECT_EQ(encode_job(*back), packet);
    EXPECT_EQ(back->environment, job.environment);
    EXPECT_EQ(back->limits.wall_time.count(), 7);
    EXPECT_TRUE(back->network);
}

TEST(Job, EveryCutIsNoticed) {
    const std::string job = encode_job(
        {"cat", {"/p", "a"}, "/d", false, {{"A", "b"}}, {"/x"}, {"/w"}, "mail", {}, false, true}
    );
    const std::string report =
        encode_report({Report::Kind::limited, -1, "text", "output", {"landlock 7"}});
    for (std::size_t size = 0; size < job.size(); ++size)
        EXPECT_FALSE(decode_job(std::string_view(job).substr(0, size)));
    for (std::size_t size = 0; size < report.size(); ++size)
        EXPECT_FALSE(decode_report(std::string_view(report).substr(0, size)));
    EXPECT_FALSE(decode_job(job + 'x'));
    const auto back = decode_report(report);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->code, -1);
    EXPECT_EQ(back->applied, std::vector<std::string>{"landlock 7"});
}

}  // namespace
}  // namespace sluice::containment
