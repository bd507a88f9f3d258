// Mailing lists through decide_recipient(): who may post, who gets it, in what form.
#include "list_fixture.h"

namespace sluice::policy {
namespace {

const std::string not_allowed = "550 5.7.1 you are not allowed to use this list: list@example.com";
const std::string both = "adam>l eve>l";

TEST_F(ListTest, MembersComeFromTheFileAsItIsNow) {
    configure("list: <members\n");
    EXPECT_EQ(shown(), both);
    file("members") = "! nobody but\n<more\n";
    file("more") = "Eve <eve@example.com>\n";
    EXPECT_EQ(shown(), "eve>l");
}

TEST_F(ListTest, MissingFileIsATemporaryFailure) {
    configure("list: <gone\n");
    EXPECT_EQ(shown(), "450 4.3.5 mailing list cannot be expanded now: list@example.com");
    EXPECT_FALSE(decide().warnings.empty());
}

TEST_F(ListTest, BadLineIsDroppedAndLogged) {
    configure("list: <members\n");
    file("members") = "adam@example.com\nno address\n";
    EXPECT_EQ(shown(), "adam>l");
    EXPECT_EQ(
        decide().warnings.at(0), "/site/config/members:2: left out: not an address: no address"
    );
}

TEST_F(ListTest, SendmailIncludeIsAMemberFile) {
    configure("list: :include:/lists/staff, eve\n");
    outside_.files["/lists/staff"] = "# staff\nadam, adam@example.com\n";
    EXPECT_EQ(shown(), "adam>l eve>l");
}

TEST_F(ListTest, IncludesNestThreeDeep) {
    configure("list: <members\n");
    file("members") = "adam@example.com\n<members\n";
    EXPECT_EQ(shown(), "adam>l");
    EXPECT_FALSE(decide().warnings.empty());
}

TEST_F(ListTest, ErrorReturnAddressMakesItARedistribution) {
    configure("list: <members, owner@example.com, list@example.com*\n");
    const auto decision = decide();
    ASSERT_EQ(decision.destinations.size(), 2U);
    for (const Destination& one : decision.destinations) {
        EXPECT_EQ(one.envelope_from, "owner@example.com");
        EXPECT_TRUE(one.is_list_copy);
        EXPECT_EQ(one.header_edits.size(), 2U);
    }
}

TEST_F(ListTest, SlashAndNullReversePathKeepTheEnvelopeFrom) {
    configure("list: <members, /\n");
    EXPECT_FALSE(decide().destinations.at(0).envelope_from);
    EXPECT_TRUE(decide().destinations.at(0).is_list_copy);
    configure("list: <members, owner@example.com\n");
    probe_.sender.clear();
    EXPECT_FALSE(decide().destinations.at(0).envelope_from);
}

TEST_F(ListTest, PosterWhoAsksForSuccessIsToldThatTheListHasIt) {
    configure("list: <members, owner@example.com\n");
    probe_.notify_success = true;
    EXPECT_EQ(shown(), both + " list@example.com!2.1.5");
    EXPECT_FALSE(decide().destinations.at(2).envelope_from);
}

TEST_F(ListTest, FailedMemberIsReportedToTheListsAddress) {
    configure("list: <members, owner@example.com\n");
    file("members") = "adam@example.com\nnobody@example.com\n";
    EXPECT_EQ(shown(), "adam>l nobody@example.com!5.1.1");
    const Destination report = decide().destinations.at(1);
    EXPECT_EQ(report.channel, "reprocess");
    EXPECT_EQ(report.envelope_from, "owner@example.com");
    EXPECT_TRUE(report.is_list_copy);
}

TEST_F(ListTest, FailedMembersOfAPlainAliasAreReportedToTheSender) {
    configure("all: adam, nobody, eve\n");
    EXPECT_EQ(shown("all@example.com"), "adam>l eve>l nobody@mail.example.com!5.1.1");
    EXPECT_FALSE(decide("all@example.com").destinations.at(2).envelope_from);
}

TEST_F(ListTest, NobodyLeftIsARefusalWithTheFirstReason) {
    configure("all: nobody, nobody2\n");
    EXPECT_EQ(shown("all@example.com"), "550 5.1.1 unknown or illegal alias: all@example.com");
    EXPECT_TRUE(decide("all@example.com").failed_members.empty());
}

TEST_F(ListTest, AccessTableRefusesOneMember) {
    configure(
        "all: adam, x@far.example\n",
        "SEND_ACCESS\n\n  tcp_intranet|*|tcp_local|x@far.example  $NNot$ there\n"
    );
    EXPECT_EQ(shown("all@example.com"), "adam>l x@far.example!5.7.1");
    EXPECT_TRUE(decide("all@example.com").failed_members.at(0).by_access_table);
}

TEST_F(ListTest, HiddenMemberIsShownAsItsAlias) {
    configure("team: :adam, eve, :nobody, :inner\ninner: x@far.example\n");
    const auto decision = decide("team@example.com");
    std::string shown;
    for (const Destination& one : decision.destinations)
        shown += one.address + '=' + one.intermediate + ' ';
    EXPECT_EQ(
        shown,
        "adam=team@example.com eve=eve@mail.example.com x@far.example=team@example.com "
        "nobody@mail.example.com=team@example.com "
    );
}

// --- who may post ---

TEST_F(ListTest, AuthListNamesThePosters) {
    list("[auth_list] posters");
    file("posters") = "Other@far.example\n";
    EXPECT_EQ(shown(), not_allowed);
    probe_.sender = "other@FAR.example";
    EXPECT_EQ(shown(), both);
    probe_.sender.clear();
    EXPECT_EQ(shown(), not_allowed);
}

TEST_F(ListTest, CantListShutsOut) {
    list("[cant_list] bad");
    file("bad") = "poster@far.example\n";
    EXPECT_EQ(shown(), not_allowed);
    probe_.sender = "other@far.example";
    EXPECT_EQ(shown(), both);
}

TEST_F(ListTest, MissingAuthListIsTemporary) {
    list("[auth_list] gone");
    EXPECT_EQ(shown().substr(0, 9), "450 4.3.5");
}

TEST_F(ListTest, AuthMappingGetsPosterAndList) {
    list(
        "[auth_mapping] MAY_POST",
        "MAY_POST\n\n  poster@far.example|list@example.com  $Y\n  *  $N\n"
    );
    EXPECT_EQ(shown(), both);
    probe_.sender = "other@far.example";
    EXPECT_EQ(shown(), not_allowed);
}

TEST_F(ListTest, ConnectionInformationGoesInFront) {
    list(
        "[auth_mapping] MAY_POST",
        "MAY_POST\n\n  TCP|*|25|192.0.2.7|4711|SMTP*|*|list@example.com  $Y\n",
        "INCLUDE_CONNECTIONINFO=1\n"
    );
    EXPECT_EQ(shown(), not_allowed);
    probe_.session.port = access::PortInfo{
        {IpAddress::v4({192, 0, 2, 1}), 25}, {IpAddress::v4({192, 0, 2, 7}), 4711}};
    probe_.session.app.protocol = access::AppInfo::Protocol::smtp;
    EXPECT_EQ(shown(), both);
}

TEST_F(ListTest, TableThatIsNotThereIsTemporary) {
    list("[auth_mapping] NOWHERE");
    EXPECT_EQ(shown().substr(0, 9), "450 4.3.5");
}

TEST_F(ListTest, ChannelPatternsAreAlternatives) {
    list("[auth_channel] l tcp_intra*");
    EXPECT_EQ(shown(), both);
    probe_.source = site_->imta.channels.find("tcp_local");
    EXPECT_EQ(shown(), not_allowed);
}

TEST_F(ListTest, ClausesAreJoinedAsOrAndSay) {
    file("posters") = "other@far.example\n";
    list("[auth_list] posters, [or] [auth_channel] tcp_intranet");
    EXPECT_EQ(shown(), both);
    list("[auth_list] posters, [auth_channel] tcp_intranet");
    EXPECT_EQ(shown(), not_allowed);
    list("[auth_list] posters, [auth_channel] tcp_intranet", {}, "OR_CLAUSES=1\n");
    EXPECT_EQ(shown(), both);
}

TEST_F(ListTest, SaslListsCountOnlyWithAuthentication) {
    list("[sasl_auth_list] posters");
    file("posters") = "poster@far.example\n";
    EXPECT_EQ(shown(), not_allowed);
    probe_.session.authenticated = true;
    EXPECT_EQ(shown(), both);
}

TEST_F(ListTest, UserNamesMayHaveWildcards) {
    list("[username_auth_list] users");
    file("users") = "staff.*\n";
    EXPECT_EQ(shown(), not_allowed);
    probe_.authenticated_from = "staff.amy";
    EXPECT_EQ(shown(), both);
}

TEST_F(ListTest, ErrorTextReplacesTheReply) {
    list("[auth_list] posters, [error_text] Members only");
    file("posters") = "";
    EXPECT_EQ(shown(), "550 5.7.1 Members only");
}

// --- moderators, holding ---

TEST_F(ListTest, PostingsOfOthersGoToTheModerator) {
    list("[moderator_address] eve@example.com");
    const auto decision = decide();
    ASSERT_EQ(decision.destinations.size(), 1U);
    EXPECT_EQ(decision.destinations[0].address, "eve");
    EXPECT_FALSE(decision.destinations[0].envelope_from);
    EXPECT_TRUE(decision.destinations[0].header_edits.empty());
    probe_.sender = "eve@example.com";
    EXPECT_EQ(shown(), both);
}

TEST_F(ListTest, ModeratorListSaysWhoPostsDirectly) {
    list("[moderator_address] eve, [moderator_list] mods");
    file("mods") = "poster@far.example\n";
    EXPECT_EQ(shown(), both);
    probe_.sender = "other@far.example";
    EXPECT_EQ(shown(), "eve>l");
}

TEST_F(ListTest, ModeratorListIsAskedThroughAMappingToo) {
    list("[moderator_address] eve, [moderator_mapping] MODS", "MODS\n\n  poster@*|*  $Y\n");
    EXPECT_EQ(shown(), both);
    probe_.sender = "other@far.example";
    EXPECT_EQ(shown(), "eve>l");
}

TEST_F(ListTest, WithAModeratorAuthRedirectsAndCantRefuses) {
    list("[moderator_address] eve, [auth_list] posters, [cant_list] bad");
    file("posters") = "poster@far.example\n";
    file("bad") = "bad@far.example\n";
    EXPECT_EQ(shown(), both);
    probe_.sender = "other@far.example";
    EXPECT_EQ(shown(), "eve>l");
    probe_.sender = "bad@far.example";
    EXPECT_EQ(shown(), not_allowed);
}

TEST_F(ListTest, HoldListHoldsThePosting) {
    list("[hold_list] doubtful");
    file("doubtful") = "poster@far.example\n";
    EXPECT_EQ(decide().destinations.at(0).hold_reason, "list");
    probe_.sender = "other@far.example";
    EXPECT_EQ(decide().destinations.at(0).hold_reason, "");
}

TEST_F(ListTest, NoholdListHoldsAllOthers) {
    list("[nohold_list] trusted");
    file("trusted") = "poster@far.example\n";
    EXPECT_EQ(decide().destinations.at(0).hold_reason, "");
    probe_.sender = "other@far.example";
    EXPECT_EQ(decide().destinations.at(0).hold_reason, "list");
}

// --- limits and effects ---

TEST_F(ListTest, KnownSizeIsComparedAtOnceOthersTravelAlong) {
    list("[blocklimit] 2, [linelimit] 100");
    EXPECT_EQ(decide().destinations.at(0).size_limit, 2048U);
    EXPECT_EQ(decide().destinations.at(0).line_limit, 100U);
    probe_.message_size = 2048;
    EXPECT_EQ(shown(), both);
    probe_.message_size = 2049;
    EXPECT_EQ(shown(), "552 5.2.3 message too large for this list: list@example.com");
}

TEST_F(ListTest, CaptureGetsACopyWithoutTheEffects) {
    configure("list: [capture] u1@example.com, [tag] \"[L]\", adam\n");
    const auto decision = decide();
    ASSERT_EQ(decision.destinations.size(), 2U);
    EXPECT_EQ(decision.destinations[0].address, "u1");
    EXPECT_TRUE(decision.destinations[0].header_edits.empty());
    EXPECT_EQ(
        decision.destinations[1].header_edits,
        (message::HeaderEdits{{message::HeaderEdit::Kind::tag_subject, "Subject", "[L]"}})
    );
    EXPECT_FALSE(decision.destinations[1].is_list_copy);
}

TEST_F(ListTest, HeaderAdditionFileAndSequenceBecomeEdits) {
    list("[header_addition] h, [sequence_prefix] /n");
    file("h") = "List-Id: <x.example.com>\nList-Post: a,\n b\nbad line\n";
    const auto decision = decide();
    const auto& edits = decision.destinations.at(0).header_edits;
    using Kind = message::HeaderEdit::Kind;
    ASSERT_EQ(edits.size(), 4U);
    EXPECT_EQ(edits[1], (message::HeaderEdit{Kind::add, "List-Id", "<x.example.com>"}));
    EXPECT_EQ(edits[2], (message::HeaderEdit{Kind::add, "List-Post", "a, b"}));
    EXPECT_EQ(edits[3], (message::HeaderEdit{Kind::prefix_subject, "Subject", "[42]"}));
    EXPECT_EQ(decision.warnings.size(), 1U);
}

TEST_F(ListTest, LookingNeitherAsksForPermissionNorCounts) {
    list("[auth_list] gone, [sequence_prefix] /n, [private]");
    probe_.only_looking = true;
    EXPECT_EQ(shown(), both);
    EXPECT_TRUE(decide().hides_members);
    EXPECT_EQ(outside_.sequence, 41);
}

TEST_F(ListTest, ListWithAnErrorWaits) {
    site_ = nullptr;
    alias::AliasTable table;  // the file's reader keeps such a list, cnbuild does not publish it
    configure("list: <ldap:///o=x\n");
    EXPECT_EQ(shown().substr(0, 9), "450 4.3.5");
}

TEST_F(ListTest, ListInAListKeepsTheOuterPoster) {
    configure(
        "list: <members, outer@example.com\n"
        "inner: [auth_list] posters, [envelope_from] inner@example.com, eve\n"
    );
    file("members") = "adam@example.com\ninner@example.com\n";
    file("posters") = "poster@far.example\n";
    const auto decision = decide();
    ASSERT_EQ(decision.destinations.size(), 2U);
    EXPECT_EQ(decision.destinations[0].envelope_from, "outer@example.com");
    EXPECT_EQ(decision.destinations[1].envelope_from, "inner@example.com");
}

// --- alias database ---

TEST_F(ListTest, DatabaseIsAskedBeforeTheFile) {
    configure("all: adam\n");
    outside_.alias_database["all"] = "eve";
    EXPECT_EQ(shown("all@example.com"), "eve>l");
    EXPECT_EQ(shown("postmaster@example.com"), "adam>l");
}

TEST_F(ListTest, DatabaseValueMayBeAListAndMayNameItself) {
    configure("");
    outside_.alias_database["list@example.com"] = "<members, owner@example.com";
    EXPECT_EQ(decide().destinations.at(0).envelope_from, "owner@example.com");
    outside_.alias_database["adam"] = "adam, eve";
    EXPECT_EQ(shown("adam@example.com"), both);
}

TEST_F(ListTest, DatabaseWithoutAnAnswerDefers) {
    configure("");
    outside_.databases_fail = true;
    EXPECT_EQ(shown("adam@example.com"), "450 4.4.3 temporary look-up failure: adam@example.com");
}

TEST_F(ListTest, BadDatabaseValueWaits) {
    configure("");
    outside_.alias_database["all"] = "a b";
    EXPECT_EQ(shown("all@example.com").substr(0, 9), "450 4.3.5");
}

TEST_F(ListTest, DatabaseCirclesAreFound) {
    configure("");
    outside_.alias_database["a"] = "b";
    outside_.alias_database["b"] = "a";
    EXPECT_EQ(shown("a@example.com"), "550 5.4.6 alias expansion loop detected: a@example.com");
}

// --- keywords ---

class ListKeywordTest : public ListTest {
protected:
    void keywords(
        const std::string& channel, const std::string& words, const std::string& aliases
    ) {
        std::string text = read_file(SLUICE_SOURCE_DIR "/config/imta.cnf").value();
        const std::string line = "\n" + channel + ' ';
        text.replace(text.find(line), line.size(), line + words + ' ');
        site_ = test::make_site({{"imta.cnf", text}, {"aliases", "postmaster: adam\n" + aliases}});
        ASSERT_TRUE(site_);
        probe_.source = site_->imta.channels.find("tcp_intranet");
        probe_.sender = "poster@far.example";
    }
};

TEST_F(ListKeywordTest, ExpandlimitLeavesTheRestToTheReprocessChannel) {
    keywords("tcp_intranet", "expandlimit 2", "all: adam, eve\nmore: adam, eve, u1\n");
    EXPECT_EQ(shown("all@example.com"), both);
    EXPECT_EQ(shown("more@example.com"), "more@example.com>reprocess");
    probe_.total_recipient_count = 2;
    EXPECT_EQ(shown("adam@example.com"), "adam@example.com>reprocess");
    EXPECT_EQ(shown("nobody@example.com").substr(0, 9), "550 5.1.1");
    probe_.reprocessing = true;
    EXPECT_EQ(shown("adam@example.com"), "adam>l");
}

TEST_F(ListKeywordTest, ExpandchannelNamesTheChannel) {
    keywords("tcp_intranet", "expandlimit 0 expandchannel process", "");
    EXPECT_EQ(shown("adam@example.com"), "adam@example.com>process");
}

TEST_F(ListKeywordTest, AliaspostmasterLeadsToOurPostmaster) {
    keywords("tcp_local", "aliaspostmaster", "");
    EXPECT_EQ(shown("PostMaster@tcp_local-daemon"), "adam>l");
}

TEST_F(ListKeywordTest, ViaaliasrequiredAdmitsOnlyAliases) {
    keywords("tcp_local", "viaaliasrequired", "amy: amy@far.example\n");
    EXPECT_EQ(shown("amy@example.com"), "amy@far.example>tcp_local");
    EXPECT_EQ(shown("amy@far.example"), "550 5.1.1 unknown or illegal alias: amy@far.example");
}

}  // namespace
}  // namespace sluice::policy
