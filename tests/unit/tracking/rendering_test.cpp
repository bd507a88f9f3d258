// One dialect in another: whatever a line says is there again.
#include "tracking/rendering.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/bytes.h"
#include "tracking/line_reader.h"
#include "tracking/statistics.h"
#include "vectors.h"

namespace sluice::tracking {
namespace {

LineReader utc_reader() {
    ReaderSettings settings;
    settings.stamps.zone = TimeZone();
    settings.stamps.now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21);
    return LineReader(settings);
}

// As JSON has it, without the quotation marks.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

TEST(Rendering, JsonOfForeignLinesHasEveryField) {
    const LineReader reader = utc_reader();
    for (const char* file : {"postoffice.log", "qmail.log", "tcpserver.log"}) {
        Rendering rendering(Dialect::json, TimeZone(), StampStyle::copy);
        std::set<std::string> different;
        std::set<std::string> different_lines;
        for (const std::string& line : vector_lines(file)) {
            const Record record = reader.read(line);
            const auto lines = rendering.lines_of(record);
            ASSERT_EQ(lines.size(), 1U) << line;
            for (const NamedValue& field : record.fields)
                EXPECT_NE(lines[0].find('"' + escaped(field.value) + '"'), std::string::npos)
                    << field.name << " of " << line << " in " << lines[0];
            EXPECT_NE(lines[0].find(escaped(record.entry)), std::string::npos);
            EXPECT_NE(lines[0].find(std::string(record.stamp.text)), std::string::npos);
            different.insert(lines[0]);
            different_lines.insert(line);
        }
        EXPECT_EQ(different.size(), different_lines.size()) << "what tells lines apart is a field";
    }
}

// As NAME=VALUE.
std::vector<std::string> texts_of(const Record& record) {
    std::vector<std::string> out;
    for (const NamedValue& field : record.fields)
        out.push_back(std::string(field.name) + '=' + std::string(field.value));
    return out;
}

TEST(Rendering, ObjectsOfForeignLinesAreReadAsThoseLines) {
    const LineReader reader = utc_reader();
    for (const StampStyle style : {StampStyle::copy, StampStyle::utc, StampStyle::tai64n}) {
        for (const char* file : {"postoffice.log", "qmail.log", "tcpserver.log"}) {
            Rendering rendering(Dialect::json, TimeZone(), style);
            for (const std::string& line : vector_lines(file)) {
                const Record record = reader.read(line);
                const std::string object = rendering.lines_of(record).at(0);
                const Record again = reader.read(object);
                ASSERT_EQ(again.dialect, record.dialect) << object;
                EXPECT_EQ(again.entry, record.entry) << object;
                EXPECT_EQ(texts_of(again), texts_of(record)) << object;
                EXPECT_EQ(again.stamp.time, record.stamp.time) << object;
                EXPECT_EQ(again.events.size(), record.events.size()) << object;
                const bool as_it_was = style == StampStyle::copy && line == record.line &&
                                       record.dialect != Dialect::postoffice &&
                                       record.entry != "status";  // written in two ways
                EXPECT_TRUE(!as_it_was || again.line == line) << again.line;
            }
        }
    }
}

TEST(Rendering, ObjectOfForeignLineNeverBecomesTwoLines) {
    const LineReader reader = utc_reader();
    const Record fine =
        reader.read(R"({"el":"qs","ts":"@40000000433225833b6e1a8c","ev":"end msg","msg":"7"})");
    EXPECT_EQ(fine.line, "@40000000433225833b6e1a8c end msg 7");
    EXPECT_EQ(fine.events.size(), 1U);
    for (const char* object :
         {R"({"el":"qs","ts":"@40000000433225833b6e1a8c","ev":"warning","text":"a\nb"})",
          R"({"el":"qs","ev":"end msg","msg":"7","more":"8"})",
          R"({"el":"qs","ev":"no such","msg":"7"})", R"({"el":"zz","ev":"end msg","msg":"7"})",
          R"({"ev":"end msg","msg":"7"})"})
        EXPECT_FALSE(reader.read(object).understood()) << object;
}

TEST(Rendering, DeliveryBeganAsLongBeforeItsEndAsTheLogSays) {
    const LineReader reader = utc_reader();
    Rendering rendering(Dialect::qmail_send, TimeZone(), StampStyle::copy);
    const auto lines = rendering.lines_of(reader.read(
        R"({"el":"en","ts":"2026-01-19T19:16:57.50","sc":"tcp_local","dc":"","ac":"D","sz":1,)"
        R"("so":"a@b.example","od":"rfc822;c@d.example","de":"c@d.example","mi":"<1@b>","dt":1500})"
    ));
    ASSERT_GE(lines.size(), 2U);
    const Record begin = reader.read(lines[0]);
    EXPECT_EQ(begin.entry, "starting delivery") << lines[0];
    const auto end = std::find_if(lines.begin(), lines.end(), [&](const std::string& line) {
        return reader.read(line).entry == "delivery success";
    });
    ASSERT_NE(end, lines.end());
    EXPECT_EQ(*reader.read(*end).stamp.time - *begin.stamp.time, std::chrono::milliseconds(1500));
}

TEST(Rendering, HeldMessagesAndModifiersSurvive) {
    const LineReader reader = utc_reader();
    const std::string line =
        "19-Jan-2026 19:16:57.64 l                         H 1 a@b.example rfc822;* * held by root";
    Rendering xml(Dialect::xml, TimeZone(), StampStyle::copy);
    const auto held = xml.lines_of(reader.read(line));
    ASSERT_EQ(held.size(), 1U) << "not left out because LOG_HOLD is not known";
    Rendering sun(Dialect::sun, TimeZone(), StampStyle::copy);
    EXPECT_EQ(sun.lines_of(reader.read(held[0])).at(0), line);
    const std::string modified =
        "19-Jan-2026 19:16:57.64 tcp_local    l            EESA 1 a@b.example rfc822;c@d.example c";
    EXPECT_NE(xml.lines_of(reader.read(modified)).at(0).find("ac=\"EESA\""), std::string::npos);
}

TEST(Rendering, SunSamplesSurviveXmlAndJson) {
    const LineReader reader = utc_reader();
    for (const std::string& line : vector_lines("sun.log")) {
        Rendering sun(Dialect::sun, TimeZone(), StampStyle::copy);
        for (const Dialect through : {Dialect::xml, Dialect::json}) {
            Rendering other(through, TimeZone(), StampStyle::copy);
            const auto middle = other.lines_of(reader.read(line));
            ASSERT_EQ(middle.size(), 1U) << line;
            Record record = reader.read(middle[0]);
            ASSERT_EQ(record.dialect, through) << middle[0];
            const auto back = sun.lines_of(std::move(record));
            ASSERT_EQ(back.size(), 1U);
            const auto words = split_words(line);
            const auto again = split_words(back[0]);
            ASSERT_EQ(again.size(), words.size()) << line << '\n' << back[0];
            for (std::size_t i = 2; i < words.size(); ++i) EXPECT_EQ(again[i], words[i]) << line;
        }
    }
}

TEST(Rendering, RecipientsOfAPostOfficeLineAreEntriesEach) {
    Rendering rendering(Dialect::sun, TimeZone(), StampStyle::copy);
    const auto lines = rendering.lines_of(utc_reader().read(
        "19970716012012-0700:SMTP-Deliver:19970715005131664.AAA513@sparky:Deferred:616:maczieg.com:"
        "<jdoe@software.com>:<scott@maczieg.com>, <chris@maczieg.com>"
    ));
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_TRUE(lines[1].starts_with("16-Jul-1997 08:20:12.00 SMTP-Deliver")) << lines[1];
    EXPECT_NE(
        lines[1].find(" Q 1 jdoe@software.com rfc822;chris@maczieg.com chris@maczieg.com "),
        std::string::npos
    ) << lines[1];
}

TEST(Rendering, QmailDeliveryNamesWhatOtherLinesSaid) {
    const LineReader reader = utc_reader();
    Rendering rendering(Dialect::sun, TimeZone(), StampStyle::copy);
    rendering.lines_of(reader.read(
        "@40000000433225833b6e1a8c info msg 7: bytes 2000 from <a@b.example> qp 1 uid 2"
    ));
    rendering.lines_of(
        reader.read("@40000000433225833b6e1a8c starting delivery 3: msg 7 to remote c@d.example")
    );
    const auto lines = rendering.lines_of(
        reader.read("@40000000433225833b6e1a8c delivery 3: failure: no_such_user/")
    );
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].find(" R 2 a@b.example rfc822;c@d.example c@d.example "), std::string::npos)
        << lines[0];
    EXPECT_NE(lines[0].find("no such user"), std::string::npos);
}

std::vector<std::string> converted(Dialect form, std::string_view first_words) {
    const LineReader reader = utc_reader();
    Rendering rendering(form, TimeZone(), StampStyle::copy);
    std::vector<std::string> out;
    const auto add = [&](std::vector<std::string> lines) {
        for (std::string& line : lines) out.push_back(std::move(line));
    };
    for (const std::string& line : vector_lines("sun.log")) {
        if (line.find(first_words) != std::string::npos) add(rendering.lines_of(reader.read(line)));
    }
    add(rendering.finish());
    return out;
}

TEST(Rendering, MailingListAsQmailLogsIt) {
    const auto lines = converted(Dialect::qmail_send, "test-list@sesta.com");
    const LineReader reader = utc_reader();
    std::map<std::string, int> entries;
    for (const std::string& line : lines) {
        const Record record = reader.read(line);
        ASSERT_EQ(record.dialect, Dialect::qmail_send) << line;
        ++entries[std::string(record.entry)];
    }
    EXPECT_EQ(entries["new msg"], 1);
    EXPECT_EQ(entries["info msg"], 1);
    EXPECT_EQ(entries["starting delivery"], 3);
    EXPECT_EQ(entries["delivery success"], 3);
    EXPECT_EQ(entries["end msg"], 1);
    EXPECT_EQ(reader.read(lines.back()).entry, "end msg") << lines.back();
}

TEST(Rendering, RetriesAsPostOfficeLogsThem) {
    const auto lines = converted(Dialect::postoffice, "rfc822;user@some.org");
    ASSERT_EQ(lines.size(), 5U);
    const LineReader reader = utc_reader();
    // The sample does not say who the client was.
    EXPECT_EQ(reader.read(lines[0]).entry, "SMTP-Router") << lines[0];
    for (int i = 1; i < 4; ++i) {
        const std::string& line = lines[static_cast<std::size_t>(i)];
        EXPECT_EQ(reader.read(line).field("action"), "Deferred") << line;
    }
    EXPECT_EQ(reader.read(lines[4]).field("action"), "Delivered") << lines[4];
}

TEST(Rendering, OwnLinesStayAsTheyAre) {
    Rendering rendering(Dialect::sun, TimeZone(), StampStyle::copy);
    const std::string line = "19-JAN-1998 20:49:04 l  tcp_local E 1 a@b rfc822;c@d c@d";
    EXPECT_EQ(rendering.lines_of(utc_reader().read(line)), std::vector<std::string>{line});
}

TEST(Statistics, CountsTheSamples) {
    const LineReader reader = utc_reader();
    Statistics counted((TimeZone()));
    for (const std::string& line : vector_lines("sun.log")) {
        if (line.starts_with("15-Jan-1998") || line.starts_with("19-JAN-1998") ||
            line.starts_with("28-May-1998") || line.find("test-list@") != std::string::npos)
            counted.add(reader.read(line));
    }
    const Counts& total = counted.total();
    // Two messages with the bounce's one notification, and the list's one.
    EXPECT_EQ(total.messages, 4U);
    EXPECT_EQ(total.recipients, 7U);
    EXPECT_EQ(total.delivered, 6U);
    EXPECT_EQ(total.deferred, 3U);
    EXPECT_EQ(total.bounced, 1U);
    EXPECT_EQ(total.refused, 1U);
    EXPECT_EQ(total.octets, (3U + 1 + 1 + 1) * 1024);
    EXPECT_EQ(counted.channels().at("l").recipients, 4U);
    EXPECT_EQ(counted.channels().at("tcp_local").deferred, 3U);
    EXPECT_EQ(counted.domains().at("some.org").deferred, 3U);
    // 10:31:05 to 20:45:51.
    EXPECT_EQ(counted.domains().at("some.org").longest_delay, 10U * 3600 + 14 * 60 + 46);
    EXPECT_EQ(counted.hours().at("1998-01-15 10:00").messages, 1U);
    EXPECT_EQ(counted.reasons().at("550 5.7.1"), 1U);
    EXPECT_EQ(counted.not_understood(), 0U);
}

TEST(Statistics, MemoryIsBounded) {
    const LineReader reader = utc_reader();
    Statistics counted((TimeZone()));
    for (std::size_t i = 0; i < Statistics::most_domains + 500; ++i)
        counted.add(reader.read(
            "19-Jan-1998 10:00:00.00 l tcp_local E 1 a@b.example rfc822;x@d" + std::to_string(i) +
            ".example x@d" + std::to_string(i) + ".example"
        ));
    EXPECT_EQ(counted.domains().size(), Statistics::most_domains + 1);
    EXPECT_EQ(counted.domains().at("others").recipients, 500U);
}

}  // namespace
}  // namespace sluice::tracking
