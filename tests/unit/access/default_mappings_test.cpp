#include <gtest/gtest.h>

#include "access/access.h"
#include "config/file_source.h"
#include "config/mapping_file.h"

namespace sluice::access {
namespace {

/// The mapping file a new installation starts with.
class DefaultMappings : public testing::Test {
protected:
    DefaultMappings()
        : tables_(config::read_mapping_file(SLUICE_SOURCE_DIR "/config/mappings", files_, found_)) {
    }

    Verdict port(const char* client) {
        const PortInfo info{
            {*IpAddress::parse("127.0.0.1"), 25}, {*IpAddress::parse(client), 40000}};
        return check_port({tables_, options_, answers_}, info, PortPhase::session_start);
    }

    bool refuses(const char* source, const char* from, const char* destination, const char* to) {
        Sender sender;
        sender.source_channel = source;
        sender.address = from;
        Recipient recipient;
        recipient.destination_channel = destination;
        recipient.address = recipient.given = to;
        return check_recipient(
                   {tables_, options_, answers_}, RecipientPhase::original, {}, sender, recipient
        )
            .refused();
    }

    bool is_internal(const char* address) {
        return mapping::probe(tables_, "INTERNAL_IP", address, {}, answers_).flags.has('Y');
    }

    config::DiskFiles files_;
    Diagnostics found_;
    mapping::TableSet tables_;
    Options options_;
    mapping::NoAnswers answers_;
};

TEST_F(DefaultMappings, LoadWithoutAnyDiagnostic) {
    for (const auto& item : found_.items()) ADD_FAILURE() << item.to_string();
    EXPECT_EQ(tables_.tables().size(), 3U);
}

TEST_F(DefaultMappings, OnlyTheFirstLoopbackAddressIsInternal) {
    EXPECT_TRUE(is_internal("127.0.0.1"));
    EXPECT_TRUE(is_internal("::1"));
    EXPECT_FALSE(is_internal("127.0.0.2"));
    EXPECT_FALSE(is_internal("192.0.2.1"));
    EXPECT_FALSE(is_internal("127.0.0.1x"));
}

TEST_F(DefaultMappings, EverybodyMayConnect) {
    EXPECT_EQ(port("127.0.0.1").to_debug_string(), "permit [-]");
    EXPECT_EQ(port("127.0.0.2").to_debug_string(), "permit [ruleset=EXTERNAL]");
}

TEST_F(DefaultMappings, StrangersMayNotRelay) {
    EXPECT_TRUE(refuses("tcp_local", "a@b.example", "tcp_local", "c@d.example"));
    EXPECT_TRUE(refuses("tcp_local", "", "tcp_local", "c@d.example"));
    EXPECT_TRUE(refuses("tcp_local", "a@b.example", "tcp_local", "postmaster@d.example"));
}

TEST_F(DefaultMappings, BarsInAddressesOpenNoRelay) {
    EXPECT_TRUE(refuses("tcp_local", "\"x|l|postmaster@y\"@b.example", "tcp_local", "c@d.example"));
    EXPECT_TRUE(refuses("tcp_local", "a@b.example", "tcp_local", "x|l|postmaster@d.example"));
    EXPECT_TRUE(refuses("tcp_local", "x|l|postmaster@y", "tcp_local", "c@d.example"));
}

TEST_F(DefaultMappings, LocalMailAndOwnUsersPass) {
    EXPECT_FALSE(refuses("tcp_local", "a@b.example", "l", "bob@example.com"));
    EXPECT_FALSE(refuses("tcp_intranet", "amy@example.com", "tcp_local", "c@d.example"));
    EXPECT_FALSE(refuses("tcp_auth", "amy@example.com", "tcp_local", "c@d.example"));
    EXPECT_FALSE(refuses("l", "amy@example.com", "tcp_local", "c@d.example"));
}

TEST_F(DefaultMappings, PostmasterIsReachableWhateverIsRefusedBelow) {
    const auto outcome = mapping::probe(
        tables_, "ORIG_SEND_ACCESS", "tcp_local|a@spam.example|l|postmaster@example.com", {},
        answers_
    );
    EXPECT_EQ(outcome.to_debug_string(), "match=yes flags=Y output=");
}

}  // namespace
}  // namespace sluice::access
