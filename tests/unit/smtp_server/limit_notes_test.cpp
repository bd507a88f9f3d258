#include "channels/tcp_smtp/server/limit_notes.h"

#include <gtest/gtest.h>

#include <map>

#include "base/limit_hits.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp_server {
namespace {

using limits::Limit;
using smtp::server_action::CloseReason;
namespace replies = smtp::replies;

const IpAddress client = *IpAddress::parse("192.0.2.1");

class LimitNotes : public testing::Test {
protected:
    LimitNotes() {
        limits::set_counter([this](Limit limit, std::uint64_t times) { hits_[limit] += times; });
    }
    ~LimitNotes() override { limits::set_counter({}); }

    using Hits = std::map<Limit, std::uint64_t>;
    /// What was counted since the last call.
    Hits take() { return std::exchange(hits_, {}); }

private:
    Hits hits_;
};

TEST_F(LimitNotes, RefusalsOfLimitsAreToldFromOthers) {
    note_refusal(replies::too_many_recipients(), client);
    note_refusal(replies::message_refused_too_many_recipients(), client);
    EXPECT_EQ(take(), (Hits{{Limit::recipients, 2}}));
    note_refusal(replies::too_many_messages(), client);
    note_refusal(replies::deferred_after_rejections(), client);
    EXPECT_EQ(take(), (Hits{{Limit::session, 2}}));
    note_refusal(replies::declared_size_too_big(2048), client);
    note_refusal(replies::message_too_big(4096), client);
    EXPECT_EQ(take(), (Hits{{Limit::message_size, 2}}));
    note_refusal({552, {5, 2, 3}, "line limit of 100 lines exceeded"}, client);
    EXPECT_EQ(take(), (Hits{{Limit::message_lines, 1}}));
    note_refusal({550, {5, 4, 6}, "alias expansion loop detected"}, client);
    EXPECT_EQ(take(), (Hits{{Limit::alias_expansion, 1}}));
    note_refusal(replies::unknown_user("a@b.example"), client);
    note_refusal(replies::tls_required(), client);
    EXPECT_EQ(take(), Hits{});
}

TEST_F(LimitNotes, EndsOfSessions) {
    for (const CloseReason reason :
         {CloseReason::quit, CloseReason::disconnect, CloseReason::shutdown, CloseReason::refused})
        note_close(reason, client);
    EXPECT_EQ(take(), Hits{});
    note_close(CloseReason::bad_commands, client);
    note_close(CloseReason::endless_input, client);
    note_close(CloseReason::transactions, client);
    EXPECT_EQ(
        take(), (Hits{{Limit::bad_commands, 1}, {Limit::session, 1}, {Limit::refused_content, 1}})
    );
    note_time_out(true, client);
    note_time_out(false, client);
    EXPECT_EQ(take(), (Hits{{Limit::command_receive_time, 1}, {Limit::data_receive_time, 1}}));
}

TEST_F(LimitNotes, OnlyLinesThatAreTooLongAreALimit) {
    note_bad_command({"XYZZY", replies::unknown_command("XYZZY")}, client);
    EXPECT_EQ(take(), Hits{});
    note_bad_command({"NOOP aaa", replies::line_too_long()}, client);
    EXPECT_EQ(take(), (Hits{{Limit::command_line, 1}}));
}

}  // namespace
}  // namespace sluice::smtp_server
