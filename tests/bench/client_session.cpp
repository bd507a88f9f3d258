#include "client_session.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::bench {

namespace {

constexpr std::size_t reply_ceiling = 4096;
constexpr std::size_t id_width = 10;
constexpr std::string_view line_of_text =
    "What is measured here is how fast this text becomes durable, not what it says.\r\n";

std::string header(std::uint64_t id, const Workload& workload, const std::string& recipient) {
    // Ids of one width, so that every message has the same size.
    std::string number = std::to_string(id);
    number.insert(0, id_width - std::min(id_width, number.size()), '0');
    return "X-Load-Id: " + number + "\r\nMessage-ID: <load." + number +
           "@client.example>\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\nFrom: <" +
           workload.sender + ">\r\nTo: <" + recipient +
           ">\r\nSubject: load\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n";
}

/// How many of the ids below `id` go to the first domain where that has a share of its own.
std::uint64_t first_ones(std::uint64_t id, const Workload& workload) {
    constexpr std::uint64_t percent = 100;
    return id * workload.first_share / percent;
}

std::uint64_t domain_of(std::uint64_t id, const Workload& workload) {
    if (workload.first_share == 0) return id % workload.domains;
    const bool is_first = first_ones(id + 1, workload) != first_ones(id, workload);
    return is_first ? 0 : 1 + id % (workload.domains - 1);
}

std::string recipient_of(std::uint64_t id, const Workload& workload) {
    const std::string user = "u" + std::to_string(id % workload.users) + "@";
    if (workload.domains <= 1) return user + workload.domain;
    return user + "d" + std::to_string(domain_of(id, workload)) + "." + workload.domain;
}

std::string make_body(const Workload& workload) {
    const std::size_t head = header(0, workload, recipient_of(0, workload)).size();
    std::string body;
    while (head + body.size() + line_of_text.size() <= workload.size) body += line_of_text;
    if (head + body.size() + 2 < workload.size) {
        body.append(workload.size - head - body.size() - 2, 'x').append("\r\n");
    }
    return body + ".\r\n";
}

float milliseconds(MonoTime from, MonoTime to) {
    return std::chrono::duration<float, std::milli>(to - from).count();
}

}  // namespace

Ledger::Ledger(Workload workload) : workload_(std::move(workload)), body_(make_body(workload_)) {
    latencies_.reserve(workload_.messages);
    commits_.reserve(workload_.messages);
}

std::optional<std::uint64_t> Ledger::take() {
    if (!returned_.empty()) {
        const std::uint64_t id = returned_.back();
        returned_.pop_back();
        return id;
    }
    if (next_ == workload_.messages) return std::nullopt;
    return workload_.first_id + next_++;
}

void Ledger::accepted(MonoTime begun, MonoTime ended, MonoTime now) {
    latencies_.push_back(milliseconds(begun, now));
    commits_.push_back(milliseconds(ended, now));
    last_accepted_ = now;
}

void Ledger::refused(std::string_view reply) {
    ++refused_;
    last_refusal_ = printable(reply);
}

double Ledger::quantile(std::vector<float> milliseconds, double share) {
    if (milliseconds.empty()) return 0;
    const auto index = static_cast<std::size_t>(static_cast<double>(milliseconds.size()) * share);
    const auto place = milliseconds.begin() +
                       static_cast<std::ptrdiff_t>(std::min(index, milliseconds.size() - 1));
    std::nth_element(milliseconds.begin(), place, milliseconds.end());
    return *place;
}

void ClientSession::on_input(std::string_view bytes, MonoTime now) {
    input_.append(bytes);
    std::size_t begin = 0;
    while (state_ != State::over) {
        const std::size_t end = input_.find('\n', begin);
        if (end == std::string::npos) break;
        on_reply(std::string_view(input_).substr(begin, end - begin), now);
        begin = end + 1;
    }
    input_.erase(0, begin);
    if (input_.size() > reply_ceiling) fail();
}

void ClientSession::on_close() {
    if (state_ == State::over) return;
    if (state_ == State::quit) {
        state_ = State::over;
        return;
    }
    ledger_.broken();
    fail();
}

void ClientSession::on_reply(std::string_view line, MonoTime now) {
    if (line.size() > 3 && line[3] == '-') return;
    const char wanted = state_ == State::data ? '3' : '2';
    if (state_ != State::quit && (line.empty() || line.front() != wanted)) {
        ledger_.refused(line);
        fail();
        return;
    }
    const bool pipelining = ledger_.workload().pipelining;
    switch (state_) {
        case State::greeting:
            output_ += "EHLO client.example\r\n";
            state_ = State::hello;
            return;
        case State::hello:
            begin_envelope(now);
            return;
        case State::mail:
            if (!pipelining) output_ += "RCPT TO:<" + recipient() + ">\r\n";
            state_ = State::recipient;
            return;
        case State::recipient:
            if (!pipelining) output_ += "DATA\r\n";
            state_ = State::data;
            return;
        case State::data:
            send_content(now);
            return;
        case State::content:
            on_accepted(now);
            return;
        case State::quit:
            state_ = State::over;
            return;
        case State::over:
            return;
    }
}

void ClientSession::begin_envelope(MonoTime now) {
    begun_ = now;
    output_ += "MAIL FROM:<" + ledger_.workload().sender + ">\r\n";
    if (ledger_.workload().pipelining) output_ += "RCPT TO:<" + recipient() + ">\r\nDATA\r\n";
    state_ = State::mail;
}

void ClientSession::send_content(MonoTime now) {
    output_ += header(*id_, ledger_.workload(), recipient());
    output_ += ledger_.body();
    ended_ = now;
    state_ = State::content;
}

void ClientSession::on_accepted(MonoTime now) {
    ledger_.accepted(begun_, ended_, now);
    id_.reset();
    const std::uint64_t most = ledger_.workload().messages_per_connection;
    if (most == 0 || ++sent_ < most) id_ = ledger_.take();
    if (id_) {
        begin_envelope(now);
    } else {
        output_ += "QUIT\r\n";
        state_ = State::quit;
    }
}

void ClientSession::fail() {
    if (id_) ledger_.give_back(*id_);
    id_.reset();
    output_.clear();
    failed_ = true;
    state_ = State::over;
}

std::string ClientSession::recipient() const {
    return recipient_of(*id_, ledger_.workload());
}

}  // namespace sluice::bench
