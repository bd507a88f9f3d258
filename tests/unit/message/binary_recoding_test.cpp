#include "message/binary_recoding.h"

#include <gtest/gtest.h>

namespace sluice::message {
namespace {

std::string recoded(const std::string& message, std::size_t piece) {
    BinaryRecoder recoder;
    std::string out;
    for (std::size_t i = 0; i < message.size(); i += piece)
        recoder.feed(std::string_view(message).substr(i, piece), out);
    recoder.finish(out);
    return out;
}

/// What comes out however the message is cut.
std::string recoded(const std::string& message) {
    const std::string whole = recoded(message, message.size() + 1);
    for (const std::size_t piece : {1U, 2U, 13U}) EXPECT_EQ(recoded(message, piece), whole);
    return whole;
}

TEST(BinaryRecoding, EncodesEveryOctetOfABinaryPart) {
    EXPECT_EQ(
        recoded("MIME-Version: 1.0\r\nContent-Transfer-Encoding: Binary\r\n\r\na\nb\r\nc\rd"),
        "MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\nYQpiDQpjDWQ=\r\n"
    );
}

TEST(BinaryRecoding, LeavesOtherPartsAndWhatIsAroundThem) {
    EXPECT_EQ(
        recoded("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
                "boundary=b\r\nContent-Transfer-Encoding: binary\r\n"
                "\r\nbefore\r\n--b\r\nContent-Transfer-Encoding: 8bit\r\n\r\ncaf\xC3\xA9\r\n"
                "--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n\n\n"
                "\r\n--b--\r\nafter"),
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
        "boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n"
        "\r\nbefore\r\n--b\r\nContent-Transfer-Encoding: 8bit\r\n\r\ncaf\xC3\xA9\r\n"
        "--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nCgo="
        "\r\n--b--\r\nafter\r\n"
    );
}

TEST(BinaryRecoding, LooksIntoEmbeddedMessages) {
    EXPECT_EQ(
        recoded("MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: "
                "binary\r\n\r\n"
                "Content-Transfer-Encoding: binary\r\n\r\n\n"),
        "MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: "
        "8bit\r\n\r\n"
        "Content-Transfer-Encoding: base64\r\nMIME-Version: 1.0\r\n\r\nCg==\r\n"
    );
}

TEST(BinaryRecoding, KeepsSignedParts) {
    const std::string message =
        "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n"
        "Content-Transfer-Encoding: binary\r\n\r\na\nb\r\n--b--\r\n";
    EXPECT_EQ(recoded(message), message);
}

TEST(BinaryRecoding, KeepsPartsWithEndlessHeaders) {
    std::string message = "Content-Transfer-Encoding: binary\r\n";
    for (int i = 0; i < 5000; ++i) message += "X-Field: " + std::string(60, 'x') + "\r\n";
    message += "\r\nbody\r\n";
    EXPECT_EQ(recoded(message, message.size()), message);
}

TEST(BinaryRecoding, KeepsWhatHasNoBinaryPart) {
    const std::string message = "Subject: x\r\n\r\ntext\r\n";
    EXPECT_EQ(recoded(message), message);
    EXPECT_EQ(recoded(""), "");
}

}  // namespace
}  // namespace sluice::message
