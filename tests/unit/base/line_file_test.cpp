#include "base/line_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "base/unique_fd.h"

namespace sluice {
namespace {

class LineFile : public testing::Test {
protected:
    void SetUp() override {
        char name[] = "/tmp/line-file-XXXXXX";
        ASSERT_NE(::mkdtemp(name), nullptr);
        directory_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    std::string make(const std::string& name, const std::string& text) const {
        std::string path = directory_ + '/' + name;
        std::ofstream(path) << text;
        return path;
    }
    static bool is_torn(const std::string& path) {
        const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        return ends_in_mid_line(fd.get(), static_cast<off_t>(std::filesystem::file_size(path)));
    }

    std::string directory_;
};

TEST_F(LineFile, HalfALineIsSeenAtTheEndOnly) {
    EXPECT_FALSE(is_torn(make("empty", "")));
    EXPECT_FALSE(is_torn(make("whole", "one\ntwo\n")));
    EXPECT_TRUE(is_torn(make("torn", "one\ntw")));
}

TEST_F(LineFile, RenameNeverTakesTheNameOfAnother) {
    const std::string from = make("current", "new\n");
    const std::string to = make("yesterday", "old\n");
    const auto refused = rename_to_new(from, to);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().error_number(), EEXIST);
    EXPECT_EQ(*read_file(to), "old\n");
    std::filesystem::remove(to);
    ASSERT_TRUE(rename_to_new(from, to));
    EXPECT_EQ(*read_file(to), "new\n");
    EXPECT_FALSE(file_exists(from));
}

TEST_F(LineFile, RenameOfNothingIsAnError) {
    const auto missing = rename_to_new(directory_ + "/none", directory_ + "/other");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().error_number(), ENOENT);
}

}  // namespace
}  // namespace sluice
