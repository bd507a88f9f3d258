#include "converter/reformat.h"

#include <gtest/gtest.h>

#include "../../support/site.h"

namespace sluice::converter {
namespace {

class ReformatTest : public testing::Test {
protected:
    std::string mappings(const std::string& entries) {
        return read_file(SLUICE_SOURCE_DIR "/config/mappings").value() +
               "\nCHARSET-CONVERSION\n\n" + entries;
    }
    /// The message as it goes on; "unchanged" where it does.
    std::string reformatted(
        const std::string& entries,
        const std::string& message,
        const ReformatWay& way = {"a", "b", {}}
    ) {
        std::map<std::string, std::string> files{{"mappings", mappings(entries)}};
        if (!labels_.empty()) {
            std::string text = read_file(SLUICE_SOURCE_DIR "/config/imta.cnf").value();
            const std::string channel = "\ntcp_local smtp ";
            text.insert(text.find(channel) + channel.size(), labels_ + ' ');
            files["imta.cnf"] = text;
        }
        const auto site = test::make_site(files);
        mapping::NoAnswers answers;
        choice_ = choose_reformat(*site, way, answers);
        if (choice_.kind != ReformatChoice::Kind::reformat) return "not chosen";
        const ReformatTask task{
            *site,
            site->conversions,
            choice_.keywords,
            way,
            "",
            "",
            {},
            std::make_shared<TextSource>(message),
            "",
            testing::TempDir(),
            "",
            answers};
        auto made = Reformatted::run(task);
        if (!made) return "error " + made.error().detail();
        records_.clear();
        for (const ReformatRecord& record : made->records())
            records_ += record.number + ' ' + record.what + '\n';
        warnings_ = made->warnings();
        if (made->is_unchanged()) return "unchanged";
        std::string text;
        EXPECT_TRUE(made->write([&](std::string_view octets) -> Result<void> {
            text += octets;
            return {};
        }));
        return text;
    }

    std::string labels_;  ///< keywords of tcp_local
    ReformatChoice choice_;
    std::string records_;
    std::vector<std::string> warnings_;
};

const std::string latin =
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
    "Content-Transfer-Encoding: 8bit\r\n\r\n\xE4\r\n";
const std::string to_utf8 = "  *;CONVERT  Yes\n  *;IN-CHARSET=iso-8859-1  OUT-CHARSET=utf-8\n";

TEST_F(ReformatTest, FirstProbeDecides) {
    EXPECT_EQ(reformatted("  *;CONVERT  No\n", latin), "not chosen");
    EXPECT_EQ(reformatted("  *;CONVERT  Level\n", latin), "not chosen");
    EXPECT_EQ(reformatted("  IN-CHAN=x;*  Yes\n", latin), "not chosen");
    EXPECT_EQ(choice_.text, "IN-CHAN=a;OUT-CHAN=b;CONVERT: no entry matches");
    EXPECT_EQ(reformatted("  *;CONVERT  Yes\n", latin), "unchanged");
    const ReformatWay diverted{"a", "b", {}, true};
    EXPECT_EQ(reformatted("  *;CONVERT  Yes\n", latin, diverted), "not chosen");
    EXPECT_EQ(reformatted("  *;CONVERT  always\n", latin, diverted), "unchanged");
}

TEST_F(ReformatTest, TableWithoutAnAnswerIsNotPassedBy) {
    EXPECT_EQ(
        reformatted("  *;CONVERT  $[IMTA_LIB:dns_verify.so,dns_verify,x]Yes\n", latin), "not chosen"
    );
    const auto site = test::make_site({{"mappings", mappings("  *;CONVERT  ${k}Yes\n")}});
    class Busy final : public mapping::Answers {
    public:
        mapping::Answer ask(const mapping::Question&) override {
            return mapping::Answer::temporary();
        }
    } busy;
    EXPECT_EQ(choose_reformat(*site, {"a", "b", {}}, busy).kind, ReformatChoice::Kind::not_now);
}

TEST_F(ReformatTest, SetAndLabelChangeTogether) {
    EXPECT_EQ(
        reformatted(to_utf8, latin),
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\n\xC3\xA4\r\n"
    );
    EXPECT_EQ(records_, "1 character set iso-8859-1 to utf-8, 8bit\n");
}

const ReformatWay from_outside{"tcp_local", "l", {}, true};
const std::string no_table = "  *;CONVERT  No\n";

TEST_F(ReformatTest, TextWithoutALabelGetsThatOfItsChannel) {
    labels_ = "charset7 us-ascii charset8 iso-8859-1 charsetesc iso-2022-jp";
    const std::string head = "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/";
    EXPECT_EQ(
        reformatted(no_table, head + "plain\r\n\r\nabc\r\n", from_outside),
        head + "plain; charset=us-ascii\r\n\r\nabc\r\n"
    );
    EXPECT_EQ(
        reformatted(no_table, head + "html\r\n\r\n\xE4\r\n", from_outside),
        head + "html; charset=iso-8859-1\r\n\r\n\xE4\r\n"
    );
    EXPECT_EQ(records_, "1 character set is iso-8859-1\n");
    EXPECT_EQ(
        reformatted(no_table, head + "plain\r\n\r\n\x1b$BF|\r\n", from_outside),
        head + "plain; charset=iso-2022-jp\r\n\r\n\x1b$BF|\r\n"
    );
    EXPECT_EQ(
        reformatted(no_table, "Subject: x\r\n\r\nabc\r\n", from_outside),
        "Subject: x\r\nContent-Type: text/plain; charset=us-ascii\r\nMIME-Version: "
        "1.0\r\n\r\nabc\r\n"
    );
    // What has one keeps it; other channels and other types do not get one.
    EXPECT_EQ(reformatted(no_table, latin, from_outside), "unchanged");
    EXPECT_EQ(
        reformatted(no_table, "Content-Type: image/png\r\n\r\nabc\r\n", from_outside), "unchanged"
    );
    EXPECT_EQ(reformatted(no_table, "Subject: x\r\n\r\nabc\r\n"), "not chosen");
}

TEST_F(ReformatTest, WhatTheEncodingHidesCounts) {
    labels_ = "charset7 us-ascii charset8 iso-8859-1";
    const std::string encoded = "\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=E4\r\n";
    EXPECT_EQ(
        reformatted(no_table, "Content-Type: text/plain" + encoded, from_outside),
        "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: "
        "quoted-printable\r\nMIME-Version: 1.0\r\n\r\n=E4\r\n"
    );
}

TEST_F(ReformatTest, SomeLabelsAloneLeaveTheOthersOut) {
    labels_ = "charset8 utf-8";
    EXPECT_EQ(reformatted(no_table, "Subject: x\r\n\r\nabc\r\n", from_outside), "unchanged");
    const std::string out = reformatted(
        no_table,
        "Subject: a \xC3\xA4\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nabc\r\n",
        from_outside
    );
    EXPECT_TRUE(out.starts_with("Subject: a =?utf-8?Q?=C3=A4?=\r\n")) << out;
}

TEST_F(ReformatTest, ALabelThatWasGivenIsConverted) {
    labels_ = "charset8 iso-8859-1";
    const std::string out = reformatted(
        to_utf8, "Subject: \xE4\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xE4\r\n",
        {"tcp_local", "l", {}}
    );
    EXPECT_TRUE(out.starts_with("Subject: =?utf-8?Q?=C3=A4?=\r\n")) << out;
    EXPECT_NE(out.find("charset=utf-8"), std::string::npos) << out;
    EXPECT_TRUE(out.ends_with("\r\n\r\n\xC3\xA4\r\n")) << out;
}

TEST_F(ReformatTest, SevenBitPartsStaySevenBit) {
    const std::string out = reformatted(
        "  *;CONVERT  Yes\n  *;IN-CHARSET=iso-2022-jp  OUT-CHARSET=utf-8\n",
        "Content-Type: text/plain; charset=iso-2022-jp\r\n\r\nlong enough text in front of it "
        "\x1b$BF|K\\\x1b(B\r\n"
    );
    EXPECT_NE(out.find("Content-Transfer-Encoding: quoted-printable"), std::string::npos) << out;
    EXPECT_NE(out.find("=E6=97=A5=E6=9C=AC\r\n"), std::string::npos) << out;
}

TEST_F(ReformatTest, OneProbeForASetHoweverManyParts) {
    std::string message = "Content-Type: multipart/mixed; boundary=b\r\n";
    for (int i = 0; i < 100; ++i) message += "X: =?x-" + std::to_string(i) + "?Q?a?=\r\n";
    message += "\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\none\r\n--b--\r\n";
    EXPECT_EQ(reformatted(to_utf8, message), "unchanged") << "beyond the sets that are asked about";
}

TEST_F(ReformatTest, UnknownSetsAreToldAndLeft) {
    EXPECT_EQ(
        reformatted("  *;CONVERT  Yes\n  *;IN-CHARSET=*  OUT-CHARSET=utf-88\n", latin), "unchanged"
    );
    EXPECT_EQ(
        warnings_, std::vector<std::string>{"CHARSET-CONVERSION: character set utf-88 is not known"}
    );
}

TEST_F(ReformatTest, LabelAloneKeepsTheOctets) {
    EXPECT_EQ(
        reformatted("  *;CONVERT  Yes\n  *;IN-CHARSET=iso-8859-1  IN-CHARSET=iso-8859-15\n", latin),
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-15\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\n\xE4\r\n"
    );
}

TEST_F(ReformatTest, SignedPartsKeepEveryOctet) {
    const std::string signed_message =
        "Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n" + latin +
        "\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--s--\r\n";
    EXPECT_EQ(reformatted(to_utf8, signed_message), "unchanged");
}

TEST_F(ReformatTest, ConvertedTextThatShowsABoundaryIsEncoded) {
    const std::string out = reformatted(
        "  *;CONVERT  Yes\n  *;IN-CHARSET=utf-16be  OUT-CHARSET=utf-8\n",
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        "Content-Type: text/plain; charset=utf-16be\r\nContent-Transfer-Encoding: binary\r\n\r\n" +
            std::string("\0-\0-\0b\0\r\0\n", 10) + "\r\n--b--\r\n"
    );
    EXPECT_NE(out.find("quoted-printable\r\n\r\n=2D-b\r\n"), std::string::npos) << out;
}

TEST_F(ReformatTest, LevelsGoBeforeSetsChange) {
    const std::string out = reformatted(
        "  *;CONVERT  Yes,Level\n  *;IN-CHARSET=iso-8859-1  OUT-CHARSET=utf-8\n",
        "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
        "boundary=b\r\n\r\n--b\r\n" +
            latin + "\r\n--b--\r\n"
    );
    EXPECT_EQ(
        out,
        "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\n\xC3\xA4\r\n"
    );
}

}  // namespace
}  // namespace sluice::converter
