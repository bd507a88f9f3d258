#include "notify/return_address.h"

#include <gtest/gtest.h>

namespace sluice::notify {
namespace {

struct AddressCase {
    NoticeKind kind;
    const char* sender;
    const char* header;
    const char* address;
    bool is_suppressed;
};
class ReturnAddressTest : public testing::TestWithParam<AddressCase> {};

TEST_P(ReturnAddressTest, IsChosenAsTheHeaderSays) {
    const auto& row = GetParam();
    const auto chosen = return_address(row.kind, row.sender, row.header, {true, true});
    EXPECT_EQ(chosen.address, row.address);
    EXPECT_EQ(chosen.is_suppressed, row.is_suppressed);
}
TEST_P(ReturnAddressTest, IsTheSenderWhereNobodyAsksTheHeader) {
    const auto& row = GetParam();
    const auto chosen = return_address(row.kind, row.sender, row.header, {});
    EXPECT_EQ(chosen.address, row.sender);
    EXPECT_FALSE(chosen.is_suppressed);
}

constexpr auto failed = NoticeKind::failed;
constexpr auto delayed = NoticeKind::delayed;
INSTANTIATE_TEST_SUITE_P(
    Headers,
    ReturnAddressTest,
    testing::Values(
        AddressCase{
            failed, "a@b.example", "Errors-to: Err <err@b.example>\r\n", "err@b.example", false},
        AddressCase{
            failed, "a@b.example", "errors-TO: e1@b.example, e2@b.example\r\n", "e1@b.example",
            false},
        AddressCase{failed, "a@b.example", "Errors-to: \r\n", "a@b.example", true},
        AddressCase{failed, "a@b.example", "Errors-to: <>\r\n", "a@b.example", true},
        AddressCase{failed, "a@b.example", "Errors-to: a b c\r\n", "a@b.example", false},
        AddressCase{failed, "a@b.example", "Warnings-to: w@b.example\r\n", "a@b.example", false},
        AddressCase{delayed, "a@b.example", "Warnings-to: w@b.example\r\n", "w@b.example", false},
        AddressCase{delayed, "a@b.example", "Errors-to: e@b.example\r\n", "a@b.example", false},
        AddressCase{
            NoticeKind::delivered, "a@b.example", "Errors-to: e@b.example\r\n", "a@b.example",
            false},
        AddressCase{failed, "", "Errors-to: e@b.example\r\n", "", false}
    )
);

}  // namespace
}  // namespace sluice::notify
