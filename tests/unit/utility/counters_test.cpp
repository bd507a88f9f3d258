// imsimta counters, and what other commands put into them.
#include <fstream>

#include "counters/segment.h"
#include "unit/utility/qm_fixture.h"

namespace sluice::utility {
namespace {

using counters::Group;
using counters::Measure;
using testing::HasSubstr;
using testing::Not;

class Counters : public Qm {
protected:
    CommandRun counters(std::vector<std::string> words) {
        words.insert(words.begin(), "counters");
        return CommandRun(std::move(words), instance_.tailor());
    }
    [[nodiscard]] std::string path() const {
        return sluice::counters::segment_path(instance_.path("run/"));
    }
};

TEST_F(Counters, AreMadeClearedAndRemoved) {
    EXPECT_EQ(counters({"show"}).code, ExitCode::failed);
    EXPECT_THAT(counters({"create", "-max_channels=40"}).out, HasSubstr("%COUNTERS-I-CREATED"));
    EXPECT_THAT(counters({"-create"}).out, HasSubstr("for 40 channels"));
    EXPECT_EQ(counters({"-show", "-raw"}).code, ExitCode::done);
    EXPECT_EQ(counters({"clear", "-associations"}).code, ExitCode::done);
    EXPECT_EQ(counters({"clear"}).code, ExitCode::partly_done);  // no job controller to ask
    EXPECT_THAT(counters({"delete"}).out, HasSubstr("%COUNTERS-I-DELETED"));
    EXPECT_THAT(counters({"-delete"}).out, HasSubstr("%COUNTERS-I-NONE"));
    EXPECT_EQ(counters({"create", "-max_channels=x"}).code, ExitCode::usage);
}

// What operators do is counted where it is logged.
TEST_F(Counters, FollowTheLog) {
    const auto first = put({.recipients = {"a@x.example", "b@x.example"}, .body = 1500});
    const auto second = put({.body = 1500});
    ASSERT_EQ(qm({"delete", "-id=" + first.name.unique}).code, ExitCode::done);
    ASSERT_EQ(qm({"return", "-id=" + second.name.unique}).code, ExitCode::done);
    auto segment = sluice::counters::Segment::open_existing(path());
    ASSERT_TRUE(segment) << segment.error().detail();
    const auto all = (*segment)->read();
    const auto tcp = std::find_if(all.begin(), all.end(), [](const auto& one) {
        return one.channel == "tcp_local";
    });
    ASSERT_NE(tcp, all.end());
    EXPECT_EQ(tcp->delivered(Measure::messages), 2);
    EXPECT_EQ(tcp->delivered(Measure::recipients), 3);
    EXPECT_EQ(tcp->delivered(Measure::blocks), 4);
    EXPECT_EQ(tcp->at(Group::failed, Measure::recipients), 1);
    EXPECT_EQ(logged('K').size(), 2U);
    EXPECT_EQ(logged('R').size(), 1U);
}

TEST_F(Counters, AreShownInThreeForms) {
    const auto location = put({.body = 1500});
    ASSERT_EQ(qm({"return", "-id=" + location.name.unique}).code, ExitCode::done);
    const auto text = counters({"show"});
    EXPECT_EQ(text.code, ExitCode::done);
    EXPECT_THAT(text.err, HasSubstr("%COUNTERS-W-NOJBC"));
    EXPECT_THAT(text.out, HasSubstr("tcp_local\n    Received "));
    EXPECT_THAT(text.out, HasSubstr("    Failed                        1          1          2\n"));
    const auto json = qm({"counters", "show", "-json", "-raw", "-noassociations"});
    EXPECT_THAT(json.out, HasSubstr("\"channel\":\"tcp_local\",\"received\":{\"messages\":0,"));
    EXPECT_THAT(json.out, Not(HasSubstr("current_in")));
    const auto metrics = counters({"show", "-prometheus", "-raw"});
    EXPECT_THAT(
        metrics.out, HasSubstr("mta_channel_failed_messages_total{channel=\"tcp_local\"} 1\n")
    );
    EXPECT_EQ(counters({"show", "-json", "-prometheus"}).code, ExitCode::usage);
    const auto file = instance_.path("report");
    EXPECT_EQ(counters({"show", "-raw", "-noheaders", "-output=" + file}).out, "");
    EXPECT_THAT(instance_.read("report"), Not(HasSubstr("Messages")));
    EXPECT_THAT(instance_.read("report"), HasSubstr("tcp_local\n"));
}

TEST_F(Counters, DifferencesAreWhatHappensMeanwhile) {
    const auto location = put();
    ASSERT_EQ(qm({"return", "-id=" + location.name.unique}).code, ExitCode::done);
    const auto run = counters({"show", "-raw", "-diff=1", "-json"});
    EXPECT_EQ(run.code, ExitCode::done);
    EXPECT_THAT(run.out, HasSubstr("\"failed\":{\"messages\":0,"));
    for (const char* bad : {"-diff=0", "-diff=x", "-diff=1000000"})
        EXPECT_EQ(counters({"show", bad}).code, ExitCode::usage);
}

}  // namespace
}  // namespace sluice::utility
