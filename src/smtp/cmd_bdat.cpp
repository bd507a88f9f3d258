// BDAT (RFC 3030 section 2).
#include <algorithm>

#include "base/bytes.h"
#include "smtp/server_session.h"
#include "smtp/standard_replies.h"

namespace sluice::smtp {

using namespace server_action;

// The octets follow the command whatever the answer is, so a BDAT out of sequence is read to its
// end as well before it is refused. Without a usable length nobody can tell where the next command
// begins: that closes the connection.
void ServerSession::cmd_bdat(std::string_view argument) {
    if (!settings_->chunking) return bad_argument(replies::not_implemented("BDAT"));
    const auto words = split_words(argument);
    const auto length = words.empty() ? std::nullopt : parse_unsigned(words[0]);
    const bool is_last = words.size() == 2 && equals_ignoring_case(words[1], "LAST");
    if (!length || words.size() > 2 || (words.size() == 2 && !is_last)) {
        bad_argument(replies::bad_chunk_length());
        if (state_ != State::closed) close(CloseReason::bad_chunk);
        return;
    }
    chunk_left_ = *length;
    last_chunk_ = is_last;
    if (in_data_) {
        state_ = State::chunk;
        return;
    }
    if (auto reply = data_out_of_sequence()) {
        start_decoder(false);
        data_refusal_ = std::move(reply);
        state_ = State::chunk;
        return;
    }
    chunking_ = true;
    ask(Question::begin_chunks, BeginData{true});
}

void ServerSession::on_begin_chunks_answer(const Reply& reply) {
    start_decoder(false);
    in_data_ = true;
    const auto& limit = settings_->refused_above_recipients;
    if (limit && presented_ > *limit)
        data_refusal_ = replies::message_refused_too_many_recipients();
    if (!reply.is_positive() && !reply.is_intermediate()) data_refusal_ = reply;
    state_ = State::chunk;
}

std::optional<ServerAction> ServerSession::feed_chunk(std::string_view& input) {
    reader_.skip_line_feed(input);
    std::string_view part = input.substr(
        0, static_cast<std::size_t>(std::min<std::uint64_t>(chunk_left_, input.size()))
    );
    const std::size_t before = part.size();
    const std::string_view octets = message_octets(part);
    input.remove_prefix(before - part.size());
    chunk_left_ -= before - part.size();
    if (!octets.empty()) return DataChunk{octets};
    if (state_ == State::chunk && chunk_left_ == 0) end_of_chunk();
    return std::nullopt;
}

// The last of its octets may still be with who makes lines of them.
void ServerSession::give_tail() {
    std::string_view none;
    std::string_view& lines = binary_ ? binary_->last_lines() : none;
    while (!lines.empty()) {
        const std::string_view run = decoder_.next(lines);
        if (!run.empty()) events_.emplace_back(DataChunk{run});
    }
    if (is_discarding()) return;
    const std::string_view closing = decoder_.end_of_chunks();
    if (!closing.empty()) events_.emplace_back(DataChunk{closing});
}

void ServerSession::end_of_chunk() {
    // The shell may refuse the message for what its end brings: it gets that before anything is
    // said of the message.
    if (last_chunk_ && !tail_is_out_ && !is_discarding()) {
        tail_is_out_ = true;
        give_tail();
        if (!is_discarding() && !events_.empty()) return;
    }
    // A failed chunk fails the message; chunks that are on their way get 503 (RFC 3030 section 2).
    if (refuse_bad_message()) return;
    if (last_chunk_) return end_of_message();
    state_ = State::command;
    send(replies::chunk_accepted());
}

}  // namespace sluice::smtp
