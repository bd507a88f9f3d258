#include "alias/list_parameters.h"

#include <gtest/gtest.h>

namespace sluice::alias {
namespace {

using Kind = message::HeaderEdit::Kind;

std::string set(ListBuilder& builder, const char* name, const char* value = "") {
    const ListParameterInfo* info = find_list_parameter(name);
    return info == nullptr ? "unknown" : builder.set(*info, value);
}

MailingList with(const char* name, const char* value) {
    ListBuilder builder(false);
    EXPECT_EQ(set(builder, name, value), "") << name;
    return builder.take();
}

TEST(ListParameters, AreSortedAndFoundInAnyCase) {
    const auto& table = list_parameters();
    for (std::size_t i = 1; i < table.size(); ++i) EXPECT_LT(table[i - 1].name, table[i].name);
    EXPECT_NE(find_list_parameter("auth_List"), nullptr);
    EXPECT_EQ(find_list_parameter("AUTH"), nullptr);
}

TEST(ListParameters, ClausesSayWhomTheyNameAndHow) {
    ListBuilder builder(false);
    set(builder, "AUTH_LIST", "/a");
    set(builder, "OR");
    set(builder, "CANT_CHANNEL", "tcp_*");
    set(builder, "AND");
    set(builder, "SASL_AUTH_LIST", "/b");
    const MailingList list = builder.take();
    ASSERT_EQ(list.access.size(), 3U);
    EXPECT_EQ(
        list.access[0],
        (ListClause{ListClause::Who::sender, ListClause::How::file, false, false, false, "/a"})
    );
    EXPECT_EQ(
        list.access[1],
        (ListClause{ListClause::Who::channel, ListClause::How::patterns, false, true, true, "tcp_*"}
        )
    );
    EXPECT_TRUE(list.access[2].only_authenticated);
    EXPECT_FALSE(list.access[2].alternative);
}

TEST(ListParameters, OptionMakesClausesAlternatives) {
    ListBuilder builder(true);
    set(builder, "AUTH_LIST", "/a");
    EXPECT_TRUE(builder.take().access.at(0).alternative);
}

TEST(ListParameters, HoldAndModeratorClausesStandApart) {
    EXPECT_EQ(with("NOHOLD_MAPPING", "T").holds.at(0).negated, true);
    EXPECT_EQ(with("MODERATOR_LIST", "/m").moderators.at(0).value, "/m");
    EXPECT_EQ(with("MODERATOR_ADDRESS", "Mo <mo@x>").moderator_address, "mo@x");
}

struct ModifierCase {
    const char* value;
    Kind kind;
    const char* kept;
};
class ListHeaderModifier : public testing::TestWithParam<ModifierCase> {};
TEST_P(ListHeaderModifier, SaysWhatHappensToAFieldThatIsThere) {
    const auto list = with("PRECEDENCE", GetParam().value);
    EXPECT_EQ(
        list.header_edits, (message::HeaderEdits{{GetParam().kind, "Precedence", GetParam().kept}})
    );
}
INSTANTIATE_TEST_SUITE_P(
    Rows,
    ListHeaderModifier,
    testing::Values(
        ModifierCase{"list", Kind::add_or_resent, "list"},
        ModifierCase{"list*", Kind::add_if_missing, "list"},
        ModifierCase{"list &", Kind::extend, "list"},
        ModifierCase{"list^", Kind::replace, "list"},
        ModifierCase{"list\\", Kind::remove, "list"}
    )
);

TEST(ListParameters, LimitsAreNumbers) {
    EXPECT_EQ(with("BLOCKLIMIT", "20").block_limit, 20U);
    ListBuilder builder(false);
    EXPECT_EQ(set(builder, "LINELIMIT", "1k"), "not a number: 1k");
    EXPECT_EQ(set(builder, "TAG", ""), "a value is missing");
    EXPECT_EQ(set(builder, "CAPTURE", "a b"), "not an address: a b");
}

TEST(ListPositions, ErrorReturnAddressIsEnvelopeFromAndHeader) {
    ListBuilder builder(false);
    EXPECT_EQ(builder.set_position(0, "owner@x"), "");
    EXPECT_EQ(builder.set_position(1, "list@x*"), "");
    EXPECT_EQ(builder.set_position(2, "owner@x"), "");
    EXPECT_EQ(builder.set_position(3, "*"), "");
    EXPECT_EQ(builder.set_position(4, "the list"), "");
    const MailingList list = builder.take();
    EXPECT_EQ(list.envelope_from, "owner@x");
    const message::HeaderEdits expected = {
        {Kind::add_or_resent, "Errors-To", "owner@x"},
        {Kind::add_if_missing, "Reply-To", "list@x"},
        {Kind::add_or_resent, "Comments", "the list"}};
    EXPECT_EQ(list.header_edits, expected);
}

TEST(ListPositions, AnErrorsToOfItsOwnSpeaksForTheHeader) {
    ListBuilder builder(false);
    builder.set_position(0, "owner@x");
    builder.set_position(2, "errors@x");
    const MailingList list = builder.take();
    EXPECT_EQ(list.envelope_from, "owner@x");
    EXPECT_EQ(
        list.header_edits, (message::HeaderEdits{{Kind::add_or_resent, "Errors-To", "errors@x"}})
    );
}

TEST(ListPositions, SlashKeepsTheEnvelopeFrom) {
    ListBuilder builder(false);
    builder.set_position(0, "/");
    const MailingList list = builder.take();
    EXPECT_EQ(list.envelope_from, "/");
    EXPECT_TRUE(list.header_edits.empty());
    EXPECT_EQ(with("ENVELOPE_FROM", "/").envelope_from, "/");
}

}  // namespace
}  // namespace sluice::alias
