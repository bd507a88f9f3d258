#include "config/job_controller_cnf.h"

#include <gtest/gtest.h>

namespace sluice::config {
namespace {

struct Read {
    explicit Read(std::string_view text)
        : jobs(parse_job_controller_cnf(text, "job_controller.cnf", findings)) {}
    [[nodiscard]] std::string codes() const {
        std::string out;
        for (const auto& item : findings.items()) {
            out += item.code + "@" + std::to_string(item.where.line) + " ";
        }
        return out;
    }
    Diagnostics findings;
    JobControllerConfiguration jobs;
};

constexpr const char* sample =
    "tcp_port=27443\n"
    "secret=shibboleth\n"
    "slave_command=NULL\n"
    "max_life_age=3600\n"
    "[POOL=DEFAULT]\n"
    "job_limit=7\n"
    "[POOL=SMTP_POOL]\n"
    "[CHANNEL=l]\n"
    "master_command=IMTA_BIN:l_master\n"
    "[CHANNEL=tcp_*]\n"
    "anon_host=0\n"
    "master_command=IMTA_BIN:tcp_smtp_client\n"
    "[CHANNEL=tcp_in*]\n"
    "max_life_age=60\n"
    "[PERIODIC_JOB=return]\n"
    "command=IMTA_BIN:return\n"
    "time=00:30/24:00\n";

TEST(JobControllerCnf, ReadsTheManualsSample) {
    const Read read(sample);
    EXPECT_EQ(read.codes(), "W431@1 W431@2 ");
    EXPECT_EQ(read.jobs.tcp_port, 27443);
    EXPECT_EQ(read.jobs.secret, "shibboleth");
    EXPECT_EQ(read.jobs.max_messages, 100000);
    EXPECT_EQ(read.jobs.default_pool().name, "DEFAULT");
    EXPECT_EQ(read.jobs.default_pool().job_limit, 7);
    EXPECT_EQ(read.jobs.find_pool("smtp_pool")->job_limit, 10);
    EXPECT_EQ(read.jobs.find_pool("other"), nullptr);
    ASSERT_EQ(read.jobs.periodic_jobs.size(), 1U);
    EXPECT_EQ(read.jobs.periodic_jobs[0].time.to_debug_string(), "00:30/24:00");
}

TEST(JobControllerCnf, ExactNameBeatsWildcardAndTheLongestWildcardWins) {
    const Read read(sample);
    EXPECT_EQ(read.jobs.channel("L").master_command, "IMTA_BIN:l_master");
    EXPECT_EQ(read.jobs.channel("tcp_local").master_command, "IMTA_BIN:tcp_smtp_client");
    EXPECT_FALSE(read.jobs.channel("tcp_local").anon_host);
    EXPECT_EQ(read.jobs.channel("tcp_intranet").max_life_age, std::chrono::seconds(60));
    EXPECT_EQ(read.jobs.channel("tcp_intranet").master_command, std::nullopt);
    EXPECT_EQ(read.jobs.channel("hold").master_command, std::nullopt);
}

TEST(JobControllerCnf, SettingsBeforeTheFirstSectionAreDefaults) {
    const Read read(
        "JOB_LIMIT=3\nMASTER_COMMAND=x\n[QUEUE=A]\nCAPACITY=5\n[CHANNEL=c]\n[CHANNEL=d]\n"
        "MASTER_COMMAND=null\n"
    );
    EXPECT_EQ(read.codes(), "W431@4 ");
    EXPECT_EQ(read.jobs.default_pool().job_limit, 3);
    EXPECT_EQ(read.jobs.channel("c").master_command, "x");
    EXPECT_EQ(read.jobs.channel("d").master_command, std::nullopt);
    EXPECT_EQ(read.jobs.channel("unlisted").master_command, "x");
}

TEST(JobControllerCnf, WhatNothingActsUponIsReportedUnlessItAsksForWhatIsDoneAnyway) {
    const Read read(
        "INTERFACE_ADDRESS=127.0.0.1\nREBUILD_IN_ORDER=1\nREBUILD_IN_ORDER=0\nUSE_NSLOG=0\n"
        "SLAVE_COMMAND=null\n[CHANNEL=tcp_*]\nSLAVE_COMMAND=IMTA_BIN:poll\n"
    );
    EXPECT_EQ(read.codes(), "W401@3 W431@1 W431@3 W431@7 ");
    EXPECT_EQ(read.findings.items()[3].hint, "no channel polls for mail");
}

TEST(JobControllerCnf, FileWithoutPoolsHasOneAllTheSame) {
    EXPECT_EQ(Read("").jobs.default_pool().name, "DEFAULT");
}

TEST(JobControllerCnf, MistakesAreReportedAndTheRestIsRead) {
    const Read read(
        "TCP_PRT=1\n"
        "SYNCH_TIME=/00:30\n"
        "REBUILD_PARALLEL_CHANNEL=500\n"
        "[PERIODIC_JOB=a]\n"
        "COMMAND=x\n"
        "[PERIODIC_JOB=b]\n"
        "COMMAND=x\n"
        "TIME=25:00\n"
        "[CHANNEL=a*b*]\n"
        "[ROOM=x]\n"
        "[POOL=P]\n"
        "JOB_LIMIT=0\n"
    );
    EXPECT_EQ(read.codes(), "W405@1 E422@2 W404@3 E421@4 E422@8 E421@9 E420@10 W404@12 ");
    EXPECT_EQ(read.findings.items()[0].hint, "did you mean TCP_PORT?");
    EXPECT_EQ(read.jobs.rebuild_parallel_channel, 100);
    EXPECT_EQ(read.jobs.synch_time.interval, std::chrono::hours(4));
    EXPECT_TRUE(read.jobs.periodic_jobs.empty());
    EXPECT_EQ(read.jobs.default_pool().job_limit, 1);
}

struct TimeCase {
    const char* text;
    const char* expected;  // "" : refused
};
class TimeSpecifications : public testing::TestWithParam<TimeCase> {};

TEST_P(TimeSpecifications, AreReadOrRefused) {
    const auto time = parse_time_specification(GetParam().text);
    EXPECT_EQ(time ? time->to_debug_string() : "", GetParam().expected) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    TimeSpecifications,
    testing::Values(
        TimeCase{"15:45/7:15", "15:45/07:15"},
        TimeCase{"/00:30", "/00:30"},
        TimeCase{"00:30/24:00", "00:30/24:00"},
        TimeCase{"02:00", "02:00/24:00"},
        TimeCase{"0:00", "00:00/24:00"},
        TimeCase{"23:59/100:00", "23:59/100:00"},
        TimeCase{"", ""},
        TimeCase{"/", ""},
        TimeCase{"24:00", ""},
        TimeCase{"12:60", ""},
        TimeCase{"12:5", ""},
        TimeCase{"/00:00", ""},
        TimeCase{"12", ""},
        TimeCase{"12:00/", ""},
        TimeCase{"12:00:00", ""},
        TimeCase{"-1:00", ""},
        TimeCase{"99999999999999999999:00", ""}
    )
);

}  // namespace
}  // namespace sluice::config
