#include "jobs/protocol.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "jobs/frame.h"

namespace sluice::jobs {
namespace {

constexpr WallTime some_time{std::chrono::microseconds(1772446267204118)};

template <class Message>
Message there_and_back(const Message& message) {
    auto frame = encode(message);
    EXPECT_TRUE(frame);
    FrameReader reader;
    reader.feed(*frame);
    auto cut = reader.next();
    EXPECT_TRUE(cut && cut->has_value());
    EXPECT_EQ((*cut)->verb, Message::verb);
    auto back = decode<Message>((*cut)->body);
    EXPECT_TRUE(back);
    return back ? *back : Message();
}

/// Every shorter and every longer body must be refused.
template <class Message>
void expect_exact_length(const Message& message) {
    const std::string frame = *encode(message);
    const std::string_view body = std::string_view(frame).substr(5);
    for (std::size_t length = 0; length < body.size(); ++length) {
        EXPECT_FALSE(decode<Message>(body.substr(0, length))) << length;
    }
    EXPECT_FALSE(decode<Message>(std::string(body) + '\0'));
}

template <class Message>
void expect_round_trip(const Message& message) {
    EXPECT_EQ(there_and_back(message), message);
    expect_exact_length(message);
}

NewMessage new_message() {
    NewMessage message;
    message.channel = "tcp_local";
    message.file = "003/ZZ84PHKX1L3Q0A0001.00";
    message.host = "mx.example.net";
    message.priority = Priority::nonurgent;
    message.released = true;
    message.size = 0x123456789aULL;
    message.recipients = 99;
    message.attempts = 1295;
    message.enqueued = some_time;
    return message;
}

TEST(Protocol, RequestsRoundTrip) {
    expect_round_trip(Hello{{'S', 'L', 'J', 'C'}, 1, Role::worker, 4711});
    expect_round_trip(Enqueue{{new_message(), NewMessage{}}});
    expect_round_trip(Ask{"l", 1, 2, 3, 4, 5, 6});
    DoneItem item;
    item.handle = 0xfedcba9876543210ULL;
    item.outcome = Outcome::renamed;
    item.host_report = HostReport::reached;
    item.recipients = 3;
    item.new_file = "003/ZY84PHKX1L3Q0A0002.00";
    item.host = "mx.example.net";
    item.reason = "451 4.7.1 later";
    expect_round_trip(Done{{item, DoneItem{}}});
    expect_round_trip(jobs::Run{"tcp_local", "mx.example.net", "000/ZY1.00", true});
    expect_round_trip(List{ListScope::jobs, "l"});
    expect_round_trip(Sync{"l"});
    expect_round_trip(Stop{"l"});
    expect_round_trip(Start{"l"});
    expect_round_trip(Forget{"l", "000/ZY1.00"});
    expect_round_trip(Status{});
    expect_round_trip(Reload{});
    expect_round_trip(Reloaded{17, {{"channel x is gone"}}});
}

TEST(Protocol, AnswersRoundTrip) {
    expect_round_trip(Welcome{1, 4711});
    expect_round_trip(Accepted{10, 2});
    WorkItem item{0x0000000100000002ULL, "000/ZZ1.00", "h.example", Priority::urgent, 7, 8, 9};
    expect_round_trip(Work{{item, WorkItem{}}, 3});
    expect_round_trip(Wait{300});
    expect_round_trip(Exit{});
    expect_round_trip(Okay{5});
    expect_round_trip(Problem{"no such channel: x"});
    ChannelRow channel{"l",       "DEFAULT", 1, 2,    3,     4,    some_time,
                       some_time, 5,         6, true, false, true, 7};
    expect_round_trip(ChannelRows{{channel, ChannelRow{}}});
    HostRow host{"tcp_local", "h.example", 1, 2, 3, true, some_time, "refused", some_time};
    expect_round_trip(HostRows{{host}});
    MessageRow message;
    message.channel = "l";
    message.state = MessageState::in_progress;
    message.pid = 99;
    message.enqueued = some_time;
    expect_round_trip(MessageRows{{message}});
    expect_round_trip(JobRows{{JobRow{1, "l", 2, 3, 4, 5, 6, 7, true}}});
    expect_round_trip(Change{Setting::master_job, "tcp_*", "IMTA_BIN:tcp_smtp_client"});
    expect_round_trip(Walk{});
    expect_round_trip(Stress{"tcp_lmtp"});
    expect_round_trip(ListEnd{});
    expect_round_trip(StatusReply{{{"tracked", 17}, {"enqueued", 1ULL << 40U}}});
}

TEST(Protocol, BytesAreAsDocumented) {
    Hello hello;
    hello.role = Role::worker;
    hello.pid = 0x1267;
    const std::string expected("\x00\x00\x00\x0c\x01SLJC\x00\x04\x02\x00\x00\x12\x67", 16);
    EXPECT_EQ(*encode(hello), expected);
    Enqueue enqueue;
    NewMessage message;
    message.channel = "l";
    message.file = "000/ZZ1.00";
    message.enqueued = WallTime(std::chrono::microseconds(256));
    message.size = 1;
    enqueue.messages = {message};
    const std::string bytes(
        "\x00\x00\x00\x2a\x02"
        "\x00\x01"
        "\x01l"
        "\x0a"
        "000/ZZ1.00"
        "\x00"
        "\x01"
        "\x00"
        "\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x01"
        "\x00\x00\x00\x01"
        "\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x01\x00",
        46
    );
    EXPECT_EQ(*encode(enqueue), bytes);
}

struct BadBody {
    const char* name;
    std::string body;
};

class BadAsk : public testing::TestWithParam<BadBody> {};

TEST_P(BadAsk, IsRefused) {
    EXPECT_FALSE(decode<Ask>(GetParam().body));
}

std::string ask_body(const std::string& channel_field) {
    return channel_field + std::string(4 + 4 + 4 + 2 + 2 + 2, '\0');
}

INSTANTIATE_TEST_SUITE_P(
    Bodies,
    BadAsk,
    testing::Values(
        BadBody{"Empty", ""},
        BadBody{"ChannelOverItsCeiling", ask_body(std::string(1, 65) + std::string(65, 'x'))},
        BadBody{"ChannelLongerThanTheBody", std::string("\x40l")},
        BadBody{"TrailingOctet", ask_body(std::string("\x01l")) + "x"}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(Protocol, EnumeratorsOutOfRangeAreRefused) {
    std::string done = encode(Done{{DoneItem{}}})->substr(5);
    done[2 + 8] = 8;
    EXPECT_FALSE(decode<Done>(done));
    std::string hello = encode(Hello{})->substr(5);
    hello[6] = 0;
    EXPECT_FALSE(decode<Hello>(hello));
    hello[6] = 4;
    EXPECT_FALSE(decode<Hello>(hello));
    std::string run = encode(jobs::Run{})->substr(5);
    run.back() = 2;
    EXPECT_FALSE(decode<jobs::Run>(run));
}

TEST(Protocol, CountsThatTheBodyCannotHoldAreRefused) {
    EXPECT_FALSE(decode<Enqueue>(std::string_view("\x04\x00", 2)));
    EXPECT_FALSE(decode<Enqueue>(std::string("\xff\xff", 2) + std::string(70000, '\0')));
}

TEST(Protocol, FieldsOverTheirCeilingAreNotSent) {
    NewMessage message;
    message.host.assign(max_host_name, 'h');
    EXPECT_TRUE(encode(Enqueue{{message}}));
    message.host += 'h';
    EXPECT_FALSE(encode(Enqueue{{message}}));
    EXPECT_FALSE(encode(Enqueue{std::vector<NewMessage>(max_batch + 1)}));
    EXPECT_FALSE(encode(Problem{std::string(max_reason + 1, 'x')}));
    EXPECT_TRUE(encode(Problem{cut_reason(std::string(5000, 'x'))}));
}

TEST(Protocol, LargestBatchesFitIntoAFrame) {
    NewMessage message;
    message.channel.assign(max_channel_name, 'c');
    message.file.assign(max_file_name, 'f');
    message.host.assign(max_host_name, 'h');
    EXPECT_TRUE(encode(Enqueue{std::vector<NewMessage>(max_batch, message)}));
    DoneItem item;
    item.new_file = message.file;
    item.host = message.host;
    item.reason.assign(max_reason, 'r');
    EXPECT_TRUE(encode(Done{std::vector<DoneItem>(max_batch, item)}));
    WorkItem work;
    work.file = message.file;
    work.host = message.host;
    EXPECT_TRUE(encode(Work{std::vector<WorkItem>(max_batch, work), 1}));
}

}  // namespace
}  // namespace sluice::jobs
