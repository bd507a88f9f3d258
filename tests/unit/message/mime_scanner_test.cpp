#include "message/mime_scanner.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sluice::message {
namespace {

/// Writes "\n" as CRLF.
std::string wire(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '\n' ? "\r\n" : std::string(1, c);
    return out;
}

/// Number, kind and type of each part, indented, with its body where it is a leaf.
std::string outline(const std::string& message, const MimeLimits& limits = {}) {
    std::string out;
    for (const MimePart& part : scan_message(message, limits)) {
        std::string line = part.to_debug_string();
        const std::size_t ranges = line.find(" header ");
        const std::size_t words = line.find(' ', line.find(" body ") + 6);
        const std::string trouble = words == std::string::npos ? "" : line.substr(words);
        out += std::string(2UL * part.depth, ' ') + line.substr(0, ranges) + trouble;
        if (part.is_leaf()) out += " <" + message.substr(part.body.begin, part.body.size()) + '>';
        out += '\n';
    }
    return out;
}

/// What a sink is told, as text.
class Record : public MimeSink {
public:
    void part_begun(const MimePart& part) override { log_ += '{' + std::to_string(part.index); }
    void header_ended(const MimePart& part) override { log_ += '[' + part.media_type() + ']'; }
    void piece(PieceKind kind, const MimePart& part, std::string_view bytes) override {
        const std::string now =
            "hbBpdce"[static_cast<std::size_t>(kind)] + std::to_string(part.index);
        if (now != last_ || !log_.ends_with('>')) {
            log_ += now + '<';
        } else {
            log_.pop_back();
        }
        log_ += std::string(bytes) + '>';
        last_ = now;
        all_ += bytes;
    }
    void part_ended(const MimePart& part) override { log_ += std::to_string(part.index) + '}'; }

    [[nodiscard]] const std::string& log() const { return log_; }
    [[nodiscard]] const std::string& all() const { return all_; }

private:
    std::string log_;
    std::string all_;
    std::string last_;
};

std::string all_debug_strings(const MimeParts& parts) {
    std::string out;
    for (const MimePart& part : parts) {
        out += part.to_debug_string() + ' ' + std::to_string(part.delimiter.begin) + ' ' +
               std::to_string(part.delimiter.end) + ' ' + std::to_string(part.close.begin) + ' ' +
               std::to_string(part.close.end) + '\n';
    }
    return out;
}

const std::string nested = wire(
    "Subject: all\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"out er\"\n\n"
    "preamble\n--out er\nContent-Type: text/html; charset=utf-8\n"
    "Content-Disposition: Attachment; filename=\"x.html\"\nContent-Description: "
    "=?utf-8?Q?caf=C3=A9?=\n"
    "Content-ID: <1@x>\nContent-Transfer-Encoding: Base64\n\naGVsbG8=\n--out er  \n"
    "Content-Type: message/rfc822\n\nSubject: inner\nContent-Type: multipart/alternative; "
    "boundary=in\n\n"
    "--in\n\none\n\n--in\nContent-Type: text/html\n\ntwo\n--in--\n--out er\n\n--out "
    "er--\nepilogue\n"
);

TEST(MimeScanner, FindsTheParts) {
    EXPECT_EQ(
        outline(nested),
        "- multipart multipart/mixed\n"
        "  1 leaf text/html <aGVsbG8=>\n"
        "  2 message message/rfc822\n"
        "    2 multipart multipart/alternative\n"
        "      2.1 leaf text/plain <one\r\n>\n"
        "      2.2 leaf text/html <two>\n"
        "  3 leaf text/plain <>\n"
    );
}

TEST(MimeScanner, ReadsTheLabels) {
    const MimeParts parts = scan_message(nested);
    const MimePart& part = parts.at(1);
    EXPECT_EQ(parameter_value(part.type.parameters, "charset"), "utf-8");
    EXPECT_EQ(part.disposition, "attachment");
    EXPECT_EQ(parameter_value(part.disposition_parameters, "filename"), "x.html");
    EXPECT_EQ(part.description, "caf\xC3\xA9");
    EXPECT_EQ(part.content_id, "<1@x>");
    EXPECT_EQ(part.encoding, TransferEncoding::base64);
    EXPECT_EQ(part.encoding_name, "Base64");
    EXPECT_TRUE(parts.at(0).is_message_header);
    EXPECT_FALSE(part.is_message_header);
    EXPECT_TRUE(parts.at(3).is_message_header);
    EXPECT_EQ(children_of(parts, 0), (std::vector<std::size_t>{1, 2, 6}));
}

TEST(MimeScanner, SaysWhereEverythingIs) {
    const MimeParts parts = scan_message(nested);
    const auto text = [&](const ByteRange& range) {
        return nested.substr(range.begin, range.size());
    };
    EXPECT_EQ(text(parts[0].preamble), "preamble");
    EXPECT_EQ(text(parts[0].close), "--out er--");  // the blank line owns the line end
    EXPECT_EQ(text(parts[0].epilogue), "\r\nepilogue\r\n");
    EXPECT_EQ(text(parts[0].blank_line), "\r\n");
    EXPECT_EQ(parts[0].body.end, nested.size());
    EXPECT_TRUE(text(parts[0].header).ends_with("\"out er\"\r\n"));
    EXPECT_EQ(text(parts[1].delimiter), "\r\n--out er\r\n");
    EXPECT_EQ(text(parts[2].delimiter), "\r\n--out er  \r\n");
    EXPECT_TRUE(text(parts[2].body).starts_with("Subject: inner"));
    EXPECT_TRUE(text(parts[2].body).ends_with("two\r\n--in--"));
    EXPECT_EQ(text(parts[3].epilogue), "");
    EXPECT_EQ(text(parts[4].delimiter), "--in\r\n");
    EXPECT_EQ(text(parts[6].whole()), "\r\n--out er\r\n\r\n");
}

TEST(MimeScanner, GivesEachOctetOnceInPiecesOfAnySize) {
    Record whole;
    MimeScanner scanner({}, &whole);
    scanner.feed(nested);
    scanner.finish();
    EXPECT_EQ(whole.all(), nested);
    const std::string expected = all_debug_strings(scanner.parts());
    for (std::size_t size = 1; size < 40; ++size) {
        Record record;
        MimeScanner in_pieces({}, &record);
        for (std::size_t i = 0; i < nested.size(); i += size)
            in_pieces.feed(std::string_view(nested).substr(i, size));
        in_pieces.finish();
        ASSERT_EQ(record.log(), whole.log()) << size;
        ASSERT_EQ(all_debug_strings(in_pieces.parts()), expected) << size;
    }
}

TEST(MimeScanner, TellsASinkInOrder) {
    Record record;
    MimeScanner scanner({}, &record);
    scanner.feed("Content-Type: multipart/x; boundary=b\n\np\n--b\nA: b\n\none\n--b--\ne");
    scanner.finish();
    EXPECT_EQ(
        record.log(),
        "{0h0<Content-Type: multipart/x; boundary=b\n>[multipart/x]b0<\n>p0<p>"
        "{1d1<\n--b\n>h1<A: b\n>[text/plain]b1<\n>B1<one>1}c0<\n--b-->e0<\ne>0}"
    );
}

struct Row {
    const char* name;
    std::string message;
    std::string outline;
};
void PrintTo(const Row& row, std::ostream* out) {
    *out << row.name;
}
class Wild : public testing::TestWithParam<Row> {};

TEST_P(Wild, IsReadAsFarAsItGoes) {
    EXPECT_EQ(outline(GetParam().message), GetParam().outline);
    Record record;
    MimeScanner scanner({}, &record);
    for (const char c : GetParam().message) scanner.feed(std::string_view(&c, 1));
    scanner.finish();
    EXPECT_EQ(record.all(), GetParam().message);
}

const std::string mixed = "Content-Type: multipart/mixed; boundary=b\n\n";
INSTANTIATE_TEST_SUITE_P(
    Rows,
    Wild,
    testing::Values(
        Row{"nothing", "", "1 leaf text/plain no_blank_line <>\n"},
        Row{"header alone", "Subject: x\n", "1 leaf text/plain no_blank_line <>\n"},
        Row{"body alone", "\nbody", "1 leaf text/plain <body>\n"},
        Row{"text alone", "just some text\nand more\n",
            "1 leaf text/plain no_blank_line <just some text\nand more\n>\n"},
        Row{"mailbox separator", "From x@y\nContent-Type: text/html\n\nbody",
            "1 leaf text/html <body>\n"},
        Row{"never opened", mixed + "text\n-- b\n --b\n--bb\n",
            "- multipart multipart/mixed never_opened\n"},
        Row{"not closed", mixed + "--b\n\none\n",
            "- multipart multipart/mixed not_closed\n  1 leaf text/plain <one\n>\n"},
        Row{"closed at once", mixed + "--b--\n", "- multipart multipart/mixed\n"},
        Row{"closed without line end", mixed + "--b\n\none\n--b--",
            "- multipart multipart/mixed\n  1 leaf text/plain <one>\n"},
        Row{"opened at the end", mixed + "--b\n\none\n--b",
            "- multipart multipart/mixed not_closed\n  1 leaf text/plain <one>\n"
            "  2 leaf text/plain no_blank_line <>\n"},
        Row{"no boundary parameter", "Content-Type: multipart/mixed\n\n--b\n\none\n--b--\n",
            "1 leaf multipart/mixed no_boundary <--b\n\none\n--b--\n>\n"},
        Row{"empty boundary", "Content-Type: multipart/mixed; boundary=\"  \"\n\n--\n",
            "1 leaf multipart/mixed no_boundary <--\n>\n"},
        Row{"blank at the end of the boundary",
            "Content-Type: multipart/mixed; boundary=\"b \"\n\n--b\n\none\n--b --\n--b--\n",
            "- multipart multipart/mixed\n  1 leaf text/plain <one\n--b -->\n"},
        Row{"boundary twice", mixed + "--b\n--b\r\n\none\n--b\n--b--\n",
            "- multipart multipart/mixed\n  1 leaf text/plain <one>\n  2 leaf text/plain "
            "no_blank_line <>\n"},
        Row{"inner not closed",
            mixed + "--b\nContent-Type: multipart/x; "
                    "boundary=c\n\n--c\n\none\n--b\n\ntwo\n--c--\n--b--\n",
            "- multipart multipart/mixed\n  1 multipart multipart/x not_closed\n"
            "    1.1 leaf text/plain <one>\n  2 leaf text/plain <two\n--c-->\n"},
        Row{"boundary begins another",
            "Content-Type: multipart/mixed; boundary=b1\n\n--b1\nContent-Type: multipart/x; "
            "boundary=b\n\n"
            "--b\n\none\n--b--\n--b1--\n",
            "- multipart multipart/mixed\n  1 multipart multipart/x\n    1.1 leaf text/plain "
            "<one>\n"},
        Row{"parts behind the end", mixed + "--b\n\none\n--b--\n\n--b\n\ntwo\n",
            "- multipart multipart/mixed\n  1 leaf text/plain <one>\n"},
        Row{"boundary in the header", mixed + "--b\nContent-Type: text/html\n--b\n\ntwo\n--b--\n",
            "- multipart multipart/mixed\n  1 leaf text/html no_blank_line <>\n  2 leaf text/plain "
            "<two>\n"},
        Row{"boundary instead of an embedded message",
            mixed + "--b\nContent-Type: message/rfc822\n--b--\n",
            "- multipart multipart/mixed\n  1 message message/rfc822 no_blank_line\n"
            "    1.1 leaf text/plain no_blank_line <>\n"},
        Row{"no blank line", mixed + "--b\nContent-Type: text/html\n<html>\n--b\n<p>\n--b--\n",
            "- multipart multipart/mixed\n  1 leaf text/html no_blank_line <<html>>\n"
            "  2 leaf text/plain no_blank_line <<p>>\n"},
        Row{"no blank line in front of a message",
            mixed + "--b\nContent-Type: message/rfc822\n(hello)\n--b--\n",
            "- multipart multipart/mixed\n  1 message message/rfc822 no_blank_line\n"
            "    1.1 leaf text/plain no_blank_line <(hello)>\n"},
        Row{"mixed line ends",
            "Content-Type: multipart/mixed; "
            "boundary=b\r\n\n--b\r\n\none\r\ntwo\n--b\n\r\nthree\r\n--b--\r\n",
            "- multipart multipart/mixed\n  1 leaf text/plain <one\r\ntwo>\n  2 leaf text/plain "
            "<three>\n"},
        Row{"lonely CR", mixed + "--b\n\none\r--b\r\r\n--b--\n",
            "- multipart multipart/mixed\n  1 leaf text/plain <one\r--b\r>\n"},
        Row{"CR alone at the end", mixed + "--b\n\none\n--b--\r",
            "- multipart multipart/mixed not_closed\n  1 leaf text/plain <one\n--b--\r>\n"},
        Row{"CR alone at the end of a header", mixed + "--b\nA: b\n--b--\r",
            "- multipart multipart/mixed not_closed\n"
            "  1 leaf text/plain no_blank_line <--b--\r>\n"},
        Row{"digest",
            "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\none\n--b\n"
            "Content-Type: text/plain\n\ntwo\n--b--\n",
            "- multipart multipart/digest\n  1 message message/rfc822\n    1.1 leaf text/plain "
            "<one>\n"
            "  2 leaf text/plain <two>\n"},
        Row{"embedded message as base64",
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeA==\n",
            "1 leaf message/rfc822 encoded_message <U3ViamVjdDogeA==\n>\n"},
        Row{"encoding of a multipart does not count",
            "Content-Transfer-Encoding: base64\n" + mixed + "--b\n\none\n--b--\n",
            "- multipart multipart/mixed\n  1 leaf text/plain <one>\n"},
        Row{"message in message",
            "Content-Type: message/rfc822\n\nContent-Type: message/global\n\nSubject: x\n\nbody",
            "1 message message/rfc822\n  1.1 message message/global\n    1.1.1 leaf text/plain "
            "<body>\n"},
        Row{"second Content-Type", "Content-Type: text/html\nContent-Type: image/png\n\n",
            "1 leaf text/html <>\n"},
        Row{"same boundary inside",
            mixed + "--b\nContent-Type: multipart/x; boundary=b\n\n--b\n\none\n--b--\n--b--\n",
            "- multipart multipart/mixed\n  1 multipart multipart/x\n    1.1 leaf text/plain "
            "<one>\n"}
    )
);

TEST(MimeScanner, ContainersBelowTheLimitAreLeaves) {
    std::string message;
    for (int i = 0; i < 4; ++i) message += "Content-Type: message/rfc822\n\n";
    EXPECT_EQ(
        outline(message + "Subject: x\n\nbody", {.depth = 2}),
        "1 message message/rfc822\n  1.1 message message/rfc822\n"
        "    1.1.1 leaf message/rfc822 too_deep "
        "<Content-Type: message/rfc822\n\nSubject: x\n\nbody>\n"
    );
}

TEST(MimeScanner, PartsBeyondTheLimitAreOneLeaf) {
    std::string message = mixed;
    for (int i = 0; i < 5; ++i) message += "--b\n\npart\n";
    EXPECT_EQ(
        outline(message + "--b--\n", {.parts = 4}),
        "- multipart multipart/mixed not_closed\n  1 leaf text/plain <part>\n  2 leaf text/plain "
        "<part>\n"
        "  3 leaf text/plain too_many_parts <\npart\n--b\n\npart\n--b\n\npart\n--b--\n>\n"
    );
}

TEST(MimeScanner, LabelsHaveACeiling) {
    std::string message = mixed;
    for (int i = 0; i < 100; ++i)
        message += "--b\nContent-Description: " + std::string(1000, 'x') + "\n\npart\n";
    MimeLimits limits;
    limits.labels = 10'000;
    const MimeParts parts = scan_message(message, limits);
    EXPECT_LT(parts.size(), 13U);
    EXPECT_TRUE(parts.back().trouble.too_many_parts);
    EXPECT_EQ(parts.back().body.end, message.size());
}

TEST(MimeScanner, ALongHeaderIsReadAsFarAsTheLimit) {
    const std::string header =
        "Content-Type: text/html\nX: " + std::string(5000, 'x') + "\nContent-ID: <1@x>\nX: y\n";
    MimeLimits limits;
    limits.header = 1000;
    const MimeParts parts = scan_message(header + "\nbody", limits);
    EXPECT_TRUE(parts[0].trouble.header_cut);
    EXPECT_EQ(parts[0].type.subtype, "html");
    EXPECT_EQ(parts[0].content_id, "");
    EXPECT_EQ(parts[0].header.size(), header.size());
    EXPECT_EQ(parts[0].body.size(), 4U);
}

TEST(MimeScanner, AFieldThatIsCutDoesNotCount) {
    MimeLimits limits;
    limits.header = 60;
    const MimeParts parts = scan_message(
        "Subject: x\nContent-Type: multipart/mixed;\n boundary=\"" + std::string(40, 'b') +
            "\"\n\n",
        limits
    );
    EXPECT_EQ(parts[0].media_type(), "text/plain");
    EXPECT_TRUE(parts[0].trouble.header_cut);
}

TEST(MimeScanner, LongLinesAreNoBoundaries) {
    const std::string boundary(990, 'b');
    const std::string head = "Content-Type: multipart/mixed; boundary=";
    EXPECT_EQ(
        outline(head + boundary + "\n\n--" + boundary + "\n\none\n--" + boundary + "--\n"),
        "- multipart multipart/mixed\n  1 leaf text/plain <one>\n"
    );
    EXPECT_TRUE(scan_message(head + boundary + "bbb\n\n")[0].trouble.no_boundary);
    const std::string dashes(5000, '-');
    EXPECT_EQ(
        outline(mixed + "--b\n\n" + dashes + "\r\n--b--\n"),
        "- multipart multipart/mixed\n  1 leaf text/plain <" + dashes + ">\n"
    );
}

TEST(MimeScanner, ALineWithoutEndIsNotKept) {
    MimeScanner scanner;
    scanner.feed(mixed);
    const std::string piece(1'000'000, '-');
    for (int i = 0; i < 50; ++i) scanner.feed(piece);
    scanner.finish();
    EXPECT_EQ(scanner.parts()[0].preamble.size(), 50'000'000U);
}

}  // namespace
}  // namespace sluice::message
