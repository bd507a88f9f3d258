#include "message/body_text_writer.h"

#include <gtest/gtest.h>

namespace sluice::message {
namespace {

/// Writes "\n" as CRLF.
std::string wire(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '\n' ? "\r\n" : std::string(1, c);
    return out;
}

std::string plain(std::string_view text) {
    std::string out(text);
    std::erase(out, '\r');
    return out;
}

/// Header and body as a list sends them on, in pieces of any size.
std::string distributed(const std::string& header, const std::string& body, const BodyText& text) {
    const std::string fields = wire(header);
    const std::string content = wire(body);
    std::string first;
    for (const std::size_t piece : {content.size() + 1, std::size_t{1}, std::size_t{3}}) {
        BodyTextWriter writer(text, fields);
        std::string out = apply_edits(fields, BodyTextWriter::header_changes(text, fields));
        for (std::size_t i = 0; i < content.size(); i += piece)
            writer.feed(std::string_view(content).substr(i, piece), out);
        writer.finish(out);
        if (first.empty()) first = out;
        EXPECT_EQ(out, first) << "pieces of " << piece;
    }
    return plain(first);
}

const BodyText both = {"before\n", "behind"};

TEST(BodyText, StandsAroundAPlainText) {
    EXPECT_EQ(distributed("A: b\n\n", "one\ntwo\n", both), "A: b\n\nbefore\none\ntwo\nbehind\n");
    EXPECT_EQ(distributed("A: b\n\n", "one", both), "A: b\n\nbefore\none\nbehind\n");
    EXPECT_EQ(distributed("A: b\n\n", "", both), "A: b\n\nbefore\nbehind\n");
    EXPECT_EQ(distributed("A: b\n\n", "one\n", {"p\n", ""}), "A: b\n\np\none\n");
    EXPECT_EQ(distributed("A: b\n\n", "one\n", {"", "s\n"}), "A: b\n\none\ns\n");
}

TEST(BodyText, StandsAroundTheFirstTextOfAMultipart) {
    const std::string header = "Content-Type: multipart/mixed; boundary=b\n\n";
    EXPECT_EQ(
        distributed(header, "pre\n--b\n\none\n--b\nContent-Type: text/plain\n\ntwo\n--b--\n", both),
        header + "pre\n--b\n\nbefore\none\nbehind\n--b\nContent-Type: text/plain\n\ntwo\n--b--\n"
    );
    EXPECT_EQ(
        distributed(header, "--b\n\n--b--\n", both), header + "--b\n\nbefore\nbehind\n--b--\n"
    );
    EXPECT_EQ(distributed(header, "--b\n\none\n", both), header + "--b\n\nbefore\none\nbehind\n");
    const std::string attachment =
        "--b\nContent-Disposition: attachment\n\nnot this\n--b\nContent-Type: image/png\n\nx\n";
    EXPECT_EQ(
        distributed(header, attachment + "--b\n\none\n--b--\n", both),
        header + attachment + "--b\n\nbefore\none\nbehind\n--b--\n"
    );
}

TEST(BodyText, IsEncodedAsThePartIs) {
    const std::string header = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n";
    const std::string base64 = header + "Content-Transfer-Encoding: base64\n\n";
    EXPECT_EQ(distributed(base64, "b25l\n", both), base64 + "YmVmb3JlDQpvbmUNCmJlaGluZA==\n");
    const std::string quoted = header + "Content-Transfer-Encoding: quoted-printable\n\n";
    EXPECT_EQ(
        distributed(quoted, "=6Fne=\n two\n", {"=\n", "\xC3\xA4"}),
        quoted + "=3D\n=6Fne=\n two\n=C3=A4\n"
    );
    const std::string eight = header + "Content-Transfer-Encoding: 8bit\n\n";
    EXPECT_EQ(distributed(eight, "\xC3\xB6\n", {"\xC3\xA4\n", ""}), eight + "\xC3\xA4\n\xC3\xB6\n");
}

TEST(BodyText, IsInThePartsCharacterSet) {
    const BodyText text = {"\xC3\xA4\xE2\x82\xAC\n", ""};
    const std::string latin =
        "MIME-Version: 1.0\nContent-Type: text/plain; "
        "charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\n";
    EXPECT_EQ(distributed(latin, "\xF6\n", text), latin + "\xE4?\n\xF6\n");
    EXPECT_EQ(
        distributed("A: b\n\n", "one = 1\n", text),
        "A: b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
        "quoted-printable\n"
        "MIME-Version: 1.0\n\n=C3=A4=E2=82=AC\none =3D 1\n"
    );
    // A file in another character set is taken for ISO 8859-1.
    EXPECT_EQ(distributed(latin, "\xF6\n", {"\xE4\n", ""}), latin + "\xE4\n\xF6\n");
    const std::string multipart = "Content-Type: multipart/mixed; boundary=b\n\n";
    EXPECT_EQ(
        distributed(multipart, "--b\nX: y\n\none\n--b--\n", text),
        multipart +
            "--b\nX: y\nContent-Type: text/plain; charset=utf-8\n"
            "Content-Transfer-Encoding: quoted-printable\n\n=C3=A4=E2=82=AC\none\n--b--\n"
    );
}

struct Untouched {
    const char* name;
    std::string header;
    std::string body;
};
void PrintTo(const Untouched& row, std::ostream* out) {
    *out << row.name;
}
class BodyTextLeaves : public testing::TestWithParam<Untouched> {};

TEST_P(BodyTextLeaves, AloneWhatItDoesNotFit) {
    const auto& [name, header, body] = GetParam();
    EXPECT_EQ(distributed(header, body, both), header + body);
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    BodyTextLeaves,
    testing::Values(
        Untouched{"html", "Content-Type: text/html\n\n", "<p>one</p>\n"},
        Untouched{
            "html first", "Content-Type: multipart/mixed; boundary=b\n\n",
            "--b\nContent-Type: text/html\n\n<p>\n--b\n\none\n--b--\n"},
        Untouched{
            "signed", "Content-Type: multipart/signed; boundary=b\n\n",
            "--b\n\none\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n"},
        Untouched{
            "signed inside", "Content-Type: multipart/mixed; boundary=a\n\n",
            "--a\nContent-Type: multipart/signed; "
            "boundary=b\n\n--b\n\none\n--b--\n--a\n\nfooter\n--a--\n"},
        Untouched{"embedded", "Content-Type: message/rfc822\n\n", "Subject: x\n\none\n"},
        Untouched{"encoding nobody knows", "Content-Transfer-Encoding: x-uuencode\n\n", "M=41\n"},
        Untouched{"sixteen bits", "Content-Type: text/plain; charset=utf-16le\n\n", "o\n"},
        Untouched{"nothing but octets", "Content-Type: application/pdf\n\n", "x"}
    )
);

}  // namespace
}  // namespace sluice::message
