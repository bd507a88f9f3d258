#include "message/mime_edit.h"

#include <gtest/gtest.h>

#include "message/mime_scanner.h"

namespace sluice::message {
namespace {

/// Writes "\n" as CRLF.
std::string wire(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '\n' ? "\r\n" : std::string(1, c);
    return out;
}

/// The message with changes made by `make`, with "\n" for CRLF.
std::string changed(const std::string& text, const std::function<void(MimeEdits&)>& make) {
    const std::string message = wire(text);
    const MimeParts parts = scan_message(message);
    MimeEdits edits(parts);
    make(edits);
    std::string out;
    const auto done = edits.write(
        std::make_shared<TextSource>(message),
        [&](std::string_view bytes) -> Result<void> {
            out += bytes;
            return {};
        }
    );
    if (!done) return "error " + done.error().detail();
    std::string plain;
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (out.compare(i, 2, "\r\n") == 0) {
            plain += '\n';
            ++i;
        } else {
            plain += out[i] == '\n' ? '?' : out[i];
        }
    }
    return plain;
}

const std::string message =
    "Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\npreamble\n"
    "--b\nContent-Type: text/plain\n\none\n"
    "--b\nContent-Type:  TEXT/html;\n charset=utf-8\nX-Odd :  kept\n\ntwo\n"
    "--b\nContent-Type: message/rfc822\n\nSubject: inner\n\nthree\n"
    "--b--\nepilogue\n";

std::string replaced(const std::string& from, const std::string& to) {
    std::string out = message;
    const std::size_t at = out.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return out.replace(at, from.size(), to);
}

TEST(MimeEdits, WithoutAChangeNothingChanges) {
    EXPECT_EQ(changed(message, [](MimeEdits&) {}), message);
}

TEST(MimeEdits, DropsAPartWithItsBoundary) {
    const std::string second =
        "--b\nContent-Type:  TEXT/html;\n charset=utf-8\nX-Odd :  kept\n\ntwo\n";
    EXPECT_EQ(changed(message, [](MimeEdits& edits) { edits.drop(2); }), replaced(second, ""));
}

TEST(MimeEdits, AnEmbeddedMessageGoesWithItsContent) {
    const std::string third = "--b\nContent-Type: message/rfc822\n\nSubject: inner\n\nthree\n";
    EXPECT_EQ(changed(message, [](MimeEdits& edits) { edits.drop(4); }), replaced(third, ""));
}

TEST(MimeEdits, AMessageWithoutPartsKeepsAnEmptyText) {
    const std::string empty =
        "Subject: x\nMIME-Version: 1.0\nContent-Type: text/plain\nContent-Transfer-Encoding: "
        "7bit\n\n";
    EXPECT_EQ(
        changed(
            message,
            [](MimeEdits& edits) {
                edits.drop(1);
                edits.drop(2);
                edits.drop(3);
            }
        ),
        empty
    );
    EXPECT_EQ(changed(message, [](MimeEdits& edits) { edits.drop(0); }), empty);
}

// What ends in a CR of its own comes to stand at the end of the message: no boundary line for that.
TEST(MimeEdits, WithoutTheLastPartTheOthersAreWhatTheyWere) {
    const std::string head = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\r";
    const std::string without =
        changed(head + "\n--b\n\ntwo\n", [](MimeEdits& edits) { edits.drop(2); });
    EXPECT_EQ(without, head);
    const MimeParts parts = scan_message(wire(without));
    ASSERT_EQ(parts.size(), 2);
    EXPECT_EQ(wire(without).substr(parts[1].body.begin), "one\r\n--b--\r");
}

TEST(MimeEdits, AMultipartWithoutPartsGoes) {
    const std::string head = "Content-Type: multipart/mixed; boundary=b\n\n";
    const std::string inner =
        "--b\nContent-Type: multipart/x; boundary=c\n\n--c\n\none\n--c\n\ntwo\n--c--\n";
    EXPECT_EQ(
        changed(
            head + inner + "--b\n\nthree\n--b--\n",
            [](MimeEdits& edits) {
                edits.drop(2);
                edits.drop(3);
            }
        ),
        head + "\n--b\n\nthree\n--b--\n"
    );
}

TEST(MimeEdits, PartsWithoutABodyOwnTheLineEndOfTheNextBoundary) {
    const std::string head = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n";
    EXPECT_EQ(
        changed(head + "--b\n\n--b--\n", [](MimeEdits& edits) { edits.drop(2); }), head + "--b--\n"
    );
    // Both of two, the first of two, the second of two.
    const std::string two = head + "--b\nA: b\n\n--b\nC: d\n\nthree\n--b--\n";
    EXPECT_EQ(
        changed(
            two,
            [](MimeEdits& edits) {
                edits.drop(2);
                edits.drop(3);
            }
        ),
        head + "--b--\n"
    );
    EXPECT_EQ(
        changed(two, [](MimeEdits& edits) { edits.drop(2); }), head + "--b\nC: d\n\nthree\n--b--\n"
    );
    // In front of a boundary line that stays there is a line end of its own.
    EXPECT_EQ(
        changed(two, [](MimeEdits& edits) { edits.drop(3); }), head + "--b\nA: b\n\n\n--b--\n"
    );
    EXPECT_EQ(
        changed(two, [](MimeEdits& edits) { edits.set_body(2, "new"); }),
        head + "--b\nA: b\n\nnew\n--b\nC: d\n\nthree\n--b--\n"
    );
    EXPECT_EQ(
        changed(
            two,
            [](MimeEdits& edits) {
                edits.set_body(2, "new");
                edits.drop(3);
            }
        ),
        head + "--b\nA: b\n\nnew\n--b--\n"
    );
}

TEST(MimeEdits, ReplacesABody) {
    EXPECT_EQ(
        changed(message, [](MimeEdits& edits) { edits.set_body(2, "new\r\nbody"); }),
        replaced("two", "new\nbody")
    );
    EXPECT_EQ(
        changed("Subject: x\n\nold", [](MimeEdits& edits) { edits.set_body(0, "new"); }),
        "Subject: x\n\nnew"
    );
}

// Between a CR that is content and a boundary line with LF alone stands one CR more.
TEST(MimeEdits, ANewBodyKeepsItsCrInFrontOfALineFeed) {
    const std::string text =
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\r\r\n--b\n\ntwo\n--b\n\n"
        "three\n--b--\n";
    const MimeParts parts = scan_message(text);
    ASSERT_EQ(parts.size(), 4);
    const auto bodies = [&](const std::function<void(MimeEdits&)>& make) {
        MimeEdits edits(parts);
        make(edits);
        std::string out;
        const auto keep = [&](std::string_view bytes) -> Result<void> {
            out += bytes;
            return {};
        };
        EXPECT_TRUE(edits.write(std::make_shared<TextSource>(text), keep));
        std::vector<std::string> found;
        for (const MimePart& part : scan_message(out)) {
            if (part.is_leaf()) found.push_back(out.substr(part.body.begin, part.body.size()));
        }
        return found;
    };
    using Bodies = std::vector<std::string>;
    EXPECT_EQ(
        bodies([](MimeEdits& edits) { edits.set_body(2, "new\r"); }),
        (Bodies{"one\r", "new\r", "three"})
    );
    EXPECT_EQ(
        bodies([](MimeEdits& edits) { edits.put_behind_body(2, "\r"); }),
        (Bodies{"one\r", "two\r", "three"})
    );
    EXPECT_EQ(
        bodies([](MimeEdits& edits) {
            edits.set_body(1, "new");
            edits.drop(2);
        }),
        (Bodies{"new", "three"})
    );
    EXPECT_EQ(
        bodies([](MimeEdits& edits) {
            edits.set_body(1, "new\r");
            edits.drop(2);
        }),
        (Bodies{"new\r", "three"})
    );
}

TEST(MimeEdits, ReplacesABodyThatHadNoBlankLineInFront) {
    EXPECT_EQ(
        changed(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nA: b\n--b--\n",
            [](MimeEdits& edits) { edits.set_body(1, "new"); }
        ),
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nA: b\n\nnew\n--b--\n"
    );
    EXPECT_EQ(changed("A: b", [](MimeEdits& edits) { edits.set_body(0, "new"); }), "A: b\n\nnew");
    EXPECT_EQ(
        changed(
            "Content-Type: multipart/mixed; boundary=b\n\n--b",
            [](MimeEdits& edits) { edits.set_body(1, "new"); }
        ),
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nnew"
    );
}

TEST(MimeEdits, EncodesAContent) {
    const auto text = [](const char* content, TransferEncoding encoding, ContentMode mode) {
        return changed(message, [=](MimeEdits& edits) {
            edits.set_content(2, std::make_shared<TextSource>(content), encoding, mode);
        });
    };
    const auto expected = [](const std::string& name, const std::string& body) {
        std::string out =
            replaced("\n\ntwo", "\nContent-Transfer-Encoding: " + name + "\n\n" + body);
        return out;
    };
    using enum TransferEncoding;
    EXPECT_EQ(text("hello", base64, ContentMode::binary), expected("base64", "aGVsbG8="));
    EXPECT_EQ(
        text("h\xC3\xA9\nx", quoted_printable, ContentMode::text),
        expected("quoted-printable", "h=C3=A9\nx")
    );
    EXPECT_EQ(text("plain", seven_bit, ContentMode::text), expected("7bit", "plain"));
    // What would end the part is encoded.
    EXPECT_EQ(
        text("a\n--b\nc", seven_bit, ContentMode::text), expected("quoted-printable", "a\n=2D-b\nc")
    );
    EXPECT_EQ(text("--b-- ", eight_bit, ContentMode::binary), expected("base64", "LS1iLS0g"));
    EXPECT_EQ(text("--bb\n -b", seven_bit, ContentMode::text), expected("7bit", "--bb\n -b"));
}

TEST(MimeEdits, AnEncodedBodyAtTheEndOfAMessageHasALineEnd) {
    EXPECT_EQ(
        changed(
            "Subject: x\n\nold\n",
            [](MimeEdits& edits) {
                edits.set_content(
                    0, std::make_shared<TextSource>("hello"), TransferEncoding::base64,
                    ContentMode::binary
                );
            }
        ),
        "Subject: x\nContent-Transfer-Encoding: base64\nMIME-Version: 1.0\n\naGVsbG8=\n"
    );
}

TEST(MimeEdits, RecodesABody) {
    const std::string start = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n";
    EXPECT_EQ(
        changed(
            start + "Content-Transfer-Encoding: 8bit\n\ncaf\xC3\xA9\n",
            [](MimeEdits& edits) {
                edits.recode(0, TransferEncoding::quoted_printable, ContentMode::text);
            }
        ),
        start + "Content-Transfer-Encoding: quoted-printable\n\ncaf=C3=A9\n"
    );
    EXPECT_EQ(
        changed(
            start + "Content-Transfer-Encoding: base64\n\nY2Fmw6kNCg==\n",
            [](MimeEdits& edits) {
                edits.recode(0, TransferEncoding::eight_bit, ContentMode::text);
            }
        ),
        start + "Content-Transfer-Encoding: 8bit\n\ncaf\xC3\xA9\n"
    );
}

TEST(MimeEdits, ReplacesAHeader) {
    EXPECT_EQ(
        changed(message, [](MimeEdits& edits) { edits.set_header(1, "A: b\r\n"); }),
        replaced("Content-Type: text/plain\n\none", "A: b\n\none")
    );
    EXPECT_EQ(
        changed("only text\n", [](MimeEdits& edits) { edits.set_header(0, "A: b"); }),
        "A: b\n\nonly text\n"
    );
    EXPECT_EQ(
        changed(
            message,
            [](MimeEdits& edits) {
                edits.edit_header(0, {{HeaderEdit::Kind::replace, "Subject", "y"}});
            }
        ),
        replaced("Subject: x", "Subject: y")
    );
}

TEST(MimeEdits, ChangesLabelsWhereTheyStand) {
    PartLabels labels;
    labels.type = "text/richtext";
    labels.disposition = "attachment";
    labels.disposition_parameters = Parameters{{"filename", "caf\xC3\xA9.txt"}};
    labels.description = "caf\xC3\xA9";
    EXPECT_EQ(
        changed(message, [&](MimeEdits& edits) { edits.set_labels(2, labels); }),
        replaced(
            "Content-Type:  TEXT/html;\n charset=utf-8\nX-Odd :  kept\n",
            "Content-Type: text/richtext; charset=utf-8\nX-Odd :  kept\n"
            "Content-Disposition: attachment; filename*=utf-8''caf%C3%A9.txt\n"
            "Content-Description: =?UTF-8?B?Y2Fmw6k=?=\n"
        )
    );
}

TEST(MimeEdits, RemovesLabels) {
    PartLabels labels;
    labels.description = "";
    labels.content_id = "";
    labels.disposition = "";
    EXPECT_EQ(
        changed(
            "MIME-Version: 1.0\nContent-ID: <1@x>\nContent-Description: x\nContent-disposition: "
            "inline\n"
            "content-id: <2@x>\n\nbody",
            [&](MimeEdits& edits) { edits.set_labels(0, labels); }
        ),
        "MIME-Version: 1.0\n\nbody"
    );
}

TEST(MimeEdits, PutsTextAroundABody) {
    EXPECT_EQ(
        changed(
            message,
            [](MimeEdits& edits) {
                edits.put_before_body(1, "before\r\n");
                edits.put_behind_body(1, "\r\nbehind");
            }
        ),
        replaced("one", "before\none\nbehind")
    );
    EXPECT_EQ(
        changed(
            message,
            [](MimeEdits& edits) {
                edits.put_before_body(1, "before ");
                edits.set_body(1, "new");
                edits.put_behind_body(1, " behind");
            }
        ),
        replaced("one", "before new behind")
    );
}

TEST(MimeEdits, AddsAPart) {
    EXPECT_EQ(
        changed(
            message,
            [](MimeEdits& edits) {
                edits.add_part(0, "A: b\r\n\r\nfour");
                edits.add_part(0, "\r\nfive");
            }
        ),
        replaced("\n--b--", "\n--b\nA: b\n\nfour\n--b\n\nfive\n--b--")
    );
    const std::string empty = "Content-Type: multipart/mixed; boundary=b\n\n";
    EXPECT_EQ(
        changed(
            empty + "--b\n\n--b--\n",
            [](MimeEdits& edits) {
                edits.add_part(0, "\r\nmore");
                edits.set_body(1, "new");
            }
        ),
        empty + "--b\n\nnew\n--b\n\nmore\n--b--\n"
    );
    EXPECT_EQ(
        changed(empty + "--b\n\none", [](MimeEdits& edits) { edits.add_part(0, "\r\ntwo"); }),
        empty + "--b\n\none\n--b\n\ntwo"
    );
}

TEST(MimeEdits, ChangesInsideOfWhatGoesAreNothing) {
    EXPECT_EQ(
        changed(
            message,
            [](MimeEdits& edits) {
                edits.set_body(4, "new");
                edits.set_body(3, "A: b\r\n\r\nall new");
            }
        ),
        replaced("Subject: inner\n\nthree", "A: b\n\nall new")
    );
    EXPECT_EQ(
        changed(
            message,
            [](MimeEdits& edits) {
                edits.edit_header(4, {{HeaderEdit::Kind::replace, "Subject", "y"}});
                edits.drop(3);
            }
        ),
        replaced("--b\nContent-Type: message/rfc822\n\nSubject: inner\n\nthree\n", "")
    );
}

TEST(MimeEdits, ReadsAContent) {
    const std::string text = "Content-Transfer-Encoding: base64\n\naGVs\nbG8=\n";
    TextSource source(text);
    std::string out;
    const auto done =
        read_content(source, scan_message(text)[0], [&](std::string_view bytes) -> Result<void> {
            out += bytes;
            return {};
        });
    EXPECT_TRUE(done);
    EXPECT_EQ(out, "hello");
}

}  // namespace
}  // namespace sluice::message
