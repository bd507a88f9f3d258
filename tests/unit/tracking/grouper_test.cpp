// The stories that the samples of the documents tell.
#include "tracking/grouper.h"

#include <gtest/gtest.h>

#include "tracking/selection.h"
#include "tracking/story.h"
#include "vectors.h"

namespace sluice::tracking {
namespace {

LineReader utc_reader() {
    ReaderSettings settings;
    settings.stamps.zone = TimeZone();
    settings.stamps.now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21);
    return LineReader(settings);
}

struct Grouped {
    std::vector<Group> groups;
    std::vector<std::string> apart;
};

Grouped group(const std::vector<std::string>& lines, GrouperSettings settings = {}) {
    Grouped out;
    const LineReader reader = utc_reader();
    Grouper grouper(settings, [&](Group&& one) { out.groups.push_back(std::move(one)); });
    for (const std::string& line : lines) {
        if (!grouper.add(reader.read(line))) out.apart.push_back(line);
    }
    grouper.finish();
    return out;
}

std::vector<std::string> between(std::string_view first, std::string_view last) {
    std::vector<std::string> out;
    bool inside = false;
    for (const std::string& line : vector_lines("sun.log")) {
        inside = inside || line.starts_with(first);
        if (inside) out.push_back(line);
        if (line.starts_with(last)) inside = false;
    }
    return out;
}

std::vector<std::string> whats(const Story& story) {
    std::vector<std::string> out;
    for (const Step& step : story.steps) out.push_back(step.what);
    return out;
}

TEST(MessageGroup, BouncedMessageKeepsItsNotifications) {
    std::vector<std::string> lines;
    for (const std::string& line : vector_lines("sun.log")) {
        if (line.starts_with("19-JAN-1998")) lines.push_back(line);
    }
    const Grouped grouped = group(lines);
    ASSERT_EQ(grouped.groups.size(), 1U);
    EXPECT_TRUE(grouped.groups[0].is_complete());
    EXPECT_EQ(grouped.groups[0].lines.size(), 8U);
    const Story story = tell_story(grouped.groups[0], utc_reader());
    EXPECT_EQ(
        whats(story), (std::vector<std::string>{
                          "accepted", "notified", "notified", "bounced", "passed", "passed",
                          "delivered", "delivered"})
    );
    EXPECT_EQ(story.sender, "adam@sesta.com");
    ASSERT_EQ(story.fates.size(), 1U);
    EXPECT_EQ(story.fates[0].recipient, "user@very.bogus.com");
    EXPECT_EQ(story.fates[0].state, "bounced");
    EXPECT_EQ(story.fates[0].reason, "Illegal host/domain name found");
}

TEST(MessageGroup, RetriesAreCounted) {
    std::vector<std::string> lines;
    for (const std::string& line : vector_lines("sun.log")) {
        if (line.starts_with("15-Jan-1998")) lines.push_back(line);
    }
    const Grouped grouped = group(lines);
    ASSERT_EQ(grouped.groups.size(), 1U);
    const Story story = tell_story(grouped.groups[0], utc_reader());
    EXPECT_EQ(
        whats(story),
        (std::vector<std::string>{"accepted", "deferred", "deferred", "deferred", "delivered"})
    );
    EXPECT_EQ(story.fates[0].attempts, 3U);
    EXPECT_EQ(story.state(), "delivered");
    EXPECT_NE(story.steps[2].text.find("attempt 2"), std::string::npos) << story.steps[2].text;
}

TEST(MessageGroup, ListMembersAreTheirOwnRecipients) {
    std::vector<std::string> lines;
    for (const std::string& line : vector_lines("sun.log")) {
        if (line.find("test-list@sesta.com") != std::string::npos) lines.push_back(line);
    }
    const Grouped grouped = group(lines);
    ASSERT_EQ(grouped.groups.size(), 1U);
    EXPECT_TRUE(grouped.groups[0].is_complete());
    const Story story = tell_story(grouped.groups[0], utc_reader());
    ASSERT_EQ(story.fates.size(), 3U);
    for (const Fate& fate : story.fates) EXPECT_EQ(fate.state, "delivered") << fate.recipient;
}

TEST(MessageGroup, ConversionIsAHop) {
    // One message-id and one original recipient throughout, as this MTA keeps them.
    std::vector<std::string> lines;
    for (std::string line : vector_lines("sun.log")) {
        if (!line.starts_with("04-Feb-1998")) continue;
        const std::size_t other = line.find("<01IT5STUMUFO984Z8L@siroe.edu>");
        if (other != std::string::npos)
            line.replace(other, std::string::npos, "<01IT5UALL14498518O@siroe.edu>");
        const std::size_t form = line.find("bert@siroe.com");
        if (form != std::string::npos) line.replace(form, 14, "bert@sesta.com");
        lines.push_back(line);
    }
    const Grouped grouped = group(lines);
    ASSERT_EQ(grouped.groups.size(), 1U);
    const Story story = tell_story(grouped.groups[0], utc_reader());
    EXPECT_EQ(
        whats(story), (std::vector<std::string>{"accepted", "converted", "passed", "delivered"})
    );
    ASSERT_EQ(story.fates.size(), 1U);
    EXPECT_EQ(story.state(), "delivered");
}

TEST(MessageGroup, AddressesTieWhatHasNoIds) {
    const Grouped grouped = group(between(
        "19-Jan-1998 19:16:57.64 l            tcp_local    E 1 adam@sesta.com "
        "rfc822;marlowe@siroe.com marlowe@siroe.com",
        "19-Jan-1998 19:17:01.16 tcp_local                  D 1 adam@sesta.com "
        "rfc822;marlowe@siroe.com marlowe@siroe.com dns;"
    ));
    ASSERT_FALSE(grouped.groups.empty());
    EXPECT_TRUE(grouped.groups[0].guessed);
    EXPECT_TRUE(grouped.groups[0].is_complete());
}

TEST(MessageGroup, QmailFromBirthToEnd) {
    const Grouped grouped = group(
        {"@40000000433225833b6e1a8c new msg 7",
         "@40000000433225833b6e1a8c info msg 7: bytes 100 from <a@b.example> qp 1 uid 2",
         "@40000000433225833b6e1a8c status: local 0/10 remote 1/20",
         "@40000000433225833b6e1a8c starting delivery 1: msg 7 to remote c@d.example",
         "@40000000433225833b6e1a8c delivery 1: deferral: "
         "Connected_to_1.2.3.4_but_greeting_failed./",
         "@40000000433225833b6e1a8c starting delivery 2: msg 7 to remote c@d.example",
         "@40000000433225833b6e1a8c delivery 2: success: ok/",
         "@40000000433225833b6e1a8c end msg 7", "@40000000433225833b6e1a8c new msg 7"}
    );
    ASSERT_EQ(grouped.groups.size(), 2U);
    EXPECT_EQ(grouped.apart.size(), 1U);
    const Story story = tell_story(grouped.groups[0], utc_reader());
    EXPECT_EQ(story.sender, "a@b.example");
    ASSERT_EQ(story.fates.size(), 1U);
    EXPECT_EQ(story.fates[0].recipient, "c@d.example");
    EXPECT_EQ(story.fates[0].state, "delivered");
    EXPECT_EQ(story.fates[0].attempts, 1U);
    EXPECT_FALSE(grouped.groups[1].ended);
}

TEST(MessageGroup, PostOfficeControlRecordStaysWithItsLine) {
    const Grouped grouped = group(vector_lines("postoffice.log"));
    std::size_t longest = 0;
    for (const Group& one : grouped.groups) longest = std::max(longest, one.lines.size());
    EXPECT_EQ(longest, 15U);
}

// Postoffice-and-qmail-features section 8.4.
TEST(ConnectionGroup, SampleHasOneOpenAndOneCompleteConnection) {
    GrouperSettings settings;
    settings.by = GroupBy::connection;
    const Grouped grouped = group(vector_lines("tcpserver.log"), settings);
    ASSERT_EQ(grouped.groups.size(), 2U);
    const bool first_open = !grouped.groups[0].ended;
    const Group& open = grouped.groups[first_open ? 0 : 1];
    const Group& complete = grouped.groups[first_open ? 1 : 0];
    EXPECT_EQ(open.lines.size(), 3U);
    EXPECT_TRUE(open.begun);
    EXPECT_FALSE(open.ended);
    EXPECT_EQ(complete.lines.size(), 4U);
    EXPECT_TRUE(complete.is_complete());
    EXPECT_EQ(grouped.apart.size(), 3U);
}

TEST(ConnectionGroup, NativeEntriesBetweenOpenAndClose) {
    GrouperSettings settings;
    settings.by = GroupBy::connection;
    std::vector<std::string> lines;
    for (const std::string& line : vector_lines("sun.log")) {
        if (line.find(" 1f625.3.") != std::string::npos) lines.push_back(line);
    }
    const Grouped grouped = group(lines, settings);
    ASSERT_EQ(grouped.groups.size(), 1U);
    EXPECT_EQ(grouped.groups[0].lines.size(), 4U);
    EXPECT_TRUE(grouped.groups[0].is_complete());
}

TEST(Grouper, MemoryIsBounded) {
    GrouperSettings settings;
    settings.most_octets = 20000;
    const LineReader reader = utc_reader();
    std::size_t flushed = 0;
    std::size_t given = 0;
    Grouper grouper(settings, [&](Group&& one) {
        ++given;
        flushed += one.flushed ? 1 : 0;
    });
    for (int i = 0; i < 5000; ++i) {
        grouper.add(reader.read(
            "19-Jan-1998 19:16:57.64 l tcp_local E 1 a@b rfc822;c@d c@d /q/l/ZZ0000" +
            std::to_string(100000 + i) + ".00"
        ));
        ASSERT_LT(grouper.open_groups(), 400U);
    }
    grouper.finish();
    EXPECT_EQ(given, 5000U);
    EXPECT_GT(flushed, 4000U);
}

TEST(Selection, PatternsAreFoundByTheirWords) {
    const auto found = [](const std::string& recipient) {
        Selection selection;
        selection.recipient = recipient;
        const auto texts = selection.find_texts();
        return texts.empty() ? std::string("-") : texts[0].text + (texts[0].fragment ? "?" : "");
    };
    EXPECT_EQ(found("Bob@Dest.example"), "bob@dest.example");
    EXPECT_EQ(found("*@Dest.example"), "dest.example");
    EXPECT_EQ(found("friend*@dest.example"), "dest.example");
    EXPECT_EQ(found("friend*"), "friend?");
    EXPECT_EQ(found("*@*.example"), ".example?");
    EXPECT_EQ(found("*"), "-");
    EXPECT_EQ(found("b\xc3\xb6@dest.example"), "-");
}

TEST(Selection, OneLineMustFitAll) {
    const LineReader reader = utc_reader();
    const std::string line =
        "19-Feb-1998 17:02:26.65 tcp_local l E 1 service@siroe.com rfc822;adam@sesta.com adam "
        "/q/l/ZZ01IWFY9ELGWM00094D.00 <x@siroe.com> THOR.SIROE.COM (THOR.SIROE.COM "
        "[192.160.253.66])";
    const auto exact = [](std::string_view pattern, std::string_view text) {
        return pattern == text;
    };
    const auto matches = [&](const Selection& selection) {
        return selection.matches(reader.read(line), exact);
    };
    Selection selection;
    EXPECT_TRUE(matches(selection));
    selection.sender = "service@siroe.com";
    selection.recipient = "adam@sesta.com";
    selection.message_id = "x@siroe.com";
    selection.file = "01IWFY9ELGWM00094D";
    selection.client = IpAddress::parse("192.160.253.66");
    selection.host = "THOR.SIROE.COM";
    EXPECT_TRUE(matches(selection));
    selection.file = "/q/l/ZY01IWFY9ELGWM00094D.00";
    EXPECT_TRUE(matches(selection));
    selection.recipient = "eve@sesta.com";
    EXPECT_FALSE(matches(selection));
    selection.recipient.clear();
    selection.since = std::chrono::sys_days(std::chrono::year(1998) / 2 / 20);
    EXPECT_FALSE(matches(selection));
}

}  // namespace
}  // namespace sluice::tracking
