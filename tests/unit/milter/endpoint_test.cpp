#include "milter/endpoint.h"

#include <gtest/gtest.h>

namespace sluice::milter {
namespace {

struct Row {
    const char* text;
    const char* meaning;  ///< nullptr: none
};

class EndpointSpelling : public testing::TestWithParam<Row> {};

TEST_P(EndpointSpelling, IsReadAsPostfixAndSendmailWriteIt) {
    const auto endpoint = parse_endpoint(GetParam().text);
    ASSERT_EQ(endpoint.has_value(), GetParam().meaning != nullptr) << GetParam().text;
    if (!endpoint) return;
    EXPECT_EQ(endpoint->to_string(), GetParam().meaning);
}

INSTANTIATE_TEST_SUITE_P(
    Spellings,
    EndpointSpelling,
    testing::Values(
        Row{"inet:localhost:8891", "inet:localhost:8891"},
        Row{"inet:8891@localhost", "inet:localhost:8891"},
        Row{"inet6:[::1]:8891", "inet6:[::1]:8891"},
        Row{"inet6:8891@[::1]", "inet6:[::1]:8891"},
        Row{"INET:127.0.0.1:1 ", "inet:127.0.0.1:1"},
        Row{"unix:/run/opendkim.sock", "unix:/run/opendkim.sock"},
        Row{"local:/run/opendkim.sock", "unix:/run/opendkim.sock"},
        Row{"/run/opendkim.sock", "unix:/run/opendkim.sock"},
        Row{"unix:run/opendkim.sock", nullptr},
        Row{"inet:localhost", nullptr},
        Row{"inet:localhost:0", nullptr},
        Row{"inet:localhost:65536", nullptr},
        Row{"inet::8891", nullptr},
        Row{"localhost:8891", nullptr},
        Row{"", nullptr}
    )
);

}  // namespace
}  // namespace sluice::milter
