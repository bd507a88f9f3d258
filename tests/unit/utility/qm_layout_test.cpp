#include "utility/qm_layout.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/bytes.h"
#include "utility/operator_log.h"

namespace sluice::utility {
namespace {

using std::chrono::seconds;

const TimeZone pacific = TimeZone::fixed(std::chrono::hours(-8));
// 25 Feb 1999 11:37:00 -0800
const WallTime manual_now(seconds(919971420));

QueuedMessage message(const std::string& path, WallTime since, std::uint64_t size) {
    QueuedMessage m;
    m.location = *queue::MessageLocation::parse(path);
    m.since = since;
    m.size = size;
    m.is_read = true;
    m.sender = "adam@sesta.example";
    m.recipients = {"eve@siroe.example"};
    return m;
}

std::string one_blank(const std::string& text) {
    std::string out;
    for (const std::string_view line : split(text, '\n')) {
        for (const auto word : split_words(line)) out += std::string(word) + ' ';
        out += '\n';
    }
    return out;
}

ListingStyle manual_style() {
    ListingStyle style;
    style.now = manual_now;
    style.zone = pacific;
    return style;
}

const std::vector<QueuedMessage> manual_messages = {
    message("sims-ms/001/ZZ0F7O00I03CJHZD.00", manual_now - seconds(85471), 700),
    message("sims-ms/001/ZZ0F7O00I03CILY6.00", manual_now - seconds(85503), 1),
};

// The sample of the reference manual, apart from the width of columns and the name of the zone.
TEST(Listing, HasTheLinesOfTheManual) {
    std::ostringstream out;
    write_listing(out, manual_messages, manual_style());
    EXPECT_EQ(
        one_blank(out.str()),
        one_blank("Thu, 25 Feb 1999 11:37:00 -0800\n"
                  "Data gathered from the queue directory tree\n"
                  "\n"
                  "Channel: sims-ms                  Size Queued since\n"
                  "--------------------------------------------------------------\n"
                  "1 ZZ0F7O00I03CJHZD.00            1 24-Feb-1999 11:52:29\n"
                  "2 ZZ0F7O00I03CILY6.00            1 24-Feb-1999 11:51:57\n"
                  "--------------------------------------------------------------\n"
                  "Total size:                          2\n"
                  "\n"
                  "Grand total size:                    2\n")
    );
}

TEST(Listing, AlignsSizesUnderTheirHeading) {
    std::ostringstream out;
    write_listing(out, manual_messages, manual_style());
    std::size_t checked = 0;
    const std::string text = out.str();
    for (const std::string_view line : split(text, '\n')) {
        if (line.starts_with("Total") || line.starts_with("Grand")) {
            EXPECT_EQ(line.size(), 38U);
            ++checked;
        } else if (line.starts_with("1 ")) {
            EXPECT_EQ(line.substr(36, 3), " 1 ");
            ++checked;
        } else if (line.starts_with("Channel")) {
            EXPECT_EQ(line.substr(34, 5), "Size ");
            ++checked;
        }
    }
    EXPECT_EQ(checked, 4U);
}

TEST(Listing, NumbersGoOnOverChannels) {
    auto style = manual_style();
    style.heading = false;
    style.file_info = false;
    std::ostringstream out;
    write_listing(
        out, {message("l/000/ZZA1.00", manual_now, 1), message("tcp_local/ZXB2.00", manual_now, 1)},
        style
    );
    EXPECT_NE(out.str().find("1 ZZA1.00\n"), std::string::npos);
    EXPECT_NE(out.str().find("2 ZXB2.00\n"), std::string::npos);
    EXPECT_NE(out.str().find("2 total messages queued\n"), std::string::npos);
}

TEST(Listing, CannotDriveTheTerminal) {
    auto style = manual_style();
    style.envelope = true;
    style.reason = true;
    auto bad = message("l/000/ZZA1.HELD", manual_now, 1);
    bad.sender = "a\x1b[2J@b";
    bad.recipients = {"x\ny\x9b"};
    bad.reason = "loop\r\x07";
    bad.subject = "\x1b]0;";
    std::ostringstream out;
    write_listing(out, {bad}, style);
    out << listing_json(bad, 1, style);
    for (const char c : out.str()) EXPECT_TRUE(c == '\n' || (!is_control(c) && c != '\x9b'));
    EXPECT_NE(out.str().find("a\\x1b[2J@b"), std::string::npos);
}

TEST(Listing, ShowsWhyAFileCannotBeRead) {
    auto bad = message("l/000/ZZA1.BAD", manual_now, 0);
    bad.is_read = false;
    bad.trouble = "cut off";
    std::ostringstream out;
    write_listing(out, {bad}, manual_style());
    EXPECT_NE(out.str().find("cannot be read: cut off"), std::string::npos);
}

TEST(Summary, HasALineAChannelAndATotal) {
    ChannelSummary local;
    local.channel = "l";
    ChannelSummary relay;
    relay.channel = "tcp_local";
    relay.messages = 82;
    relay.blocks = 904;
    relay.held = 1;
    relay.oldest = manual_now;
    relay.stopped = true;
    SummaryStyle style;
    style.zone = pacific;
    std::ostringstream out;
    write_summary(out, {local, relay}, style);
    EXPECT_EQ(
        out.str(),
        "Channel                  Messages  Size (blocks)   Oldest          Held\n"
        "-----------------------  --------  -------------   --------------  ----\n"
        "l                               0              0                      0\n"
        "tcp_local                      82            904   25-Feb 11:37       1  STOPPED\n"
        "-----------------------  --------  -------------   --------------  ----\n"
        "Total                          82            904                      1\n"
    );
}

TEST(OperatorLog, SaysWhoDidWhat) {
    OperatorAct act;
    act.time = manual_now + std::chrono::milliseconds(204);
    act.user = "adam";
    act.user_id = 1000;
    act.messages = 3;
    act.command = "qm delete 1,3,20\n%forged";
    EXPECT_EQ(
        format_operator_act(act, pacific),
        "25-Feb-1999 11:37:00.20 adam 1000 messages=3 qm delete 1,3,20\\x0a%forged\n"
    );
}

}  // namespace
}  // namespace sluice::utility
