#include "dequeue/notice_language.h"

#include "dequeue/notice_sender.h"
#include "queue_fixture.h"

namespace sluice::dequeue {
namespace {

TEST(PreferredLanguages, AreThoseOfTheFirstFieldThereIs) {
    EXPECT_EQ(preferred_languages("Subject: x\r\n"), "");
    EXPECT_EQ(preferred_languages("Accept-Language: de, en;q=0.5\r\n"), "de,en;q=0.5");
    EXPECT_EQ(preferred_languages("X-Accept-Language: fr\r\nPreferred-Language: nl\r\n"), "nl");
    EXPECT_EQ(preferred_languages("X-Accept-Language: fr (French)\r\n"), "fr");
}

class NoticeLanguageTest : public QueueFixture {
protected:
    NoticeLanguageTest()
        : QueueFixture(
              {{"locale/de/return_failed.txt", "Fehlgeschlagen:\n%R\n"},
               {"locale/de/return_option.opt",
                "SUBJECT=Zustellbericht\nRETURN_PERSONAL=Postdienst\nREASON=Grund:\n"},
               {"mappings",
                "NOTIFICATION_LANGUAGE\n\n"
                "  failed|*|de*|*|*            $Ide/\n"
                "  failed|*|*|*.fr|*           $Ifrench/\n"
                "  failed|l|*|quiet@*|adam     $N\n"}}
          ) {}

    /// The notification about a failure of mail from `sender` with that header line.
    std::string notice_about(const std::string& sender, const std::string& header) {
        enqueue::Submission message = submission(sender);
        message.recipients.push_back(recipient("l", "adam"));
        enqueue::MessageBuilder builder(
            runtime_->site(), site_->imta.channels, runtime_->limits(), std::move(message), {}
        );
        EXPECT_TRUE(builder.append(header + "Subject: x\r\n\r\nHello\r\n"));
        auto prepared = builder.finish();
        EXPECT_TRUE(std::move(*prepared).commit(runtime_->site()));
        queue::MessageFile file = opened(queued("l").at(0));
        const Disposition failure = Disposition::failed({5, 1, 1}, "no such user");
        const std::vector<NoticeItem> items(
            1, NoticeItem{&file.envelope().recipients[0], &failure, failure.status}
        );
        const auto sent = send_notice(
            *runtime_, *site_->imta.channels.find("l"), file, Notice::failed, items,
            runtime_->store().clock().wall_now()
        );
        EXPECT_TRUE(sent);
        const auto notices = queued("process");
        EXPECT_EQ(sent->told.at(0), !notices.empty());
        return notices.empty() ? "none" : content_of(notices[0]);
    }
};

TEST_F(NoticeLanguageTest, TableChoosesTheDirectoryOfTemplates) {
    const std::string notice = notice_about("amy@siroe.edu", "Accept-Language: de, en\r\n");
    EXPECT_NE(notice.find("Fehlgeschlagen:"), std::string::npos);
    EXPECT_NE(notice.find("Grund: no such user"), std::string::npos);
    EXPECT_NE(notice.find("Subject: Zustellbericht\r\n"), std::string::npos);
    EXPECT_NE(notice.find("From: Postdienst <postmaster@"), std::string::npos);
}

TEST_F(NoticeLanguageTest, OthersGetTheStandardTexts) {
    const std::string notice = notice_about("amy@siroe.edu", "Accept-Language: en\r\n");
    EXPECT_NE(notice.find("could not be delivered"), std::string::npos);
    EXPECT_NE(notice.find("From: Internet Mail Delivery <"), std::string::npos);
}

TEST_F(NoticeLanguageTest, DirectoryThatIsNotThereCostsNoNotification) {
    EXPECT_NE(notice_about("amy@siroe.fr", "").find("could not be delivered"), std::string::npos);
}

TEST_F(NoticeLanguageTest, TableMayForbidTheNotification) {
    EXPECT_EQ(notice_about("quiet@siroe.edu", ""), "none");
}

}  // namespace
}  // namespace sluice::dequeue
