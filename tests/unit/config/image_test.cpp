#include "config/image.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "base/file.h"

namespace sluice::config {
namespace {

using Texts = std::map<std::string, std::string>;

class PublishedImage : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "sluice-image-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }
    [[nodiscard]] std::string path() const { return directory_ + "/config.image"; }

    std::string directory_;
    const WallTime now_{std::chrono::microseconds(1'700'000'000'123'456)};
};

const Texts some_texts{
    {"/etc/imta.cnf", "a $U%$D@b\n"}, {"/etc/mappings", std::string("\0\xff", 2)}};

std::string example() {
    return encode_image({7, WallTime(std::chrono::microseconds(5)), some_texts});
}

TEST_F(PublishedImage, GivesBackWhatWasPublished) {
    EXPECT_EQ(publish_image(path(), some_texts, now_).value(), 1U);
    const auto image = load_image(path());
    ASSERT_TRUE(image);
    EXPECT_EQ(image->generation, 1U);
    EXPECT_EQ(image->created, now_);
    EXPECT_EQ(image->texts, some_texts);
    MemoryFiles files(image->texts);
    EXPECT_EQ(files.read("/etc/imta.cnf").value(), "a $U%$D@b\n");
}

TEST_F(PublishedImage, EachOneHasTheNextGeneration) {
    EXPECT_EQ(publish_image(path(), some_texts, now_).value(), 1U);
    EXPECT_EQ(publish_image(path(), {}, now_).value(), 2U);
    EXPECT_EQ(load_image(path())->generation, 2U);
    EXPECT_TRUE(load_image(path())->texts.empty());
}

TEST_F(PublishedImage, DamagedOneIsRefusedAndReplacedByTheNextGeneration) {
    ASSERT_EQ(publish_image(path(), some_texts, now_).value(), 1U);
    ASSERT_EQ(publish_image(path(), some_texts, now_).value(), 2U);
    std::string bytes = read_file(path()).value();
    bytes.back() = 'x';
    ASSERT_TRUE(replace_file(path(), bytes));
    const auto damaged = load_image(path());
    ASSERT_FALSE(damaged);
    EXPECT_EQ(
        damaged.error().detail(), path() + ": configuration image is corrupt: SHA-256 differs"
    );
    EXPECT_EQ(publish_image(path(), some_texts, now_).value(), 3U);
    EXPECT_TRUE(load_image(path()));
}

TEST_F(PublishedImage, MissingOneLooksLikeAMissingFile) {
    EXPECT_EQ(load_image(path()).error().error_number(), ENOENT);
}

TEST_F(PublishedImage, IsNotForEveryonesEyes) {
    ASSERT_TRUE(publish_image(path(), some_texts, now_));
    const auto mode = std::filesystem::status(path()).permissions();
    EXPECT_EQ(mode & std::filesystem::perms::others_all, std::filesystem::perms::none);
}

TEST_F(PublishedImage, DirectoryThatIsMissingIsAnError) {
    EXPECT_FALSE(publish_image(directory_ + "/none/config.image", some_texts, now_));
}

// The worked example of docs/formats/config-image.md.
TEST(ImageFormat, HasTheDocumentedLayout) {
    const std::string bytes =
        encode_image({2, WallTime(std::chrono::microseconds(1)), {{"/a", "hi"}}});
    ASSERT_EQ(bytes.size(), 72U + 16U);
    EXPECT_EQ(bytes.substr(0, 8), "SLUICEIM");
    EXPECT_EQ(bytes.substr(8, 4), std::string("\0\0\0\1", 4));
    EXPECT_EQ(bytes.substr(12, 4), std::string("\0\0\0\1", 4));
    EXPECT_EQ(bytes.substr(16, 8), std::string("\0\0\0\0\0\0\0\2", 8));
    EXPECT_EQ(bytes.substr(24, 8), std::string("\0\0\0\0\0\0\0\1", 8));
    EXPECT_EQ(bytes.substr(32, 8), std::string("\0\0\0\0\0\0\0\x10", 8));
    const std::string digest =
        "\x6e\x54\xab\x78\xfd\xaf\x61\x30\xe3\x5c\x9f\xd3\x4c\x96\x48\xe4"
        "\x3a\x31\x03\x84\xc3\x50\xf4\x09\x86\xff\x3c\xdd\x41\x52\x38\x30";
    EXPECT_EQ(bytes.substr(40, 32), digest);
    EXPECT_EQ(bytes.substr(72), std::string("\0\0\0\2\0\0\0\0\0\0\0\2/ahi", 16));
}

TEST(ImageFormat, AnyChangedBitIsRefused) {
    const std::string good = example();
    ASSERT_TRUE(decode_image(good));
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string bad = good;
            bad[at] = static_cast<char>(static_cast<unsigned char>(bad[at]) ^ (1U << bit));
            EXPECT_FALSE(decode_image(bad)) << "octet " << at << " bit " << bit;
        }
    }
}

TEST(ImageFormat, AnyOtherLengthIsRefused) {
    const std::string good = example();
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(decode_image(good.substr(0, size))) << size;
    }
    EXPECT_EQ(
        decode_image(good + "x").error().detail(), "configuration image has bytes after its end"
    );
    EXPECT_EQ(
        decode_image(good.substr(0, 80)).error().detail(), "configuration image is truncated"
    );
    EXPECT_EQ(decode_image("").error().detail(), "not a configuration image");
}

TEST(ImageFormat, LaterVersionIsNamed) {
    std::string later = example();
    later[11] = 2;
    EXPECT_EQ(decode_image(later).error().detail(), "configuration image has format version 2");
}

}  // namespace
}  // namespace sluice::config
