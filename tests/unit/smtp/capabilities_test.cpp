#include "smtp/capabilities.h"

#include <gtest/gtest.h>

namespace sluice::smtp {
namespace {

Capabilities parse(std::vector<std::string> lines) {
    Reply reply(250, "");
    reply.lines = std::move(lines);
    return Capabilities::parse(reply);
}

TEST(Capabilities, ReadsTheKeywords) {
    const auto found = parse(
        {"peer.example hello", "pipelining", "8BITMIME", "CHUNKING", "BINARYMIME", "DSN",
         "ENHANCEDSTATUSCODES", "ETRN", "SMTPUTF8", "STARTTLS", "XLOOP AB12", "SIZE 1000"}
    );
    EXPECT_TRUE(found.esmtp && found.pipelining && found.eight_bit_mime && found.chunking);
    EXPECT_TRUE(found.binary_mime && found.dsn && found.enhanced_status_codes && found.etrn);
    EXPECT_TRUE(found.smtputf8 && found.starttls);
    EXPECT_EQ(found.size, 1000U);
    EXPECT_EQ(found.loop_hash, "AB12");
}

TEST(Capabilities, TheFirstLineIsANameOnly) {
    EXPECT_FALSE(parse({"PIPELINING"}).pipelining);
}

TEST(Capabilities, SizeMayBeAbsentOrUnlimited) {
    EXPECT_EQ(parse({"x"}).size, std::nullopt);
    EXPECT_EQ(parse({"x", "SIZE"}).size, 0U);
    EXPECT_EQ(parse({"x", "SIZE 0"}).size, 0U);
    EXPECT_EQ(parse({"x", "SIZE lots"}).size, 0U);
}

TEST(Capabilities, BothFormsOfAuthAreMerged) {
    EXPECT_EQ(
        parse({"x", "AUTH PLAIN login", "AUTH=LOGIN CRAM-MD5"}).auth,
        (std::vector<std::string>{"PLAIN", "LOGIN", "CRAM-MD5"})
    );
}

}  // namespace
}  // namespace sluice::smtp
