#include "config/programs.h"

#include <gtest/gtest.h>

namespace sluice::config {
namespace {

DeliveryPrograms parse(std::string_view text, Diagnostics& findings) {
    return parse_programs(text, "programs.cnf", findings);
}

constexpr const char* two_methods =
    "! mail for the help desk\n"
    "[METHOD=ticket]\nPROGRAM=ticket-in\nARGUMENTS=-q \"two words\" --from %f\nUSER=rt\n\n"
    "! everybody's own\n"
    "[METHOD=Procmail]\nPROGRAM=procmail\nPERMISSION=user\n";

TEST(Programs, AreReadByMethodInAnyCase) {
    Diagnostics findings;
    const auto programs = parse(two_methods, findings);
    EXPECT_TRUE(findings.items().empty());
    ASSERT_EQ(programs.size(), 2U);
    const DeliveryProgram& ticket = programs.find("TICKET")->second;
    EXPECT_EQ(ticket.program, "ticket-in");
    EXPECT_EQ(ticket.account, "rt");
    EXPECT_FALSE(ticket.as_recipient);
    EXPECT_EQ(
        split_arguments(ticket.arguments).value(),
        (std::vector<std::string>{"-q", "two words", "--from", "%f"})
    );
    EXPECT_TRUE(programs.find("procmail")->second.as_recipient);
}

struct BadRow {
    const char* name;
    const char* text;
    const char* code;
};
class BadProgram : public testing::TestWithParam<BadRow> {};

TEST_P(BadProgram, IsReportedAndLeftOut) {
    Diagnostics findings;
    const auto programs = parse(GetParam().text, findings);
    EXPECT_TRUE(programs.empty());
    ASSERT_FALSE(findings.items().empty());
    EXPECT_EQ(findings.items().front().code, GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    BadProgram,
    testing::Values(
        BadRow{"NoProgram", "[METHOD=a]\nARGUMENTS=x\n", "E481"},
        BadRow{"Path", "[METHOD=a]\nPROGRAM=/bin/sh\n", "E481"},
        BadRow{"Upwards", "[METHOD=a]\nPROGRAM=../sh\n", "E481"},
        BadRow{"Hidden", "[METHOD=a]\nPROGRAM=.sh\n", "E481"},
        BadRow{"Name", "[METHOD=a b]\nPROGRAM=x\n", "E480"},
        BadRow{"Option", "[METHOD=-a]\nPROGRAM=x\n", "E480"},
        BadRow{"Quote", "[METHOD=a]\nPROGRAM=x\nARGUMENTS=\"a\n", "E482"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(Programs, ArgumentsKeepWhatIsQuoted) {
    EXPECT_EQ(
        split_arguments(" a  \"b c\"d \\\"e \"\" ").value(),
        (std::vector<std::string>{"a", "b cd", "\"e", ""})
    );
    EXPECT_TRUE(split_arguments("")->empty());
    EXPECT_FALSE(split_arguments("a \"b"));
}

TEST(Programs, AMethodIsAddedBehindAllOthers) {
    DeliveryProgram list;
    list.method = "list";
    list.program = "lister";
    list.arguments = "%s";
    std::string expected = two_methods;
    expected += "\n[METHOD=list]\nPROGRAM=lister\nARGUMENTS=%s\n";
    EXPECT_EQ(with_method(two_methods, list), expected);
    EXPECT_EQ(with_method("", list), "[METHOD=list]\nPROGRAM=lister\nARGUMENTS=%s\n");
}

TEST(Programs, AMethodIsChangedInItsPlace) {
    Diagnostics findings;
    DeliveryProgram ticket = parse(two_methods, findings).find("ticket")->second;
    ticket.account.clear();
    ticket.program = "other";
    const std::string text = with_method(two_methods, ticket);
    EXPECT_EQ(
        text,
        "! mail for the help desk\n"
        "[METHOD=ticket]\nPROGRAM=other\nARGUMENTS=-q \"two words\" --from %f\n\n"
        "! everybody's own\n"
        "[METHOD=Procmail]\nPROGRAM=procmail\nPERMISSION=user\n"
    );
}

TEST(Programs, AMethodIsTakenAway) {
    EXPECT_EQ(
        without_method(two_methods, "procmail"),
        "! mail for the help desk\n"
        "[METHOD=ticket]\nPROGRAM=ticket-in\nARGUMENTS=-q \"two words\" --from %f\nUSER=rt\n\n"
        "! everybody's own\n"
    );
    EXPECT_EQ(without_method(two_methods, "proc"), two_methods);
    EXPECT_EQ(without_method("[METHOD=a]\nPROGRAM=x", "a"), "");
}

}  // namespace
}  // namespace sluice::config
