#include "queue/history.h"

#include <gtest/gtest.h>

#include "queue/timestamp.h"

namespace sluice::queue {
namespace {

HistoryRecord sample() {
    HistoryRecord record;
    record.when = *parse_timestamp("2026-03-02T10:11:07.204Z");
    record.channel = "tcp_local";
    record.code = HistoryCode::temporary_failure;
    record.attempt = 3;
    record.process = 4711;
    record.thread = 2;
    record.recipient = "a@example.com";
    record.host = "mx.example.com";
    record.text = "450 4.2.0 try later";
    return record;
}

TEST(History, LineIsWhatOperatorsRead) {
    EXPECT_EQ(
        format_history(sample()),
        "%2026-03-02T10:11:07.204Z tcp_local Q 3 4711.2 a@example.com mx.example.com "
        "450 4.2.0 try later\n"
    );
    HistoryRecord all = sample();
    all.code = HistoryCode::held;
    all.recipient.clear();
    all.host.clear();
    all.text = "operator";
    EXPECT_EQ(format_history(all), "%2026-03-02T10:11:07.204Z tcp_local H 3 4711.2 * - operator\n");
}

TEST(History, OddValuesSurvive) {
    for (const char* value : {"a b@x", "*", "-", "\\", "\\s", "a\nb", " ", "\\*", "x\r", "\xff"}) {
        for (const auto code : {HistoryCode::temporary_failure, HistoryCode::done}) {
            HistoryRecord record = sample();
            record.code = code;
            record.recipient = value;
            record.host = value;
            record.text = value;
            const auto records = parse_history(format_history(record));
            ASSERT_EQ(records.size(), 1U) << value;
            EXPECT_EQ(records[0], record);
        }
    }
    HistoryRecord empty = sample();
    empty.text.clear();
    EXPECT_EQ(parse_history(format_history(empty)).at(0), empty);
}

TEST(History, TextIsCut) {
    HistoryRecord record = sample();
    record.text = std::string(5000, 'x');
    EXPECT_EQ(parse_history(format_history(record)).at(0).text, std::string(1024, 'x'));
    record.text = std::string(5000, '\n');
    EXPECT_EQ(parse_history(format_history(record)).at(0).text, std::string(512, '\n'));
}

TEST(History, TornLastLineIsLeftOut) {
    const std::string first = format_history(sample());
    for (std::size_t size = 0; size < first.size(); ++size) {
        EXPECT_EQ(parse_history(first + first.substr(0, size)).size(), 1U) << size;
    }
}

TEST(History, TornLineDoesNotHideTheNext) {
    const std::string line = format_history(sample());
    const auto records = parse_history(line + line.substr(0, 40) + '\n' + line);
    EXPECT_EQ(records.size(), 2U);
}

// A done record that names another recipient than it was written for would lose mail.
TEST(History, DamagedDoneRecordFinishesNobody) {
    HistoryRecord record = sample();
    record.code = HistoryCode::done;
    const std::string good = format_history(record);
    const std::string line = good.substr(0, good.size() - 1);
    ASSERT_TRUE(parse_history_line(line));
    for (std::size_t size = 0; size < line.size(); ++size) {
        EXPECT_FALSE(parse_history_line(line.substr(0, size))) << size;
    }
    for (std::size_t at = 0; at < line.size(); ++at) {
        for (const unsigned flip : {1U, 4U, 32U, 128U}) {
            std::string bytes = line;
            bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ flip);
            for (const HistoryRecord& found : parse_history(bytes + '\n')) {
                EXPECT_NE(found.code, HistoryCode::done) << "octet " << at;
            }
        }
    }
}

TEST(History, MiddleOfALongOneIsCounted) {
    std::vector<HistoryRecord> records(250, sample());
    for (unsigned i = 0; i < records.size(); ++i) records[i].attempt = i;
    auto shortened = shorten_history(records, 100);
    ASSERT_EQ(shortened.size(), 100U);
    EXPECT_EQ(shortened.front().attempt, 0U);
    EXPECT_EQ(shortened.back().attempt, 249U);
    EXPECT_EQ(shortened[49].code, HistoryCode::omitted);
    EXPECT_EQ(shortened[49].text, "151 lines omitted");
    EXPECT_EQ(shorten_history(shortened, 100), shortened);
    // Shortened again, the count goes on.
    shortened = shorten_history(shortened, 10);
    EXPECT_EQ(shortened[4].text, "241 lines omitted");
    EXPECT_EQ(parse_history(format_history(shortened[4])).at(0), shortened[4]);
}

// Else the sender would be warned again about an age that he has been told of.
TEST(History, ShorteningKeepsTheLastWarning) {
    std::vector<HistoryRecord> records(30, sample());
    for (unsigned i = 0; i < records.size(); ++i) records[i].attempt = i;
    records[9].code = records[12].code = HistoryCode::delay_warning;
    const auto shortened = shorten_history(records, 10);
    ASSERT_EQ(shortened.size(), 10U);
    EXPECT_EQ(shortened[4].text, "21 lines omitted");
    EXPECT_EQ(shortened[5], records[12]);
    EXPECT_EQ(shortened.back(), records.back());
}

}  // namespace
}  // namespace sluice::queue
