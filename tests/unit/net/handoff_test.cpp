#include "net/handoff.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace sluice::net {
namespace {

HandedConnection sample(UniqueFd socket) {
    HandedConnection connection;
    connection.id = 7;
    connection.service = "SMTP";
    connection.local = {*IpAddress::parse("127.0.0.1"), 25};
    connection.remote = {*IpAddress::parse("2001:db8::2"), 61234};
    connection.accepted = WallTime(std::chrono::microseconds(1234567));
    connection.access_text = "EXT\tERNAL\\";
    connection.access_log_text = "line\nbreak";
    connection.access_effects = "delay=30,all";
    connection.socket = std::move(socket);
    return connection;
}

TEST(Handoff, ConnectionArrivesWithItsSocket) {
    auto channel = make_handoff_pair();
    ASSERT_TRUE(channel);
    std::array<int, 2> peer{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, peer.data()), 0);
    const UniqueFd near_end(peer[0]);
    ASSERT_TRUE(send_record(channel->first.get(), DispatcherRecord(sample(UniqueFd(peer[1])))));

    auto record = receive_dispatcher_record(channel->second.get());
    ASSERT_TRUE(record);
    auto& got = std::get<HandedConnection>(*record);
    EXPECT_EQ(got.id, 7U);
    EXPECT_EQ(got.remote.address.to_string(), "2001:db8::2");
    EXPECT_EQ(got.access_text, "EXT\tERNAL\\");
    EXPECT_EQ(got.access_log_text, "line\nbreak");
    EXPECT_EQ(got.access_effects, "delay=30,all");
    EXPECT_EQ(got.accepted, WallTime(std::chrono::microseconds(1234567)));
    ASSERT_EQ(::send(near_end.get(), "hi", 2, 0), 2);
    std::array<char, 8> buffer{};
    EXPECT_EQ(::recv(got.socket.get(), buffer.data(), buffer.size(), 0), 2);
}

// The kernel drops descriptors that a process has no room for. The record says which connection it
// was, or the dispatcher waits for an answer about it and takes the worker for stuck.
TEST(Handoff, AConnectionWithoutItsSocketIsKnownByItsNumber) {
    auto channel = make_handoff_pair();
    ASSERT_TRUE(channel);
    std::array<int, 2> peer{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, peer.data()), 0);
    const UniqueFd near_end(peer[0]);
    ASSERT_TRUE(send_record(channel->first.get(), DispatcherRecord(sample(UniqueFd(peer[1])))));
    rlimit files{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
    const rlimit none{0, files.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    auto record = receive_dispatcher_record(channel->second.get());
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
    ASSERT_TRUE(record);
    const auto& got = std::get<HandedConnection>(*record);
    EXPECT_EQ(got.id, 7U);
    EXPECT_FALSE(got.socket);
}

TEST(Handoff, WorkerRecordsRoundTrip) {
    auto channel = make_handoff_pair();
    ASSERT_TRUE(channel);
    ASSERT_TRUE(
        send_record(channel->second.get(), WorkerRecord(ConnectionDone{9, 10, 11, "closed"}))
    );
    auto record = receive_worker_record(channel->first.get());
    ASSERT_TRUE(record);
    EXPECT_EQ(std::get<ConnectionDone>(*record).outcome, "closed");
}

TEST(Handoff, ReloadAndItsAnswerRoundTrip) {
    const auto order = decode_dispatcher_record(encode(DispatcherRecord(ReloadOrder{})), {});
    ASSERT_TRUE(order);
    EXPECT_TRUE(std::holds_alternative<ReloadOrder>(*order));
    const auto answer =
        decode_worker_record(encode(WorkerRecord(WorkerReloaded{true, 17, "a\tb\\c"})));
    ASSERT_TRUE(answer);
    const auto& reloaded = std::get<WorkerReloaded>(*answer);
    EXPECT_TRUE(reloaded.taken);
    EXPECT_EQ(reloaded.generation, 17U);
    EXPECT_EQ(reloaded.text, "a\tb\\c");
    EXPECT_FALSE(decode_worker_record("RELOADED\t1\tmany\t"));
}

TEST(Handoff, PressureIsTold) {
    const auto there_and_back = [](PressureOrder order) {
        auto record = decode_dispatcher_record(encode(DispatcherRecord(std::move(order))), {});
        EXPECT_TRUE(record);
        return std::get<PressureOrder>(*record);
    };
    const PressureOrder none = there_and_back({});
    EXPECT_FALSE(none.stressed);
    EXPECT_TRUE(none.channels_behind.empty());
    const PressureOrder some = there_and_back({true, {"tcp_local", "l"}});
    EXPECT_TRUE(some.stressed);
    EXPECT_EQ(some.channels_behind, (std::vector<std::string>{"tcp_local", "l"}));
    // Too many for a packet are all.
    const PressureOrder all =
        there_and_back({false, std::vector<std::string>(500, "tcp_with_a_long_name")});
    EXPECT_EQ(all.channels_behind, std::vector<std::string>{"*"});
    EXPECT_FALSE(decode_dispatcher_record("PRESSURE", {}));
}

TEST(Handoff, EndOfTheOtherSideIsEpipe) {
    auto channel = make_handoff_pair();
    ASSERT_TRUE(channel);
    channel->first.reset();
    const auto record = receive_dispatcher_record(channel->second.get());
    ASSERT_FALSE(record);
    EXPECT_EQ(record.error().error_number(), EPIPE);
}

TEST(Handoff, RefusesMalformedRecords) {
    for (const char* bad :
         {"", "CONN", "CONN\t1\tSMTP\tx\t25\t127.0.0.1\t1\t0\t0\t\t", "ACK", "ACK\t-1",
          "DONE\t1\t2"}) {
        EXPECT_FALSE(decode_dispatcher_record(bad, UniqueFd())) << bad;
        EXPECT_FALSE(decode_worker_record(bad)) << bad;
    }
}

}  // namespace
}  // namespace sluice::net
