#include "config/header_options.h"

#include <gtest/gtest.h>

namespace sluice::config {
namespace {

using message::HeaderOptions;

struct Read {
    HeaderOptions options;
    std::vector<std::string> codes;
};

Read read(std::string_view text) {
    Diagnostics diagnostics;
    Read out;
    out.options = parse_header_options(text, "tcp_local_headers.opt", diagnostics);
    for (const Diagnostic& one : diagnostics.items()) {
        out.codes.push_back(
            one.code + "@" + std::to_string(one.where.line) + ":" + std::to_string(one.where.column)
        );
    }
    return out;
}

TEST(HeaderOptionFile, EveryOption) {
    const Read got = read(
        "! what leaves the site\n"
        "\n"
        "Received: MAXIMUM=3, MAXLINES = 10,\n"
        "   precedence=-2\n"
        "Comments: ADD=\"a \\\"b\\\", c\", GROUP=1\n"
        "organization: FILL=Example, LINELENGTH=60, MAXCHARS=200\r\n"
        "X-Prio: RELABEL=\"Priority:\"\n"
        "Other: MAXIMUM=-1, MAXLINES=-1\n"
        "Defaults: MAXCHARS=0, PRECEDENCE=3\n"
    );
    EXPECT_TRUE(got.codes.empty());
    HeaderOptions wanted;
    wanted.lines["Received"] = {.maximum = 3, .max_lines = 10, .precedence = -2};
    wanted.lines["Comments"] = {.add = "a \"b\", c", .group = true};
    wanted.lines["organization"] = {.fill = "Example", .line_length = 60, .max_chars = 200};
    wanted.lines["X-Prio"] = {.relabel = "Priority"};
    wanted.other = message::LineOptions{.maximum = 0};
    wanted.defaults = message::LineOptions{.precedence = 3};
    EXPECT_EQ(got.options, wanted);
}

TEST(HeaderOptionFile, EveryMistakeIsNamedInOnePass) {
    using Codes = std::vector<std::string>;
    EXPECT_EQ(read("  MAXIMUM=1\n").codes, Codes{"E450@1:1"});
    EXPECT_EQ(read("no colon\n  MAXIMUM=1\nTo: MAXIMUM=1\n").codes, Codes{"E450@1:1"});
    EXPECT_EQ(read("To: MAXIMUM\n").codes, Codes{"E451@1:5"});
    EXPECT_EQ(read("To: ADD=\"a\" b\n").codes, Codes{"E451@1:13"});
    EXPECT_EQ(
        read("To: ADD=\"a\nCc: MAXIMUM=x, GROUP=0\n").codes, (Codes{"E452@1:9", "E405@2:13"})
    );
    EXPECT_EQ(
        read("Other: ADD=a, FILL=b, RELABEL=c\n").codes,
        (Codes{"E453@1:8", "E453@1:15", "E453@1:23"})
    );
    EXPECT_EQ(read("To: MAXIMUN=1\n").codes, Codes{"W405@1:5"});
    EXPECT_EQ(read("To: MAXIMUM=1\nTO: MAXCHARS=1\n").codes, Codes{"W450@2:1"});
    EXPECT_EQ(read("To: MAXIMUM=0\n").codes, Codes{"W452@1:13"});
    EXPECT_EQ(read("To: RELABEL=\"a b\"\n").codes, Codes{"E405@1:13"});
}

TEST(HeaderOptionFile, MissingFileIsAFindingAtTheKeyword) {
    MemoryFiles files({});
    Diagnostics diagnostics;
    const SourceLocation place{std::make_shared<const std::string>("imta.cnf"), 12, 3};
    const auto options = load_header_options(files, "/x/l_headers.opt", place, diagnostics);
    ASSERT_TRUE(options);
    EXPECT_TRUE(options->empty());
    ASSERT_EQ(diagnostics.items().size(), 1U);
    EXPECT_EQ(diagnostics.items()[0].code, "W451");
    EXPECT_EQ(diagnostics.items()[0].where.to_string(), "imta.cnf:12:3");
}

}  // namespace
}  // namespace sluice::config
