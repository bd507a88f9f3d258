#include "milter/header_changes.h"

#include <gtest/gtest.h>

namespace sluice::milter {
namespace {

constexpr std::string_view three = "From: a@b\r\nX-T: one\r\n  two\r\nx-t:  three\r\n";

HeaderFields fields() {
    return HeaderFields(std::string(three) + "\r\nbody: no field\r\n");
}

TEST(HeaderFields, EndAtTheBlankLineAndKeepTheirOctets) {
    EXPECT_EQ(fields().consumed(), three.size());
    EXPECT_EQ(fields().text(), three);
    EXPECT_EQ(fields().fields()[1].raw_value(), " one\r\n  two");
}

TEST(HeaderFields, AddGoesBehindAllOthers) {
    HeaderFields header = fields();
    EXPECT_TRUE(header.apply(AddHeader{"X-N", "v"}, false));
    EXPECT_EQ(header.text(), std::string(three) + "X-N: v\r\n");
}

TEST(HeaderFields, InsertCountsFieldsInFront) {
    HeaderFields header = fields();
    EXPECT_TRUE(header.apply(InsertHeader{0, "X-0", "v"}, false));
    EXPECT_TRUE(header.apply(InsertHeader{2, "X-2", "v"}, false));
    EXPECT_TRUE(header.apply(InsertHeader{99, "X-99", "v"}, false));
    EXPECT_EQ(
        header.text(),
        "X-0: v\r\nFrom: a@b\r\nX-2: v\r\nX-T: one\r\n  two\r\nx-t:  three\r\nX-99: v\r\n"
    );
}

TEST(HeaderFields, ChangeCountsFieldsOfTheName) {
    HeaderFields header = fields();
    EXPECT_TRUE(header.apply(ChangeHeader{2, "X-T", "new"}, false));
    EXPECT_EQ(header.text(), "From: a@b\r\nX-T: one\r\n  two\r\nx-t: new\r\n");
    EXPECT_TRUE(header.apply(ChangeHeader{0, "X-T", "first"}, false)) << "0 means the first";
    EXPECT_EQ(header.text(), "From: a@b\r\nX-T: first\r\nx-t: new\r\n");
}

TEST(HeaderFields, ChangeWithoutValueRemoves) {
    HeaderFields header = fields();
    EXPECT_TRUE(header.apply(ChangeHeader{1, "x-t", ""}, false));
    EXPECT_EQ(header.text(), "From: a@b\r\nx-t:  three\r\n");
    EXPECT_FALSE(header.apply(ChangeHeader{2, "x-t", ""}, false)) << "there is no second one";
}

TEST(HeaderFields, ChangeOfAFieldThatIsNotThereAdds) {
    HeaderFields header = fields();
    EXPECT_TRUE(header.apply(ChangeHeader{3, "X-T", "more"}, false));
    EXPECT_EQ(header.text(), std::string(three) + "X-T: more\r\n");
}

TEST(HeaderFields, LeadingBlankIsTheFilters) {
    HeaderFields header{""};
    header.apply(AddHeader{"A", " b"}, true);
    header.apply(AddHeader{"A", "b"}, true);
    header.apply(AddHeader{"A", "b"}, false);
    EXPECT_EQ(header.text(), "A: b\r\nA:b\r\nA: b\r\n");
}

TEST(HeaderFields, FoldsGetOurLineEnds) {
    HeaderFields header{""};
    header.apply(AddHeader{"A", "b\n\tc\r\n d\n"}, false);
    EXPECT_EQ(header.text(), "A: b\r\n\tc\r\n d\r\n");
}

TEST(HeaderFields, NobodyInjectsAFieldOrTheBody) {
    HeaderFields header{""};
    header.apply(AddHeader{"A", "b\nBcc: x\n\nbody"}, false);
    EXPECT_EQ(header.text(), "A: b\r\n\tBcc: x\r\n\t\r\n\tbody\r\n");
    EXPECT_EQ(HeaderFields(header.text() + "\r\n").fields().size(), 1U);
    EXPECT_FALSE(header.apply(AddHeader{"A: x\r\nBcc", "y"}, false));
    EXPECT_FALSE(header.apply(AddHeader{"with blank", "y"}, false));
    EXPECT_FALSE(header.apply(AddHeader{"", "y"}, false));
}

TEST(SameMailbox, DomainsHaveNoCase) {
    EXPECT_TRUE(is_same_mailbox("adam@EXAMPLE.com", "adam@example.COM"));
    EXPECT_FALSE(is_same_mailbox("Adam@example.com", "adam@example.com"));
    EXPECT_FALSE(is_same_mailbox("eve@example.com", "adam@example.com"));
    EXPECT_TRUE(is_same_mailbox("POSTMASTER", "postmaster"));
}

}  // namespace
}  // namespace sluice::milter
