#include "tls/watched_contexts.h"

#include <gtest/gtest.h>

#include "support/certificates.h"
#include "support/scratch_directory.h"

namespace sluice::tls {
namespace {

using namespace std::chrono_literals;

class WatchedContextsTest : public testing::Test {
protected:
    void write(const std::string& text) { test::write_file(file_, text); }
    static std::string fresh() {
        const auto made = test::make_certificate({});
        return pem_of(made) + key_pem_of(made);
    }

    test::ScratchDirectory directory_;
    std::string file_ = directory_.path("all.pem");
    WatchedContexts watched_{ServerSettings{.certificates = {{file_, file_}}}};
    MonoTime now_{};
};

TEST_F(WatchedContextsTest, NothingIsThereWithoutACertificate) {
    EXPECT_EQ(watched_.current(now_), nullptr);
    write(fresh());
    EXPECT_EQ(watched_.current(now_ + 1s), nullptr);  // looked a second ago
    EXPECT_NE(watched_.current(now_ + 11s), nullptr);
}

TEST_F(WatchedContextsTest, ChangedFileIsReadAgain) {
    write(fresh());
    const auto first = watched_.current(now_);
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(watched_.current(now_ + 20s), first);
    write(fresh() + "\n");
    const auto second = watched_.current(now_ + 40s);
    EXPECT_NE(second, nullptr);
    EXPECT_NE(second, first);
}

TEST_F(WatchedContextsTest, FileThatBreaksChangesNothing) {
    write(fresh());
    const auto first = watched_.current(now_);
    write("half a certif");
    EXPECT_EQ(watched_.current(now_ + 20s), first);
    write(fresh());
    EXPECT_NE(watched_.current(now_ + 40s), first);
}

TEST_F(WatchedContextsTest, OneCertificateOfSeveralThatCannotBeUsedIsLeftOut) {
    write(fresh());
    WatchedContexts two(ServerSettings{
        .certificates = {{file_, file_}, {file_ + ".none", file_ + ".none"}}});
    EXPECT_NE(two.current(now_), nullptr);
}

}  // namespace
}  // namespace sluice::tls
