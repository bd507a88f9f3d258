#include "filter/session_filters.h"

#include <algorithm>
#include <utility>

#include "base/limit_hits.h"
#include "filter/judgement.h"

namespace sluice::filter {

void note_limit(FilterLine& line) {
    if (!line.session || !line.session->take_limit_hit()) return;
    limits::hit(
        limits::Limit::filter_packet, "filter at " + line.planned.settings->endpoint.to_string() +
                                          ' ' + line.session->verdict().reason
    );
}

using Kind = milter::Verdict::Kind;

milter::Macros client_macros(const ClientFacts& client, const PlannedFilter& planned) {
    milter::Macros macros;
    macros.set("j", client.host);
    macros.set("v", client.version);
    macros.set("{daemon_name}", client.daemon);
    macros.set("{source_channel}", client.source_channel);
    macros.set("{optin}", planned.optin);
    if (client.local) {
        const std::string address = client.local->address.to_string();
        macros.set("{daemon_addr}", address);
        macros.set("{if_addr}", address);
        macros.set("{if_name}", client.host);
        macros.set("{daemon_port}", std::to_string(client.local->port));
    }
    if (!client.remote) {
        macros.set("_", "localhost");
        macros.set("{client_name}", "localhost");
        return macros;
    }
    const std::string address = client.remote->address.to_string();
    const std::string name = client.name.empty() ? "unknown" : client.name;
    const std::string shown = client.name.empty() ? '[' + address + ']' : client.name;
    macros.set("_", shown + " [" + address + ']');
    macros.set("{client_addr}", address);
    macros.set("{client_port}", std::to_string(client.remote->port));
    macros.set("{client_name}", name);
    macros.set("{client_ptr}", name);
    return macros;
}

SessionFilters::SessionFilters(Plan plan, ClientFacts client) : client_(std::move(client)) {
    for (PlannedFilter& planned : plan) {
        FilterLine& line = lines_.emplace_back();
        line.planned = std::move(planned);
    }
}

void SessionFilters::open(FilterLine& line) {
    const milter::Macros macros = client_macros(client_, line.planned);
    line.session = std::make_unique<milter::ClientSession>();
    line.answered = false;
    line.helo.clear();
    line.helo_is_new = false;
    line.helo_refusal.reset();
    ++line.generation;
    const std::string& name = client_.name;
    if (client_.remote) {
        const IpAddress& address = client_.remote->address;
        line.session->connect(
            name.empty() ? '[' + address.to_string() + ']' : name, address, client_.remote->port,
            macros
        );
    } else {
        line.session->connect("localhost", std::nullopt, 0, macros);
    }
}

void SessionFilters::set_tls(milter::Macros macros) {
    hello_macros_ = std::move(macros);
    helo_.clear();
    for (FilterLine& line : lines_) line.helo.clear();
}

void SessionFilters::greet(FilterLine& line) {
    if (line.helo == helo_ || helo_.empty()) return;
    line.helo = helo_;
    line.helo_is_new = true;
    line.helo_refusal.reset();
    line.session->helo(helo_, hello_macros_);
}

void SessionFilters::begin(Stage stage, Ask ask) {
    stage_ = stage;
    ask_ = std::move(ask);
    current_ = 0;
    asked_ = false;
    retry_ = Retry::none;
    refusal_.reset();
}

void SessionFilters::ask_connect() {
    begin(Stage::connect, [this](FilterLine& line) { open(line); });
}

void SessionFilters::tell_hello(const std::string& name) {
    helo_ = name;
    begin(Stage::told, [this](FilterLine& line) {
        if (!line.session->is_failed()) greet(line);
    });
}

void SessionFilters::ask_hello(const std::string& name) {
    helo_ = name;
    begin(Stage::hello, [this](FilterLine& line) {
        if (!line.session || line.session->is_failed()) open(line);
        greet(line);
    });
}

void SessionFilters::ask_sender(
    const std::string& path,
    const std::vector<std::string>& parameters,
    const milter::Macros& macros
) {
    transaction_ = macros;
    begin(Stage::sender, [path, parameters, macros](FilterLine& line) {
        line.session->mail(path, parameters, macros);
    });
}

void SessionFilters::ask_recipient(
    const std::string& path,
    const std::vector<std::string>& parameters,
    const milter::Macros& macros
) {
    milter::Macros all = transaction_;
    all.merge(macros);
    begin(Stage::other, [path, parameters, all](FilterLine& line) {
        line.session->rcpt(path, parameters, all);
    });
}

// The macros are those of sendmail and Postfix: a mailer named "error", its host the status, its
// address the text.
void SessionFilters::tell_refused_recipient(
    const std::string& path,
    const std::vector<std::string>& parameters,
    const milter::ReplyText& reply
) {
    milter::Macros all = transaction_;
    all.set("{rcpt_mailer}", "error");
    all.set("{rcpt_host}", reply.status.to_string());
    if (!reply.lines.empty()) all.set("{rcpt_addr}", reply.lines.front());
    begin(Stage::told, [path, parameters, all](FilterLine& line) {
        if (line.session->wants_refused_recipients()) line.session->rcpt(path, parameters, all);
    });
}

bool SessionFilters::wants_refused_recipients() const {
    return std::any_of(lines_.begin(), lines_.end(), [](const FilterLine& line) {
        return line.session && line.session->wants_refused_recipients();
    });
}

void SessionFilters::tell_unknown(const std::string& text) {
    begin(Stage::told, [text](FilterLine& line) { line.session->unknown(text); });
}

void SessionFilters::ask_data() {
    begin(Stage::other, [this](FilterLine& line) { line.session->data(transaction_); });
}

FilterLine* SessionFilters::advance() {
    while (current_ < lines_.size() && !refusal_) {
        FilterLine& line = lines_[current_];
        if (!std::exchange(asked_, true)) ask_(line);
        if (!line.session->is_settled()) return &line;
        if (try_again(line)) continue;
        note(line);
        ++current_;
        asked_ = false;
        retry_ = Retry::none;
    }
    return nullptr;
}

// A connection that was left alone for long may be gone when the next message comes: that says
// nothing about the filter.
bool SessionFilters::try_again(FilterLine& line) {
    if (stage_ != Stage::sender || retry_ == Retry::done) return false;
    if (retry_ == Retry::none) {
        if (!line.session->is_failed() || !line.answered) return false;
        retry_ = Retry::greeting;
        open(line);
        greet(line);
        return true;
    }
    retry_ = Retry::done;
    if (!line.session->wants_message()) return false;
    ask_(line);
    return true;
}

void SessionFilters::note(FilterLine& line) {
    const milter::Verdict& verdict = line.session->verdict();
    if (verdict.kind != Kind::failure) line.answered = true;
    if (std::exchange(line.helo_is_new, false) && verdict.refuses())
        line.helo_refusal = verdict.reply;
    if (stage_ != Stage::told) refusal_ = refusal_of(line);
}

std::optional<milter::ReplyText> SessionFilters::refusal_of(const FilterLine& line) const {
    const milter::Verdict& verdict = line.session->verdict();
    if (verdict.kind == Kind::failure) {
        // At the start of the connection there is nothing to refuse yet; it is tried again.
        if (stage_ == Stage::connect) return std::nullopt;
        return refusal_after_failure(line.planned.settings->on_failure);
    }
    if (stage_ == Stage::hello && line.helo_refusal) return line.helo_refusal;
    if (verdict.refuses()) return verdict.reply;
    return std::nullopt;
}

void SessionFilters::abort() {
    for (FilterLine& line : lines_) {
        if (line.session) line.session->abort();
    }
}

bool ConnectionSlots::take(int filter, std::int64_t limit) {
    const std::lock_guard lock(mutex_);
    std::int64_t& taken = taken_[static_cast<std::size_t>(filter - 1)];
    if (limit > 0 && taken >= limit) return false;
    ++taken;
    return true;
}

void ConnectionSlots::give_back(int filter) {
    const std::lock_guard lock(mutex_);
    --taken_[static_cast<std::size_t>(filter - 1)];
}

}  // namespace sluice::filter
