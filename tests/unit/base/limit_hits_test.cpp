#include "base/limit_hits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "base/file.h"
#include "base/log.h"
#include "support/scratch_directory.h"

namespace sluice::limits {
namespace {

class LimitHits : public testing::Test {
protected:
    LimitHits() {
        diag::open_log(log_);
        set_counter([this](Limit limit, std::uint64_t times) { counted_[limit] += times; });
    }
    ~LimitHits() override {
        set_counter({});
        diag::open_log("");
    }

    test::ScratchDirectory directory_;
    std::string log_ = directory_.path("x.log");
    std::map<Limit, std::uint64_t> counted_;
};

TEST_F(LimitHits, EveryHitIsCountedAndTheFirstIsTold) {
    for (int i = 0; i < 100; ++i) hit(Limit::peer_reply, "said by a test");
    EXPECT_EQ(counted_[Limit::peer_reply], 100U);
    const std::string log = read_file(log_).value();
    EXPECT_THAT(log, testing::HasSubstr("limit peer_reply: said by a test\n"));
    EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1) << log;
}

TEST_F(LimitHits, LimitsAreToldApart) {
    hit(Limit::mail_exchangers, "one");
    hit(Limit::header, "another");
    EXPECT_THAT(
        read_file(log_).value(),
        testing::AllOf(
            testing::HasSubstr("mail_exchangers: one"), testing::HasSubstr("header: another")
        )
    );
}

TEST_F(LimitHits, WhatHasALineOfItsOwnIsOnlyCounted) {
    count(Limit::log_buffer, 3);
    EXPECT_EQ(counted_[Limit::log_buffer], 3U);
    EXPECT_EQ(read_file(log_).value(), "");
}

TEST(Limits, NamesAreDifferentAndFitForALabel) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < limit_count; ++i) {
        const std::string_view name = name_of(static_cast<Limit>(i));
        EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), name.npos) << name;
        EXPECT_TRUE(names.insert(name).second) << name;
    }
}

}  // namespace
}  // namespace sluice::limits
