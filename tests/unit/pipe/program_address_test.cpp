#include "pipe/program_address.h"

#include <gtest/gtest.h>

namespace sluice::pipe {
namespace {

config::DeliveryPrograms listed() {
    config::DeliveryPrograms programs;
    for (const char* method : {"ticket", "example.com", "a.b"}) {
        config::DeliveryProgram program;
        program.method = method;
        program.program = "x";
        programs.emplace(method, program);
    }
    return programs;
}

struct Row {
    const char* name;
    const char* address;
    const char* method;  ///< null: none of that name
    const char* user;
    const char* detail;
    const char* host;
};

class ProgramAddressRow : public testing::TestWithParam<Row> {};

TEST_P(ProgramAddressRow, IsTakenApart) {
    const Row& row = GetParam();
    const auto programs = listed();
    const auto found = find_program(row.address, "pipe-daemon", "mail.example.com", '+', programs);
    EXPECT_EQ(found.program != nullptr, row.method != nullptr);
    if (row.method != nullptr && found.program != nullptr) {
        EXPECT_EQ(found.program->method, row.method);
    }
    EXPECT_EQ(found.parts.user, row.user);
    EXPECT_EQ(found.parts.detail, row.detail);
    EXPECT_EQ(found.parts.host, row.host);
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    ProgramAddressRow,
    testing::Values(
        Row{"Method", "ticket@pipe-daemon", "ticket", "ticket", "", "mail.example.com"},
        Row{"AnyCase", "TICKET@pipe", "ticket", "TICKET", "", "mail.example.com"},
        Row{"Detail", "ticket+urgent@pipe", "ticket", "ticket", "urgent", "mail.example.com"},
        Row{"UserAndMethod", "bob%ticket@pipe", "ticket", "bob", "", "mail.example.com"},
        Row{"UserDetailAndMethod", "bob+x%ticket@pipe", "ticket", "bob", "x", "mail.example.com"},
        Row{"LastPercentCounts", "a%b%ticket@pipe", "ticket", "a%b", "", "mail.example.com"},
        Row{"QuotedUser", "\"b b\"%ticket@pipe", "ticket", "b b", "", "mail.example.com"},
        Row{"QuotedPercentIsNone", "\"b%ticket\"@pipe", nullptr, "b%ticket", "",
            "mail.example.com"},
        Row{"MethodOfHost", "bob@example.com.pipe-daemon", "example.com", "bob", "", "example.com"},
        Row{"NoMethodOfOtherHost", "bob@example.org.pipe-daemon", nullptr, "bob", "",
            "example.org"},
        Row{"UnknownMethod", "bob%none@example.com.pipe-daemon", nullptr, "bob", "", "example.com"},
        Row{"Unknown", "bob@pipe-daemon", nullptr, "bob", "", "mail.example.com"},
        Row{"Nothing", "@", nullptr, "", "", "mail.example.com"}
    ),
    [](const auto& row) { return row.param.name; }
);

}  // namespace
}  // namespace sluice::pipe
