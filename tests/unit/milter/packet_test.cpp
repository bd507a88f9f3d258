#include "milter/packet.h"

#include <gtest/gtest.h>

namespace sluice::milter {
namespace {

using namespace std::string_literals;

TEST(Packet, IsLengthCodeData) {
    std::string out;
    append_packet(out, 'H', "mx\0"s);
    EXPECT_EQ(out, "\0\0\0\x04Hmx\0"s);
}

TEST(Packet, NulInsideATextDoesNotEndIt) {
    std::string out;
    append_text(out, "a\0b"s);
    EXPECT_EQ(out, "a b\0"s);
}

TEST(PacketReader, TakesPacketsFromPiecesOfOneOctet) {
    std::string octets;
    append_packet(octets, 'c', {});
    append_packet(octets, 'y', "550 no\0"s);
    PacketReader reader;
    std::string seen;
    for (const char octet : octets) {
        reader.feed({&octet, 1});
        while (const auto packet = reader.next())
            seen += packet->code + std::string(packet->data) + ';';
    }
    EXPECT_EQ(seen, "c;y550 no\0;"s);
    EXPECT_FALSE(reader.is_broken());
}

TEST(PacketReader, BreaksOnImpossibleLengths) {
    for (const std::string& octets : {"\0\0\0\0c"s, "\x7f\xff\xff\xff"s, "\0\x20\0\0c"s}) {
        PacketReader reader;
        reader.feed(octets);
        EXPECT_FALSE(reader.next());
        EXPECT_TRUE(reader.is_broken());
    }
}

TEST(DataReader, LastTextMayLackItsNul) {
    const std::string octets = "one\0two"s;
    DataReader data(octets);
    EXPECT_EQ(data.text(), "one");
    EXPECT_EQ(data.text(), "two");
    EXPECT_FALSE(data.text());
}

}  // namespace
}  // namespace sluice::milter
