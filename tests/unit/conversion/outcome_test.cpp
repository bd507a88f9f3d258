#include "conversion/outcome.h"

#include <gtest/gtest.h>

namespace sluice::conversion {
namespace {

using Kind = CommandEnd::Kind;

std::string judged(const CommandEnd& end, const char* options, bool has_output = true) {
    std::vector<std::string> warnings;
    const auto parsed = parse_output_options(options, warnings);
    const Verdict verdict = judge(end, parsed, has_output);
    return std::string(to_string(verdict.directive)) +
           (verdict.text.empty() ? "" : ": " + verdict.text) +
           (verdict.warnings.empty() ? "" : " warned");
}

TEST(Outcome, StatusWords) {
    for (const char* text :
         {"178029946", "0x0A9C857A", "0xa9c857a", "PMDF__FORCERETURN", "forcereturn",
          " pmdf__ForceReturn "})
        EXPECT_EQ(parse_status(text), Directive::force_return) << text;
    EXPECT_EQ(parse_status("178030250"), Directive::force_hold);
    EXPECT_EQ(parse_status("178030178"), Directive::force_delete);
    EXPECT_EQ(parse_status("178030259"), Directive::force_discard);
    EXPECT_EQ(parse_status("178028698"), Directive::again);
    EXPECT_EQ(parse_status("PMDF__NOCHANGE"), Directive::no_change);
    for (const char* text : {"", "0", "1", "178029947", "PMDF__", "FORCE"})
        EXPECT_FALSE(parse_status(text)) << text;
}

TEST(Outcome, SuccessTakesTheOutput) {
    EXPECT_EQ(judged({Kind::exited, 0, {}}, ""), "none");
    EXPECT_EQ(judged({Kind::exited, 0, {}}, "", false), "NOCHANGE");
}

TEST(Outcome, FailureKeepsThePart) {
    EXPECT_EQ(judged({Kind::exited, 1, {}}, ""), "NOCHANGE warned");
    EXPECT_EQ(judged({Kind::exited, 127, {}}, ""), "NOCHANGE warned");
}

TEST(Outcome, WhatIsNoVerdictIsTriedAgain) {
    EXPECT_EQ(judged({Kind::exited, 75, {}}, "").substr(0, 3), "AGN");
    EXPECT_EQ(judged({Kind::killed, 11, {}}, ""), "AGN: conversion command died of signal 11");
    EXPECT_EQ(judged({Kind::limited, 0, "300 s"}, ""), "AGN: conversion command stopped: 300 s");
    EXPECT_EQ(judged({Kind::failed, 0, "no room"}, ""), "AGN: conversion command not run: no room");
}

TEST(Outcome, StatusWinsOverTheExitStatus) {
    EXPECT_EQ(
        judged({Kind::exited, 3, {}}, "STATUS=FORCERETURN\nOUTPUT_DIAGNOSTIC=\"a virus\"\n"),
        "FORCERETURN: a virus"
    );
    EXPECT_EQ(judged({Kind::killed, 9, {}}, "STATUS=178030250"), "FORCEHOLD");
    EXPECT_EQ(judged({Kind::exited, 0, {}}, "STATUS=whatever"), "none warned");
}

TEST(Outcome, LimitWinsOverWhatWasSaidBeforeIt) {
    EXPECT_EQ(
        judged({Kind::limited, 0, "time"}, "STATUS=FORCEDISCARD"),
        "AGN: conversion command stopped: time"
    );
}

TEST(Outcome, OptionsAreLines) {
    std::vector<std::string> warnings;
    const auto options = parse_output_options(
        "output_type=Text\r\nOUTPUT_SUBTYPE = \"h\\\"tml\"\n! comment\n\nOUTPUT_MODE=text\n"
        "OUTPUT_DISPOSITION=inline\nOUTPUT_ENCODING=BASE64\nOUTPUT_DESCRIPTION=a = b\nOTHER=1\nx\n",
        warnings
    );
    EXPECT_EQ(options.type, "Text");
    EXPECT_EQ(options.subtype, "h\"tml");
    EXPECT_EQ(options.description, "a = b");
    EXPECT_EQ(warnings.size(), 2U);
    Labels labels;
    labels.type_parameters = {{"charset", "utf-8"}};
    apply_options(options, labels);
    EXPECT_EQ(labels.type, "text");
    EXPECT_EQ(labels.subtype, "h\"tml");
    EXPECT_TRUE(labels.type_parameters.empty());
    EXPECT_EQ(labels.encoding, "base64");
    EXPECT_TRUE(labels.text_mode);
}

}  // namespace
}  // namespace sluice::conversion
