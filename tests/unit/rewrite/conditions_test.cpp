#include "rewrite/conditions.h"

#include <gtest/gtest.h>

namespace sluice::rewrite {
namespace {

Context recipient_from(std::string_view channel) {
    Context context;
    context.source.name = channel;
    return context;
}

Context header_for(std::string_view destination) {
    Context context;
    context.envelope = false;
    context.destination = DestinationChannel{destination};
    return context;
}

TEST(Conditions, HoldWhereNoneIsGiven) {
    const Context context;
    const Conditions conditions(context, Position::at);
    EXPECT_EQ(conditions.unmet(), Unmet::nothing);
    EXPECT_TRUE(conditions.channels_hold());
}

TEST(Conditions, AreAlternativesWithinAGroup) {
    const Context context;
    Conditions conditions(context, Position::percent);
    conditions.note(TokenKind::at_position);
    EXPECT_NE(conditions.unmet(), Unmet::nothing);
    conditions.note(TokenKind::percent_position);
    EXPECT_EQ(conditions.unmet(), Unmet::nothing);
}

TEST(Conditions, AllGroupsHaveToHold) {
    const Context context;
    Conditions conditions(context, Position::at);
    conditions.note(TokenKind::envelope);
    conditions.note(TokenKind::backward);
    EXPECT_EQ(conditions.unmet(), Unmet::direction);
    EXPECT_EQ(explain(conditions.unmet(), context, Position::at), "not an originator ($R)");
}

TEST(Conditions, OneOfSeveralSourcesIsEnough) {
    const Context context = recipient_from("tcp_two");
    Conditions conditions(context, Position::at);
    conditions.note_channel(TokenKind::source_is, "tcp_one");
    EXPECT_FALSE(conditions.channels_hold());
    conditions.note_channel(TokenKind::source_is, "TCP_TWO");
    EXPECT_TRUE(conditions.channels_hold());
}

TEST(Conditions, NoneOfSeveralExcludedSourcesMayMatch) {
    const Context context = recipient_from("tcp_two");
    Conditions conditions(context, Position::at);
    conditions.note_channel(TokenKind::source_is_not, "tcp_two");
    conditions.note_channel(TokenKind::source_is_not, "tcp_one");
    EXPECT_FALSE(conditions.channels_hold());
}

TEST(Conditions, ReprocessingIsOneOfTheSources) {
    Context context = recipient_from("reprocess");
    context.source.is_reprocessing = true;
    Conditions conditions(context, Position::at);
    conditions.note_channel(TokenKind::source_is, "tcp_local");
    conditions.note(TokenKind::reprocessing);
    EXPECT_TRUE(conditions.channels_hold());
    conditions.note(TokenKind::not_reprocessing);
    EXPECT_FALSE(conditions.channels_hold());
}

TEST(Conditions, NorulesSwitchesSourceChecksOff) {
    Context context = recipient_from("tcp_nr");
    context.source.no_rules = true;
    Conditions conditions(context, Position::at);
    conditions.note_channel(TokenKind::source_is, "tcp_one");
    conditions.note_channel(TokenKind::source_is_not, "tcp_nr");
    EXPECT_TRUE(conditions.channels_hold());
    conditions.note(TokenKind::reprocessing);
    EXPECT_TRUE(conditions.channels_hold()) << "an alternative to a $M that holds";
}

TEST(Conditions, NorulesDoesNotAffectReprocessing) {
    Context context = recipient_from("tcp_nr");
    context.source.no_rules = true;
    Conditions conditions(context, Position::at);
    conditions.note(TokenKind::reprocessing);
    EXPECT_FALSE(conditions.channels_hold());
}

TEST(Conditions, DestinationCountsForHeaders) {
    const Context context = header_for("tcp_out");
    Conditions is_other(context, Position::at);
    is_other.note_channel(TokenKind::destination_is, "tcp_in");
    EXPECT_FALSE(is_other.channels_hold());
    Conditions excluded(context, Position::at);
    excluded.note_channel(TokenKind::destination_is_not, "tcp_out");
    EXPECT_FALSE(excluded.channels_hold());
}

TEST(Conditions, DestinationIsIgnoredForRecipients) {
    Context context = header_for("tcp_out");
    context.envelope = true;
    Conditions conditions(context, Position::at);
    conditions.note_channel(TokenKind::destination_is, "tcp_in");
    conditions.note_channel(TokenKind::destination_is_not, "tcp_out");
    EXPECT_TRUE(conditions.channels_hold());
}

TEST(Conditions, DestinationIsIgnoredWhereUnknownOrWithNorules) {
    Context context = header_for("tcp_out");
    context.destination->no_rules = true;
    Conditions conditions(context, Position::at);
    conditions.note_channel(TokenKind::destination_is, "tcp_in");
    EXPECT_TRUE(conditions.channels_hold());
    context.destination.reset();
    conditions.note_channel(TokenKind::destination_is, "tcp_in");
    EXPECT_TRUE(conditions.channels_hold());
}

TEST(Conditions, LocalityHasToBeAsAsked) {
    const Context context;
    Conditions conditions(context, Position::at);
    conditions.note_locality(TokenKind::domain_is_local, true);
    conditions.note_locality(TokenKind::domain_is_not_local, false);
    EXPECT_EQ(conditions.unmet(), Unmet::nothing);
    conditions.note_locality(TokenKind::domain_is_not_local, true);
    EXPECT_NE(conditions.unmet(), Unmet::nothing);
}

TEST(Conditions, ChannelsCanBeForgotten) {
    const Context context = recipient_from("tcp_two");
    Conditions conditions(context, Position::at);
    conditions.note_channel(TokenKind::source_is, "tcp_one");
    conditions.note_channel(TokenKind::source_is_not, "tcp_two");
    conditions.forget_channels();
    EXPECT_EQ(conditions.unmet(), Unmet::nothing);
}

TEST(ReprocessingName, IsOneOfTheInternalFamilies) {
    EXPECT_TRUE(is_reprocessing_name("reprocess"));
    EXPECT_TRUE(is_reprocessing_name("reprocess_slow"));
    EXPECT_TRUE(is_reprocessing_name("process"));
    EXPECT_TRUE(is_reprocessing_name("process_lists"));
    EXPECT_FALSE(is_reprocessing_name("tcp_process"));
    EXPECT_FALSE(is_reprocessing_name("conversion"));
}

}  // namespace
}  // namespace sluice::rewrite
