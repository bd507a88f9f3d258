#include "message/mime_structure.h"

#include <gtest/gtest.h>

#include "message/mime_scanner.h"

namespace sluice::message {
namespace {

std::string wire(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '\n' ? "\r\n" : std::string(1, c);
    return out;
}

std::string changed(const std::string& text, const StructureWish& wish) {
    const std::string message = wire(text);
    const MimeParts parts = scan_message(message);
    const auto source = std::make_shared<TextSource>(message);
    const auto edits = structure_edits(parts, wish, source);
    if (!edits) return "error " + edits.error().detail();
    if (edits->empty()) return "unchanged";
    std::string out;
    const auto done = edits->write(*source, [&](std::string_view bytes) -> Result<void> {
        out += bytes;
        return {};
    });
    if (!done) return "error " + done.error().detail();
    std::string plain;
    for (const char c : out) plain += c == '\r' ? "" : std::string(1, c);
    return plain;
}

const StructureWish level = {EmbeddedMessages::keep, true, "cut"};
const StructureWish drop = {EmbeddedMessages::flatten, false, "cut"};
const StructureWish bottom = {EmbeddedMessages::flatten_with_header, false, "cut"};

const std::string outer =
    "Subject: outer\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=a\n\n";

TEST(MimeStructure, MultipartOfOnePartBecomesThePart) {
    EXPECT_EQ(
        changed(
            outer + "preamble\n--a\nContent-Type: text/html\nContent-Transfer-Encoding: "
                    "8bit\n\nbody\n--a--\nepilogue\n",
            level
        ),
        "Subject: outer\nMIME-Version: 1.0\nContent-Type: text/html\nContent-Transfer-Encoding: "
        "8bit\n\nbody"
    );
}

TEST(MimeStructure, SeveralLevelsGoAtOnce) {
    EXPECT_EQ(
        changed(
            outer + "--a\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: "
                    "multipart/related; boundary=c\n\n--c\n\none\n--c\nContent-Type: "
                    "image/png\n\ntwo\n--c--\n--b--\n--a--\n",
            level
        ),
        "Subject: outer\nMIME-Version: 1.0\nContent-Type: multipart/related; "
        "boundary=c\n\n--c\n\none\n--c\nContent-Type: image/png\n\ntwo\n--c--"
    );
}

TEST(MimeStructure, MixedWithinMixedBecomesItsParts) {
    EXPECT_EQ(
        changed(
            outer + "--a\n\nzero\n--a\nContent-Type: multipart/mixed; boundary=b\n\nin "
                    "front\n--b\n\none\n--b\nX: y\n\ntwo\n--b--\nbehind\n--a\n\nthree\n--a--\n",
            level
        ),
        outer + "--a\n\nzero\n--a\n\none\n--a\nX: y\n\ntwo\n--a\n\nthree\n--a--\n"
    );
}

TEST(MimeStructure, ThreeLevelsOfMixedBecomeOne) {
    EXPECT_EQ(
        changed(
            outer + "--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
                    "multipart/mixed; "
                    "boundary=c\n\n--c\n\none\n--c\n\ntwo\n--c--\n--b\n\nthree\n--b--\n--"
                    "a\n\nfour\n--a--\n",
            level
        ),
        outer + "--a\n\none\n--a\n\ntwo\n--a\n\nthree\n--a\n\nfour\n--a--\n"
    );
}

TEST(MimeStructure, AlternativesAndSignedPartsStay) {
    for (const std::string& text :
         {outer + "--a\nContent-Type: multipart/alternative; "
                  "boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n--a\n\nthree\n--a--\n",
          std::string("Content-Type: multipart/signed; boundary=s\n\n--s\nContent-Type: "
                      "multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n--s\nContent-Type: "
                      "application/pgp-signature\n\nsig\n--s--\n"),
          outer + "--a\n\nnever closed\n"})
        EXPECT_EQ(changed(text, level), "unchanged") << text;
}

TEST(MimeStructure, EmbeddedMessageLosesItsHeader) {
    EXPECT_EQ(
        changed(
            outer + "--a\n\none\n--a\nContent-Type: message/rfc822\nContent-Disposition: "
                    "inline\n\nFrom: x\nContent-Type: text/html\n\ntwo\n--a--\n",
            drop
        ),
        outer + "--a\n\none\n--a\nContent-Type: text/html\n\ntwo\n--a--\n"
    );
}

TEST(MimeStructure, EmbeddedMessageKeepsItsHeaderBehindIt) {
    EXPECT_EQ(
        changed(
            outer + "--a\n\none\n--a\nContent-Type: message/rfc822\n\nFrom: x\nContent-Type: "
                    "text/html\n\ntwo\n--a--\n",
            bottom
        ),
        outer +
            "--a\n\none\n--a\nContent-Type: text/html\n\ntwo\n--a\nContent-Type: "
            "text/rfc822-headers\n\nFrom: x\nContent-Type: text/html\n\n--a--\n"
    );
}

TEST(MimeStructure, MessageInAMessage) {
    const std::string text =
        "Subject: outer\nContent-Type: message/rfc822\n\nFrom: x\nContent-Type: "
        "message/rfc822\n\nFrom: y\n\nbody\n";
    EXPECT_EQ(changed(text, drop), "Subject: outer\nMIME-Version: 1.0\n\nbody\n");
    EXPECT_EQ(
        changed(text, bottom),
        "Subject: outer\nMIME-Version: 1.0\nContent-Type: multipart/mixed; "
        "boundary=\"cut-1\"\n\n--cut-1\n\nbody\n\n"
        "--cut-1\nContent-Type: text/rfc822-headers\n\nFrom: x\nContent-Type: message/rfc822\n\n"
        "--cut-1\nContent-Type: text/rfc822-headers\n\nFrom: y\n\n--cut-1--\n"
    );
}

TEST(MimeStructure, DigestOfMessagesBecomesOneOfTexts) {
    const std::string digest = "Content-Type: multipart/digest; boundary=d\n\n";
    EXPECT_EQ(
        changed(
            digest +
                "--d\n\nFrom: x\n\none\n--d\n\nFrom: y\nContent-Type: text/html\n\ntwo\n--d--\n",
            drop
        ),
        digest +
            "--d\nContent-Type: text/plain\n\none\n--d\nContent-Type: text/html\n\ntwo\n--d--\n"
    );
}

TEST(MimeStructure, MultipartInAnEmbeddedMessageIsKept) {
    EXPECT_EQ(
        changed(
            outer + "--a\nContent-Type: message/rfc822\n\nFrom: x\nContent-Type: multipart/mixed; "
                    "boundary=b\n\n--b\n\none\n--b\nContent-Type: message/rfc822\n\nFrom: "
                    "y\n\ntwo\n--b--\n--a--\n",
            drop
        ),
        outer +
            "--a\nContent-Type: multipart/mixed; "
            "boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n--a--\n"
    );
}

TEST(MimeStructure, EmptyContentInFrontOfABoundary) {
    EXPECT_EQ(
        changed(
            outer + "--a\nContent-Type: message/rfc822\n\nFrom: x\n\n--a\n\nlast\n--a--\n", bottom
        ),
        outer + "--a\n\n\n--a\nContent-Type: text/rfc822-headers\n\nFrom: x\n\n--a\n\nlast\n--a--\n"
    );
}

}  // namespace
}  // namespace sluice::message
