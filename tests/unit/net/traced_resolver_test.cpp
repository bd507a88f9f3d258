#include "net/traced_resolver.h"

#include <gtest/gtest.h>

#include "support/fake_resolver.h"

namespace sluice::net {
namespace {

TEST(TracedResolver, TellsQuestionsAndAnswersAndPassesThemOn) {
    auto fake = std::make_unique<test::FakeResolver>();
    fake->addresses["mx.example"] = {"192.0.2.1", "2001:db8::1"};
    fake->names["192.0.2.1"] = {"mx\r\n.example"};
    fake->statuses["slow.example"] = DnsStatus::not_now;
    fake->statuses["empty.example"] = DnsStatus::no_data;
    std::vector<std::string> lines;
    const auto resolver =
        traced(std::move(fake), [&](const std::string& line) { lines.push_back(line); });
    EXPECT_EQ(resolver->resolve_addresses("mx.example").records.size(), 2U);
    EXPECT_EQ(resolver->resolve_mx("slow.example").status, DnsStatus::not_now);
    EXPECT_EQ(resolver->resolve_texts("empty.example").status, DnsStatus::no_data);
    EXPECT_EQ(resolver->resolve_mx("none.example").status, DnsStatus::no_domain);
    (void)resolver->resolve_names(*IpAddress::parse("192.0.2.1"));
    ASSERT_EQ(lines.size(), 5U);
    EXPECT_EQ(lines[0], "DNS: A, AAAA of mx.example: found: 192.0.2.1, 2001:db8::1");
    EXPECT_EQ(lines[1], "DNS: MX of slow.example: no answer now");
    EXPECT_EQ(lines[2], "DNS: TXT of empty.example: no data");
    EXPECT_EQ(lines[3], "DNS: MX of none.example: no such domain");
    EXPECT_TRUE(lines[4].starts_with("DNS: PTR of 192.0.2.1: found: mx"));
    EXPECT_EQ(lines[4].find_first_of("\r\n"), std::string::npos);
}

}  // namespace
}  // namespace sluice::net
