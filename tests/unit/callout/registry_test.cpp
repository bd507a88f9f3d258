#include "callout/registry.h"

#include <gtest/gtest.h>

namespace sluice::callout {
namespace {

class Nothing final : public Routine {
public:
    mapping::Answer call(std::string_view) override { return mapping::Answer::none(); }
    [[nodiscard]] bool may_block() const override { return false; }
};

TEST(Registry, ImagesHaveManySpellings) {
    Registry registry;
    registry.add("dns_verify", "dns_verify", std::make_unique<Nothing>());
    registry.add("conn_throttle", "throttle", std::make_unique<Nothing>());
    for (const std::string_view image :
         {"dns_verify", "IMTA_LIB:dns_verify.so", "/opt/lib/libdns_verify.so", "DNS_VERIFY",
          "abuse", "builtin"})
        EXPECT_NE(registry.find(image, "DNS_Verify"), nullptr) << image;
    EXPECT_EQ(registry.find("dns_verify", "throttle"), nullptr);
    EXPECT_EQ(registry.find("check_metermaid", "throttle"), nullptr);
    EXPECT_NE(registry.find("abuse", "throttle"), nullptr);
    EXPECT_EQ(registry.find("abuse", "greylisting"), nullptr);
}

}  // namespace
}  // namespace sluice::callout
