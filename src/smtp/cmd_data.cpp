// DATA (RFC 5321 section 4.1.1.4) and the end of a message, however it came.
#include <vector>

#include "smtp/server_session.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp {

using namespace server_action;

void ServerSession::cmd_data(std::string_view) {
    if (auto reply = data_out_of_sequence()) return send(*reply);
    if (in_data_ || binary_) return send(replies::chunks_under_way());
    if (!refuse_message_now()) ask(Question::begin_data, BeginData{false});
}

std::optional<Reply> ServerSession::data_out_of_sequence() const {
    if (!in_transaction_) return replies::no_mail();
    if (accepted_ == 0) return replies::no_recipient();
    return std::nullopt;
}

// REJECT_RECIPIENTS_PER_TRANSACTION: too many were presented, so nobody gets the message.
bool ServerSession::refuse_message_now() {
    const auto& limit = settings_->refused_above_recipients;
    if (!limit || presented_ <= *limit) return false;
    const Reply reply = replies::message_refused_too_many_recipients();
    send(reply);
    abort_transaction(AbortReason::refused, reply);
    return true;
}

void ServerSession::start_decoder(bool dots) {
    decoder_ =
        DataDecoder(settings_->line_endings, settings_->long_lines, settings_->text_line, dots);
    if (binary_) binary_ = std::make_unique<BinaryContent>();
    tail_is_out_ = false;
    data_octets_ = 0;
    discarded_ = 0;
    data_refusal_.reset();
}

void ServerSession::on_begin_data_answer(const Reply& reply) {
    send(reply);
    if (!reply.is_intermediate()) return abort_transaction(AbortReason::failed, reply);
    start_decoder(true);
    in_data_ = true;
    state_ = State::data;
}

std::optional<ServerAction> ServerSession::feed_data(std::string_view& input) {
    reader_.skip_line_feed(input);
    const std::string_view octets = message_octets(input);
    if (!octets.empty()) return DataChunk{octets};
    if (state_ == State::data && decoder_.finished()) end_of_message();
    return std::nullopt;
}

// The next octets for the shell; empty when the input or the message is at its end. What comes
// after a reason to refuse the message is read and thrown away.
std::string_view ServerSession::message_octets(std::string_view& input) {
    while (true) {
        const std::size_t before = input.size();
        const std::string_view octets = decoder_.next(binary_ ? binary_->lines(input) : input);
        data_octets_ += before - input.size();
        if (!is_discarding()) return octets;
        discarded_ += before - input.size();
        if (discarded_ > settings_->discard_ceiling) {
            close_with(replies::endless_input(), CloseReason::endless_input);
            return {};
        }
        if (octets.empty()) return {};
    }
}

// Why the message read so far cannot be taken.
std::optional<Reply> ServerSession::data_fault() const {
    if (data_refusal_) return data_refusal_;
    // Before the size, so that the reply does not depend on how the octets came.
    switch (decoder_.fault()) {
        case DataDecoder::Fault::none:
            break;
        case DataDecoder::Fault::long_line:
            return replies::line_too_long_in_data();
        case DataDecoder::Fault::bare_cr:
        case DataDecoder::Fault::bare_lf:
            return replies::bare_line_end_in_data();
    }
    if (settings_->message_size != 0 && message_size() > settings_->message_size)
        return replies::message_too_big(settings_->message_size);
    return std::nullopt;
}

// At the true end of a message that cannot be taken: says so and forgets the transaction.
bool ServerSession::refuse_bad_message() {
    const auto reply = data_fault();
    if (!reply) return false;
    const bool ends_message = state_ == State::data || last_chunk_;
    forget_unseen_octets();
    state_ = State::command;
    ends_message ? send_about_message(*reply) : send(*reply);
    abort_transaction(data_refusal_ ? AbortReason::failed : AbortReason::refused, *reply);
    data_refusal_.reset();
    if (reply->code == 421)
        close(CloseReason::answer_421);
    else if (shutting_down_)
        close_with(replies::shutting_down(), CloseReason::shutdown);
    return true;
}

// They go with what they belong to.
void ServerSession::forget_unseen_octets() {
    std::erase_if(events_, [](const ServerAction& event) {
        return std::holds_alternative<DataChunk>(event);
    });
}

void ServerSession::end_of_message() {
    if (refuse_bad_message()) return;
    ask(Question::end_data, EndData{message_size(), decoder_.saw_eight_bit(), decoder_.saw_nul()});
}

void ServerSession::refuse_data(const Reply& reply) {
    if (state_ == State::data || state_ == State::chunk) data_refusal_ = reply;
}

void ServerSession::on_end_data_answer(const Reply& reply) {
    send_about_message(reply);
    clear_transaction();
}

}  // namespace sluice::smtp
