#include "mapping/answers.h"

#include <gtest/gtest.h>

namespace sluice::mapping {
namespace {

TEST(ImageBaseName, FindsTheBuiltInBehindHistoricalSpellings) {
    EXPECT_EQ(image_base_name("IMTA_LIB:dns_verify.so"), "dns_verify");
    EXPECT_EQ(image_base_name("/opt/mta/lib/libspf.so"), "spf");
    EXPECT_EQ(image_base_name("Check_MeterMaid"), "check_metermaid");
    EXPECT_EQ(image_base_name("lib"), "lib");
    EXPECT_EQ(image_base_name(""), "");
}

TEST(Question, EqualQuestionsHaveEqualText) {
    const Question call{Question::Kind::call_out, "image", "routine", "a,b"};
    EXPECT_EQ(call.to_debug_string(), "call_out(image,routine,a,b)");
    const Question key{Question::Kind::general_value, "key", {}, {}};
    EXPECT_EQ(key.to_debug_string(), "general_value(key)");
}

}  // namespace
}  // namespace sluice::mapping
