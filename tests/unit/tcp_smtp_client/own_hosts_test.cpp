#include "own_hosts.h"

#include <gtest/gtest.h>

namespace sluice::tcp_client {
namespace {

Endpoint at(std::string_view address, std::uint16_t port) {
    return {IpAddress::parse(address).value(), port};
}

TEST(OwnHosts, NamesAreComparedAsDomains) {
    OwnHosts own;
    own.names = {"mail.example.com"};
    EXPECT_TRUE(own.has_name("Mail.Example.COM."));
    EXPECT_FALSE(own.has_name("example.com"));
}

TEST(OwnHosts, ListenerOnEveryAddressIsReachedThroughAllOfThem) {
    OwnHosts own;
    own.listeners = {at("0.0.0.0", 25)};
    own.interfaces = {at("192.0.2.1", 0).address, at("2001:db8::1", 0).address};
    for (const char* address :
         {"192.0.2.1", "2001:db8::1", "127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "::"})
        EXPECT_TRUE(own.has_endpoint(at(address, 25))) << address;
    EXPECT_FALSE(own.has_endpoint(at("192.0.2.2", 25)));
    EXPECT_FALSE(own.has_endpoint(at("192.0.2.1", 26)));
}

TEST(OwnHosts, ListenerOnOneAddressIsReachedThroughThatOne) {
    OwnHosts own;
    own.listeners = {at("127.0.0.1", 2525)};
    own.interfaces = {at("127.0.0.1", 0).address};
    EXPECT_TRUE(own.has_endpoint(at("127.0.0.1", 2525)));
    EXPECT_TRUE(own.has_endpoint(at("0.0.0.0", 2525)));
    EXPECT_FALSE(own.has_endpoint(at("127.0.0.2", 2525)));
}

}  // namespace
}  // namespace sluice::tcp_client
