#include "net/dns.h"

#include <gtest/gtest.h>

namespace sluice::net {
namespace {

// A port on which nobody answers: the four-valued answer must be "not now", never "no such domain".
TEST(Resolver, SilentServerIsNotNow) {
    const auto resolver = make_resolver({{"127.0.0.1@9"}, std::chrono::seconds(1)});
    EXPECT_EQ(resolver->resolve_mx("example.com").status, DnsStatus::not_now);
}

TEST(Resolver, LoopbackNameNeedsNoServer) {
    const auto resolver = make_resolver({{"127.0.0.1@9"}, std::chrono::seconds(1)});
    const auto answer = resolver->resolve_names(*IpAddress::parse("127.0.0.1"));
    ASSERT_EQ(answer.status, DnsStatus::found);
    EXPECT_EQ(answer.records.front(), "localhost");
}

TEST(Resolver, BadServerAddressIsRefusedAtOnce) {
    EXPECT_THROW(make_resolver({{"not an address"}, std::chrono::seconds(1)}), std::runtime_error);
}

}  // namespace
}  // namespace sluice::net
