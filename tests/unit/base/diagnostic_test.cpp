#include "base/diagnostic.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

SourceLocation place(std::size_t line, std::size_t column) {
    return {std::make_shared<std::string>("imta.cnf"), line, column};
}

TEST(Diagnostic, QuotesTheLineWithACaretAndAHint) {
    const Diagnostic d{place(2, 3), Severity::error, "E203", "unknown sequence", "\tx$J", "use $$"};
    EXPECT_EQ(
        d.to_string(),
        "imta.cnf:2:3: error: unknown sequence [E203]\n  \tx$J\n  \t ^\n  hint: use $$"
    );
}

TEST(Diagnostics, SortsByPlaceAndCountsErrors) {
    Diagnostics all;
    all.warning(place(9, 1), "W1", "late");
    all.error(place(1, 1), "E1", "early");
    all.sort_by_place();
    EXPECT_EQ(all.items().front().code, "E1");
    EXPECT_EQ(all.error_count(), 1U);
}

}  // namespace
}  // namespace sluice
