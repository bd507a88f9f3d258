#include "address/address_form.h"

#include <gtest/gtest.h>

namespace sluice::address {
namespace {

TEST(AddressForm, PercentFormPutsTheRouteIntoTheLocalPart) {
    EXPECT_EQ(write_in_form("@a:u@b", AddressForm::percent), "u%b@a");
    EXPECT_EQ(write_in_form("@a,@b:u@c", AddressForm::percent), "u%c%b@a");
    EXPECT_EQ(write_in_form("u@b", AddressForm::percent), "u@b");
    EXPECT_EQ(write_in_form("@a:\"x y\"@b", AddressForm::percent), "\"x y%b\"@a");
}

TEST(AddressForm, BangFormIsAPath) {
    EXPECT_EQ(write_in_form("u@b", AddressForm::bang), "b!u");
    EXPECT_EQ(write_in_form("@a,@b:u@c", AddressForm::bang), "a!b!c!u");
    EXPECT_EQ(write_in_form("u", AddressForm::bang), "u");
}

TEST(AddressForm, SourceRouteStaysAsItIs) {
    EXPECT_EQ(write_in_form("@a,@b:u@c", AddressForm::source_route), "@a,@b:u@c");
}

TEST(AddressForm, RouteIsTakenOff) {
    EXPECT_EQ(without_route("@a,@[IPv6:2001:db8::1]:u@c"), "u@c");
    EXPECT_EQ(without_route("u@c"), "u@c");
    EXPECT_EQ(without_route("@a"), "@a");
    EXPECT_EQ(without_route("\"@a:b\"@c"), "\"@a:b\"@c");
}

TEST(AddressForm, HostIsRenamedInRouteAndDomain) {
    EXPECT_EQ(rename_host("@mta.example,@b:u@MTA.example", "mta.example", "gw"), "@gw,@b:u@gw");
    EXPECT_EQ(rename_host("\"mta.example\"@other", "mta.example", "gw"), "\"mta.example\"@other");
    EXPECT_EQ(rename_host("u", "mta.example", "gw"), "u");
}

}  // namespace
}  // namespace sluice::address
