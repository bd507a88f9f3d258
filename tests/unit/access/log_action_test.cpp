#include "access/log_action.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/mapping_examples.h"

namespace sluice::access {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LogAction : public testing::Test {
protected:
    std::vector<std::string> texts(const LogRecord& record) {
        return check_log_action({tables_, options_, answers_}, record).syslog;
    }

    mapping::TableSet tables_ = test::load_text(
        "LOG_ACTION\n\n"
        "  tcp_local||J|*|*|*|*     $<refused$ $0$ to$ $1\n"
        "  tcp_local|+|U|||*|535*   $<login$ $0\n"
        "  *|*|R|*|*|*||*           $<returned$ $5\n"
    );
    Options options_;
    mapping::NoAnswers answers_;
};

TEST_F(LogAction, MatchingRecordWritesToSyslog) {
    EXPECT_THAT(
        texts({"tcp_local", "", "J", "a@x.example", "b@y.example", "", "", {}}),
        ElementsAre("refused a@x.example to b@y.example")
    );
    EXPECT_THAT(
        texts({"tcp_local", "+", "U", "", "", "adam", "535 5.7.8 no", {}}),
        ElementsAre("login adam")
    );
}

TEST_F(LogAction, OtherRecordsDoNothing) {
    EXPECT_THAT(texts({"l", "", "D", "a@x.example", "adam", "", "", {}}), IsEmpty());
    EXPECT_THAT(texts({"tcp_local", "+", "U", "", "", "adam", "235 ok", {}}), IsEmpty());
}

TEST_F(LogAction, ReasonIsAFurtherField) {
    EXPECT_THAT(
        texts({"tcp_local", "", "R", "a@x.example", "b@y.example", "", "", "5.1.1 no"}),
        ElementsAre("returned 5.1.1 no")
    );
    EXPECT_THAT(texts({"tcp_local", "", "R", "a@x.example", "b", "", "", {}}), IsEmpty());
}

}  // namespace
}  // namespace sluice::access
