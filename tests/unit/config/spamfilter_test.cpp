#include "config/spamfilter.h"

#include <gtest/gtest.h>

namespace sluice::config {
namespace {

using namespace std::chrono_literals;

struct Read {
    Read(const std::string& options_text, const std::string& file_text) {
        MemoryFiles files({{"/site/config/m.opt", file_text}});
        const Options options = parse_options(options_text, "option.dat", findings);
        filters = read_spam_filters(options, Tailor("/site/"), files, findings);
    }
    [[nodiscard]] std::string codes() const {
        std::string out;
        for (const auto& item : findings.items()) {
            out += item.code + "@" + std::to_string(item.where.line) + ":" +
                   std::to_string(item.where.column) + " ";
        }
        return out;
    }
    Diagnostics findings;
    SpamFilters filters;
};

const std::string one = "SPAMFILTER1_LIBRARY=milter\nSPAMFILTER1_CONFIG_FILE=IMTA_TABLE:m.opt\n";

TEST(SpamFilters, HostAndPortOfTheFamily) {
    const Read read(one, "HOST=scanner.example\nPORT=1025\n");
    EXPECT_EQ(read.codes(), "");
    ASSERT_TRUE(read.filters[0]);
    EXPECT_FALSE(read.filters[1]);
    EXPECT_EQ(read.filters[0]->settings.endpoint.to_string(), "inet:scanner.example:1025");
    EXPECT_EQ(read.filters[0]->settings.reply, 36s);
    EXPECT_EQ(read.filters[0]->settings.on_failure, FilterFailure::tempfail);
}

TEST(SpamFilters, TimeoutsAreHundredthsOrTimes) {
    const Read read(
        one, "ADDRESS=unix:/run/m\nTIMEOUT=500\nREPLY_TIMEOUT=10s\nEOM_TIMEOUT=2m\nDEBUG=1\n"
    );
    EXPECT_EQ(read.codes(), "");
    const FilterSettings& settings = read.filters[0]->settings;
    EXPECT_EQ(settings.connect, 5s);
    EXPECT_EQ(settings.send, 5s);
    EXPECT_EQ(settings.reply, 10s);
    EXPECT_EQ(settings.end_of_message, 2min);
    EXPECT_EQ(settings.debug, 1);
}

TEST(SpamFilters, ModeOfTheFileBeatsOptional) {
    const Read read(one + "SPAMFILTER1_OPTIONAL=2\n", "ADDRESS=/run/m\nMODE=fail-closed\n");
    EXPECT_EQ(read.filters[0]->settings.on_failure, FilterFailure::tempfail);
    EXPECT_TRUE(read.filters[0]->settings.tells_syslog);
}

TEST(SpamFilters, OldNamesAreTheFirst) {
    const Read read(
        "BRIGHTMAIL_LIBRARY=IMTA_LIB:libmilter.so\nBRIGHTMAIL_CONFIG_FILE=m.opt\n",
        "ADDRESS=/run/m\n"
    );
    EXPECT_TRUE(read.filters[0]);
}

TEST(SpamFilters, MistakesAreReported) {
    const Read read(
        one +
            "SPAMFILTER1_OPTIONAL=9\nSPAMFILTER1_STRING_ACTION=data:,fileinto \"x\";\n"
            "SPAMFILTER2_LIBRARY=libspamass.so\nSPAMFILTER1_VERDICT_1=x\n"
            "SPAMFILTER3_LIBRARY=milter\nSPAMFILTER3_CONFIG_FILE=none.opt\n",
        "ADDRESS=nowhere\nMODE=perhaps\nTIMEOUT=soon\nSOCKS_HOST=x\nHOSTT=y\n[POOL=x]\n"
    );
    EXPECT_EQ(
        read.codes(),
        "W471@6:1 E474@3:22 E473@4:27 W471@4:1 W405@5:1 E472@1:9 E405@3:9 E474@2:6 "
        "E403@6:1 E472@0:0 E470@5:21 E471@8:25 "
    );
}

TEST(SpamFilters, FileMustNameAnAddress) {
    EXPECT_EQ(Read(one, "HOST=x\n").codes(), "E472@0:0 ");
    EXPECT_EQ(Read(one, "[CHANNEL=a]\nADDRESS=/run/a\n").codes(), "");
}

struct Row {
    const char* text;
    std::size_t count;  ///< 0: not understood
};
class FilterActionSpelling : public testing::TestWithParam<Row> {};

TEST_P(FilterActionSpelling, IsReadAsSieveIsWritten) {
    const auto actions = parse_filter_actions(GetParam().text);
    EXPECT_EQ(actions ? actions->size() : 0, GetParam().count) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Actions,
    FilterActionSpelling,
    testing::Values(
        Row{"data:,$M", 1},
        Row{"data:,$U;", 1},
        Row{"$M", 1},
        Row{"data:,discard;", 1},
        Row{"data:,require [\"addheader\"]; addheader \"X: $M\"; hold;", 2},
        Row{"data:,REJECT \"a \\\"b\\\"\";", 1},
        Row{"data:,jettison", 1},
        Row{"data:,", 0},
        Row{"data:,$X;", 0},
        Row{"data:,reject;", 0},
        Row{"data:,addheader \"open", 0},
        Row{"data:,fileinto \"spam\";", 0},
        Row{"data:,discard discard;", 0},
        Row{"data:,require [\"x\"]", 0}
    )
);

}  // namespace
}  // namespace sluice::config
