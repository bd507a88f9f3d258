#include "filter/content.h"

#include <gtest/gtest.h>

#include "filter/content_run.h"

namespace sluice::filter {
namespace {

using namespace std::string_literals;

Spool spooled(const std::string& text) {
    Spool spool(testing::TempDir());
    EXPECT_TRUE(spool.append(text));
    return spool;
}

std::string text_of(const Content& content) {
    std::string out;
    for (ContentReader reader(content);;) {
        const auto piece = reader.next();
        if (!piece || piece->empty()) return out;
        out += *piece;
    }
}

TEST(Spool, KeepsWhatMemoryDoesNotTake) {
    Spool spool(testing::TempDir());
    std::string all;
    for (int i = 0; all.size() < 3 * Spool::memory_limit; ++i) {
        const std::string line = std::to_string(i) + " line\r\n";
        all += line;
        ASSERT_TRUE(spool.append(line));
    }
    EXPECT_EQ(spool.size(), all.size());
    std::string read;
    ASSERT_TRUE(spool.read(0, all.size() + 10, read));
    EXPECT_EQ(read, all);
    std::string middle;
    const std::size_t edge = Spool::memory_limit * 2;
    ASSERT_TRUE(spool.read(edge, Spool::memory_limit, middle));
    EXPECT_EQ(middle, all.substr(edge, Spool::memory_limit));
    std::string nothing;
    ASSERT_TRUE(spool.read(all.size(), 10, nothing));
    EXPECT_EQ(nothing, "");
}

TEST(Spool, FailsWhereNoFileCanBe) {
    Spool spool("/nonexistent");
    EXPECT_TRUE(spool.append("few"));
    EXPECT_FALSE(spool.append(std::string(Spool::memory_limit + 1, 'x')));
    EXPECT_FALSE(spool.append("more"));
}

TEST(Content, IsWhatItWas) {
    for (const std::string& text :
         {"A: b\r\n\r\nbody\r\n"s, "A: b\r\n"s, ""s, "\r\nbody"s, "no field\r\nat all\r\n"s,
          "A: b\r\nno field\r\n\r\nbody"s, "A: b\r\n\r\n"s}) {
        auto content = Content::from(spooled(text), 1000);
        ASSERT_TRUE(content);
        EXPECT_EQ(text_of(*content), text);
        EXPECT_EQ(content->size(), text.size());
    }
}

TEST(Content, HeaderOverTheLimitIsRefused) {
    std::string text;
    while (text.size() < 200'000) text += "A: b\r\n";
    const auto content = Content::from(spooled(text + "\r\n"), 100'000);
    ASSERT_FALSE(content);
    EXPECT_TRUE(content.error().is_permanent());
    EXPECT_TRUE(Content::from(spooled(text + "\r\n"), 300'000));
}

/// A filter that agrees to everything and answers every command with `word`.
class Obedient {
public:
    void settle(milter::ClientSession& session) {
        reader.feed(session.take_output());
        while (const auto packet = reader.next()) {
            if (packet->code == 'D') continue;
            seen += packet->code;
            if (packet->code == 'L')
                header += std::string(packet->data.substr(0, packet->data.find('\0'))) + ' ';
            if (packet->code == 'B') body += packet->data;
            std::string answer;
            if (packet->code == 'O') {
                std::string data;
                milter::append_uint32(data, 6);
                milter::append_uint32(data, milter::action::all);
                milter::append_uint32(data, steps);
                milter::append_packet(answer, 'O', data);
            } else {
                if (packet->code == 'E') answer = changes;
                milter::append_packet(answer, 'c', {});
            }
            session.feed(answer);
            reader.feed(session.take_output());
        }
    }
    milter::PacketReader reader;
    std::uint32_t steps = 0;
    std::string changes;
    std::string seen;
    std::string header;
    std::string body;
};

TEST(ContentRun, ShowsAndChangesAMessage) {
    auto content = Content::from(spooled("A: b\r\nC: d\r\n\r\none\r\n"), 1000);
    milter::ClientSession session;
    Obedient filter;
    milter::append_packet(filter.changes, 'h', "X-N\0v\0"s);
    milter::append_packet(filter.changes, 'm', "\0\0\0\1A\0\0"s);
    milter::append_packet(filter.changes, 'b', "two\r\n");
    session.mail("<a@b>", {}, {});
    filter.settle(session);
    ContentRun run(session, *content, {});
    while (run.advance()) filter.settle(session);
    const auto changed = run.finish();
    ASSERT_TRUE(changed);
    EXPECT_TRUE(*changed);
    EXPECT_EQ(filter.seen, "OMLLNBE");
    EXPECT_EQ(filter.body, "one\r\n");
    EXPECT_EQ(text_of(*content), "C: d\r\nX-N: v\r\n\r\ntwo\r\n");
}

TEST(ContentRun, FilterWithoutInterestInTheContent) {
    auto content = Content::from(spooled("A: b\r\n\r\none\r\n"), 1000);
    milter::ClientSession session;
    Obedient filter;
    filter.steps =
        milter::step::no_headers | milter::step::no_body | milter::step::no_end_of_header;
    session.mail("<a@b>", {}, {});
    filter.settle(session);
    ContentRun run(session, *content, {});
    while (run.advance()) filter.settle(session);
    EXPECT_EQ(filter.seen, "OME");
    EXPECT_FALSE(run.finish().value());
}

TEST(ContentRun, FailedFilterChangesNothing) {
    auto content = Content::from(spooled("A: b\r\n\r\none\r\n"), 1000);
    milter::ClientSession session;
    session.mail("<a@b>", {}, {});
    session.fail("gone");
    ContentRun run(session, *content, {});
    EXPECT_FALSE(run.advance());
    EXPECT_FALSE(run.finish().value());
    EXPECT_EQ(text_of(*content), "A: b\r\n\r\none\r\n");
}

}  // namespace
}  // namespace sluice::filter
