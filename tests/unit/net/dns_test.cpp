#include "net/dns.h"

#include <gtest/gtest.h>

#include <array>

#include "net/dns_records.h"

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

// 500 records are used and no more is said; of 501 the last is left out, and that is counted.
TEST(DnsRecords, SoManyAreUsed) {
    unsigned hits = 0;
    limits::set_counter([&](limits::Limit limit, std::uint64_t times) {
        if (limit == limits::Limit::mail_exchangers) hits += static_cast<unsigned>(times);
    });
    const std::array<unsigned char, 2> octets{1, 2};
    std::vector<std::span<const unsigned char>> all(most_records, octets);
    all[7] = all[7].first(1);
    const auto decode = [](std::span<const unsigned char> data) { return data.size(); };
    EXPECT_EQ(used_records<std::size_t>(all, 2, decode).size(), most_records - 1) << "one is short";
    EXPECT_EQ(hits, 0U);
    all.emplace_back(octets);
    EXPECT_EQ(used_records<std::size_t>(all, 1, decode).size(), most_records);
    EXPECT_EQ(hits, 1U);
    limits::set_counter({});
}

}  // namespace
}  // namespace sluice::net
