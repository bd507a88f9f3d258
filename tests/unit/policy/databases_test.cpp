#include "policy/databases.h"

#include <gtest/gtest.h>

namespace sluice::policy {
namespace {

/// Says which question it was asked.
class Echo final : public mapping::Answers {
public:
    mapping::Answer ask(const mapping::Question& question) override {
        if (question.subject == "later") return mapping::Answer::wait();
        if (question.subject == "broken") return mapping::Answer::temporary();
        if (question.subject == "nobody") return mapping::Answer::none();
        return mapping::Answer::literal(question.to_debug_string());
    }
};

TEST(Databases, AreAskedByTheirKinds) {
    Echo outside;
    EXPECT_EQ(find_in(Database::alias, "Key", outside).text, "alias_value(Key)");
    EXPECT_EQ(find_in(Database::forward, "Key", outside).text, "forward_value(Key)");
    EXPECT_EQ(find_in(Database::reverse, "Key", outside).text, "reverse_value(Key)");
}

TEST(Databases, WhatIsNotThereYetIsNotNow) {
    Echo outside;
    EXPECT_EQ(find_in(Database::alias, "nobody", outside), rewrite::Answer::not_found());
    EXPECT_EQ(find_in(Database::alias, "broken", outside), rewrite::Answer::not_now());
    EXPECT_EQ(find_in(Database::alias, "later", outside), rewrite::Answer::not_now());
}

}  // namespace
}  // namespace sluice::policy
