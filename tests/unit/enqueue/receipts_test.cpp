#include "enqueue/receipts.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "support/site.h"

namespace sluice::enqueue {
namespace {

constexpr unsigned usual = queue::default_notify;
constexpr unsigned with_success = usual | queue::notify_success;
constexpr unsigned explicit_failure = queue::notify_explicit | queue::notify_failure;
constexpr const char* asking = "Subject: x\r\nReturn-receipt-to: <amy@siroe.edu>\r\n";

struct ReceiptCase {
    const char* keyword;
    const char* header;
    const char* sender;
    unsigned notify;
    unsigned expected;
    std::size_t edits;
};
class Receipts : public testing::TestWithParam<ReceiptCase> {};

TEST_P(Receipts, AreWhatTheChannelMakesOfThem) {
    const auto site = test::make_site(
        {{"imta.cnf", read_file(SLUICE_SOURCE_DIR "/config/imta.cnf").value() + "\ntcp_x smtp " +
                          GetParam().keyword + "\ntcp_x-daemon\n"}}
    );
    ASSERT_TRUE(site);
    Submission submission;
    submission.sender = GetParam().sender;
    submission.recipients.resize(1);
    submission.recipients[0].notify = GetParam().notify;
    Copy copy;
    copy.channel = site->imta.channels.find("tcp_x");
    copy.recipients = {0};
    ask_for_receipts(copy, GetParam().header, submission);
    EXPECT_EQ(submission.recipients[0].notify, GetParam().expected);
    EXPECT_EQ(receipt_edits(copy).size(), GetParam().edits);
}

INSTANTIATE_TEST_SUITE_P(
    Keywords,
    Receipts,
    testing::Values(
        ReceiptCase{"", asking, "amy@siroe.edu", usual, usual, 0},
        ReceiptCase{"reportheader", asking, "amy@siroe.edu", usual, usual, 0},
        ReceiptCase{"reportnotary", asking, "amy@siroe.edu", usual, with_success, 2},
        ReceiptCase{"reportboth", asking, "amy@siroe.edu", usual, with_success, 0},
        ReceiptCase{"reportsuppress", asking, "amy@siroe.edu", usual, usual, 2},
        ReceiptCase{"reportnotary", "Subject: x\r\n", "amy@siroe.edu", usual, usual, 2},
        ReceiptCase{"reportnotary", asking, "", usual, usual, 2},
        ReceiptCase{"reportnotary", asking, "amy@siroe.edu", explicit_failure, explicit_failure, 2},
        ReceiptCase{
            "reportboth", "Delivery-Receipt-To: <a@b>\r\n", "amy@siroe.edu", usual, with_success, 0}
    )
);

}  // namespace
}  // namespace sluice::enqueue
