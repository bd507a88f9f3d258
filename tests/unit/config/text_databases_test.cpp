// The texts that USE_TEXT_DATABASES names, as part of a configuration.
#include <gtest/gtest.h>

#include "config/configuration.h"
#include "config/image.h"
#include "support/instance_directory.h"

namespace sluice::config {
namespace {

class TextDatabasesTest : public testing::Test {
protected:
    ConfigurationPtr load() {
        findings_ = {};
        return load_configuration(instance_.tailor(), files_, findings_);
    }
    [[nodiscard]] std::string codes() const {
        std::string codes;
        for (const Diagnostic& finding : findings_.items()) {
            if (finding.severity == Severity::error) codes += finding.code + ' ';
        }
        return codes;
    }

    test::InstanceDirectory instance_{"text-databases"};
    DiskFiles files_;
    Diagnostics findings_;
};

TEST_F(TextDatabasesTest, AreReadWhereTheOptionSaysSo) {
    instance_.append("config/option.dat", "\nUSE_TEXT_DATABASES=5\n");
    instance_.write("config/general.txt", "Key $Uvalue\n");
    instance_.write("config/reverse.txt", "this is not read\n");
    instance_.write("config/forward.txt", "a@b.example c@d.example\n");
    const auto configuration = load();
    ASSERT_NE(configuration, nullptr) << codes();
    const TextDatabases& databases = configuration->text_databases;
    ASSERT_TRUE(databases.general);
    EXPECT_EQ(*databases.general->find("KEY"), "$Uvalue");
    EXPECT_FALSE(databases.reverse);
    ASSERT_TRUE(databases.forward);
    EXPECT_EQ(*databases.forward->find("a@b.example"), "c@d.example");
}

TEST_F(TextDatabasesTest, ArePublishedWithTheImage) {
    instance_.append("config/option.dat", "\nUSE_TEXT_DATABASES=1\n");
    instance_.write("config/general.txt", "key one\n");
    ASSERT_NE(load(), nullptr) << codes();
    const std::string image = instance_.path("lib/config_data");
    ASSERT_TRUE(publish_image(image, files_.seen(), WallTime()));
    instance_.write("config/general.txt", "key two\n");
    const auto published = load_published(instance_.tailor());
    ASSERT_TRUE(published);
    EXPECT_EQ(*(*published)->text_databases.general->find("key"), "one");
}

TEST_F(TextDatabasesTest, ErrorsStopTheConfiguration) {
    instance_.append("config/option.dat", "\nUSE_TEXT_DATABASES=1\n");
    EXPECT_EQ(load(), nullptr);
    EXPECT_EQ(codes(), "E400 ");
    instance_.write("config/general.txt", "a b c\nlonely\n");
    EXPECT_EQ(load(), nullptr);
    EXPECT_EQ(codes(), "E_TRAILING E_NO_VALUE ");
}

}  // namespace
}  // namespace sluice::config
