// Damaged message files: every cut, and changed octets all over the file. A reader may refuse the
// file; it may never crash, and never show other recipients than were written.
#include <gtest/gtest.h>

#include <random>

#include "queue/failure.h"
#include "queue/history.h"
#include "support/disk_model.h"
#include "support/queue_support.h"

namespace sluice::queue {
namespace {

using test::DiskModel;
using test::QueueClock;

class Damage : public testing::Test {
protected:
    void SetUp() override {
        store_ = *Store::open("/q", {}, disk_, clock_);
        std::string content;
        for (int i = 0; i < 300; ++i) content += "line " + std::to_string(i) + "\r\n";
        content_ = content;
        location_ = test::enqueue(*store_, {"l"}, recipients_, content)->at(0);
        auto file = MessageFile::open(*store_, location_, Access::own);
        EXPECT_TRUE(file->record_done({"l", 1, 1}, recipients_[1], "delivered"));
        path_ = location_.path("/q");
        good_ = disk_.content(path_);
    }

    enum class Seen { refused, recipients_only, all };
    /// Reads the file in every way; the judge of both tests.
    Seen look(const std::string& bytes) {
        disk_.plant(path_, bytes);
        auto file = MessageFile::open(*store_, location_, Access::own);
        if (!file) {
            const Failure kind = failure_kind(file.error());
            EXPECT_TRUE(kind == Failure::damaged || kind == Failure::other_version);
            return Seen::refused;
        }
        EXPECT_EQ(file->envelope(), test::sample_envelope(recipients_));
        // A lost done record means a duplicate; a wrong one would mean a loss.
        const auto open = file->unfinished();
        EXPECT_TRUE(open);
        EXPECT_TRUE(std::find(open->begin(), open->end(), 0U) != open->end());
        EXPECT_TRUE(std::find(open->begin(), open->end(), 2U) != open->end());
        if (!file->verify_content()) return Seen::recipients_only;
        EXPECT_EQ(test::read_all(*file).value(), content_);
        return Seen::all;
    }

    const std::vector<std::string> recipients_ = {
        "a@example.com", "b@example.com", "c@example.com"};
    DiskModel disk_{"/q"};
    QueueClock clock_;
    std::unique_ptr<Store> store_;
    MessageLocation location_;
    std::string content_;
    std::string path_;
    std::string good_;
};

TEST_F(Damage, UndamagedFileIsSeenWhole) {
    EXPECT_EQ(look(good_), Seen::all);
}

TEST_F(Damage, CutAtEverySector) {
    for (std::size_t size = 0; size < good_.size(); size += 512) {
        EXPECT_EQ(look(good_.substr(0, size)), Seen::refused) << size;
    }
}

TEST_F(Damage, CutAnywhereNearTheEnds) {
    const std::size_t boundary_end = good_.rfind("Boundary_(") + 37;
    for (std::size_t size = 0; size < good_.size(); ++size) {
        if (size > 800 && size + 400 < good_.size()) continue;
        EXPECT_EQ(look(good_.substr(0, size)), size < boundary_end ? Seen::refused : Seen::all)
            << size;
    }
}

TEST_F(Damage, ChangedOctets) {
    std::mt19937 random(7);
    unsigned refused = 0;
    for (std::size_t at = 0; at < good_.size(); at += at < 700 ? 1 : 7) {
        std::string bytes = good_;
        bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << random() % 8));
        if (look(bytes) != Seen::all) ++refused;
    }
    EXPECT_GT(refused, 900U);
}

TEST_F(Damage, ZeroedSectors) {
    for (std::size_t at = 0; at < good_.size(); at += 512) {
        std::string bytes = good_;
        const std::size_t size = std::min<std::size_t>(512, bytes.size() - at);
        bytes.replace(at, size, size, '\0');
        EXPECT_NE(look(bytes), Seen::all) << at;
    }
}

TEST_F(Damage, NeighboursAreServed) {
    const auto next = test::enqueue(*store_, {"l"}, {"n@example.com"}, "next")->at(0);
    disk_.plant(path_, "");
    ASSERT_TRUE(mark_bad(*store_, location_));
    EXPECT_TRUE(MessageFile::open(*store_, next, Access::own));
    EXPECT_EQ(test::queued(*store_).size(), 2U);
}

}  // namespace
}  // namespace sluice::queue
