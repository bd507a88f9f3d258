#include "smtp_deliverer.h"

#include <algorithm>
#include <random>

#include "access/other_tables.h"
#include "base/bytes.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "base/utf8.h"
#include "policy/recipient.h"

namespace sluice::tcp_client {

using dequeue::Disposition;
using smtp::client_event::Outcome;
using smtp::client_event::RecipientDone;
using smtp::client_event::Unusable;

namespace {

// RFC 7504 section 3: this host takes no mail at all; other addresses need not be asked.
constexpr int no_mail_here = 554;

std::string domain_of(const std::string& address) {
    const std::size_t at = address.rfind('@');
    return at == std::string::npos ? std::string() : address.substr(at + 1);
}

std::uint64_t random_seed() {
    thread_local std::mt19937_64 numbers{std::random_device{}()};
    return numbers();
}

/// The peer's own status where it fits what is made of the reply, else class.0.0.
StatusCode status_in_class(const smtp::Reply& reply, std::uint16_t status_class) {
    StatusCode status = reply.status_or_default();
    status.status_class = status_class;
    return status;
}

/// A store says that it has too much to do (RFC 3463: system full, not accepting, congestion).
bool is_overload(const Disposition& disposition) {
    if (disposition.kind != Disposition::Kind::deferred) return false;
    const StatusCode& status = disposition.status;
    return (status.subject == 3 && (status.detail == 1 || status.detail == 2)) ||
           (status.subject == 4 && status.detail == 5);
}

}  // namespace

struct SmtpDeliverer::Batch {
    std::string host;
    std::vector<std::size_t> places;   ///< in the list of recipients to be delivered
    std::vector<std::size_t> indexes;  ///< in the envelope, same order
    std::vector<Disposition> dispositions;
    bool is_for_job_host = false;  ///< the host that the job controller knows the message by
    bool smtputf8 = false;         ///< the transaction used the extension

    [[nodiscard]] bool has_success() const {
        return std::any_of(dispositions.begin(), dispositions.end(), [](const Disposition& d) {
            return d.kind == Disposition::Kind::delivered || d.kind == Disposition::Kind::relayed;
        });
    }
    void set_all(const Disposition& disposition) {
        dispositions.assign(indexes.size(), disposition);
        for (Disposition& each : dispositions) each.host_failed &= is_for_job_host;
    }
};

std::vector<Disposition> SmtpDeliverer::deliver(
    queue::MessageFile& file, const std::vector<std::size_t>& recipients, const std::string& host
) {
    std::vector<Disposition> dispositions(recipients.size());
    const auto facts = inspect_content(file);
    for (Batch& batch : batches(file.envelope(), recipients, host)) {
        if (!facts) {
            batch.set_all(Disposition::from(facts.error()));
        } else if (is_undeclared(
                       context_.encoding, *facts, file.envelope().has_feature("SMTPUTF8")
                   )) {
            batch.set_all(Disposition::failed({5, 6, 7}, "8-bit octets in the header"));
        } else {
            deliver_batch(batch, file, *facts);
        }
        for (std::size_t i = 0; i < batch.places.size(); ++i)
            dispositions[batch.places[i]] = std::move(batch.dispositions[i]);
    }
    return dispositions;
}

// One host per file is the rule (single_sys), but a channel may say otherwise.
std::vector<SmtpDeliverer::Batch> SmtpDeliverer::batches(
    const queue::Envelope& envelope,
    const std::vector<std::size_t>& recipients,
    const std::string& host
) const {
    const std::string& daemon = context_.route.daemon;
    std::vector<Batch> out;
    for (std::size_t place = 0; place < recipients.size(); ++place) {
        const queue::Recipient& recipient = envelope.recipients[recipients[place]];
        const std::string destination =
            daemon.empty() ? recipient.host.value_or(domain_of(recipient.address)) : daemon;
        auto batch = std::find_if(out.begin(), out.end(), [&](const Batch& known) {
            return equals_ignoring_case(known.host, destination);
        });
        if (batch == out.end()) {
            batch = out.emplace(out.end());
            batch->host = destination;
            const bool is_told_apart = daemon.empty() && !host.empty();
            batch->is_for_job_host =
                is_told_apart ? equals_ignoring_case(host, destination) : place == 0;
        }
        batch->places.push_back(place);
        batch->indexes.push_back(recipients[place]);
    }
    return out;
}

void SmtpDeliverer::rest() {
    if (session_) session_->quit();
    session_.reset();
}

void SmtpDeliverer::deliver_batch(
    Batch& batch, queue::MessageFile& file, const ContentFacts& facts
) {
    if (!deliver_over_kept_connection(batch, file, facts)) {
        rest();
        deliver_over_new_connection(batch, file, facts);
    }
    if (batch.has_success()) kill_point("client-after-reply");
    if (!session_) return;
    if (session_->failure()) {
        session_.reset();
    } else if (!session_->session().can_begin()) {
        session_->quit("ATTEMPT_TRANSACTIONS_PER_SESSION reached");
        session_.reset();
    }
}

bool SmtpDeliverer::deliver_over_kept_connection(
    Batch& batch, queue::MessageFile& file, const ContentFacts& facts
) {
    if (!session_ || !equals_ignoring_case(session_host_, batch.host)) return false;
    if (!session_->is_usable()) return false;
    const TransactionReport report = transact(batch, file, facts);
    if (report.may_be_repeated()) return false;
    record(batch, report);
    return true;
}

void SmtpDeliverer::deliver_over_new_connection(
    Batch& batch, queue::MessageFile& file, const ContentFacts& facts
) {
    std::optional<Disposition> last_failure;
    const ConnectionLog log(context_, batch.host);
    RouteWalk walk(
        context_.route, batch.host, random_seed(), *context_.resolver, *context_.unreachable,
        [&log](const std::string& text) { log.warn(text); }
    );
    while (true) {
        auto step = walk.next(std::chrono::steady_clock::now());
        if (const auto* end = std::get_if<route::Exhausted>(&step)) {
            if (!end->error) return batch.set_all(*last_failure);
            Disposition failure = Disposition::from(*end->error);
            failure.host_failed = failure.kind == Disposition::Kind::deferred;
            return batch.set_all(failure);
        }
        auto& where = std::get<route::Try>(step);
        auto failure = forbids(where);
        const bool skipped = failure.has_value();
        if (!failure) failure = open_session(batch.host, where);
        if (failure) {
            if (failure->kind == Disposition::Kind::failed) return batch.set_all(*failure);
            if (is_permanent_refusal()) walk.skip_host();
            // A skipped address says less than one that was tried.
            if (!skipped || !last_failure) last_failure = std::move(failure);
            session_.reset();
            continue;
        }
        const TransactionReport report = transact(batch, file, facts);
        record(batch, report);
        if (!report.may_be_repeated()) return;
        last_failure = batch.dispositions.front();
        session_.reset();
    }
}

std::optional<Disposition> SmtpDeliverer::forbids(route::Try& where) const {
    const config::Configuration& configuration = context_.runtime.configuration();
    if (configuration.mappings.find("IP_ACCESS") == nullptr) return std::nullopt;
    lookup::BlockingAnswers answers(context_.runtime.sources());
    const access::Options options = policy::access_options(configuration);
    const access::OutboundVerdict verdict = access::check_outbound(
        {configuration.mappings, options, answers, nullptr},
        {context_.channel, where.number, where.count, where.endpoint.address, where.host}
    );
    for (const std::string& warning : verdict.warnings) diag::warning(warning);
    using Action = access::OutboundVerdict::Action;
    if (verdict.action == Action::fail_message) {
        // What the table says is for the log; the sender reads that the host is none.
        Disposition failed = Disposition::failed({5, 1, 2}, "IP_ACCESS: " + verdict.text);
        failed.notice_text = "invalid host or domain";
        return failed;
    }
    if (verdict.action == Action::skip || verdict.pending)
        return Disposition::deferred({4, 4, 4}, "IP_ACCESS: no address that may be connected to");
    if (verdict.action == Action::use_instead) where.endpoint.address = *verdict.instead;
    return std::nullopt;
}

bool SmtpDeliverer::is_permanent_refusal() const {
    return session_ && session_->failure()->reply.is_permanent();
}

// Nothing: messages can be sent over session_. Else what became of the attempt; session_ is there
// when it came to a connection.
std::optional<Disposition> SmtpDeliverer::open_session(
    const std::string& destination, const route::Try& where
) {
    using config::TlsDemand;
    const TlsDemand tls = context_.tls_demand(destination, where.host, where.endpoint);
    if (tls > TlsDemand::may) {
        if (const auto files = context_.tls(); !files.context)
            return Disposition::deferred({4, 7, 5}, "TLS is demanded: " + files.fault);
    }
    auto failure = open_session(destination, where, tls);
    const bool tls_failed =
        failure && session_ && session_->failure()->reason == Unusable::Reason::bad_tls;
    if (!tls_failed || tls != TlsDemand::may) return failure;
    // Mail in the clear is better than none where nobody asked for more.
    diag::warning(where.host + ": " + failure->diagnostic + "; going on without TLS");
    context_.without_tls->add(where.endpoint, std::chrono::steady_clock::now());
    session_.reset();
    return open_session(destination, where, TlsDemand::none);
}

std::optional<Disposition> SmtpDeliverer::open_session(
    const std::string& destination, const route::Try& where, config::TlsDemand tls
) {
    kill_point("client-before-connect");
    const std::string target = where.host + " [" + where.endpoint.address.to_string() + "] port " +
                               std::to_string(where.endpoint.port);
    context_.trace_tcp("connecting to " + target);
    Connection::ConnectFailure failure;
    auto connection = Connection::connect(
        where.endpoint, context_.route.source,
        std::chrono::steady_clock::now() + context_.connect_time, failure
    );
    if (!connection) {
        const std::string reason = failure.error_number != 0
                                       ? log::connect_failure(failure.error_number)
                                       : log::connect_timeout();
        context_.trace_tcp("no connection to " + target + ": " + reason);
        context_.unreachable->add(where.endpoint, std::chrono::steady_clock::now());
        ConnectionLog(context_, destination).failed(failure.transport, where.host, reason);
        Disposition unreached = Disposition::deferred({4, 4, 1}, reason);
        unreached.host_failed = true;
        return unreached;
    }
    context_.unreachable->remove(where.endpoint);
    session_ = std::make_unique<PeerSession>(
        context_, destination, where.host, std::move(*connection), tls
    );
    session_host_ = destination;
    if (session_->open()) return std::nullopt;
    const smtp::Reply& reply = session_->failure()->reply;
    const bool final = reply.code == no_mail_here;
    Disposition refused = final ? Disposition::failed(status_in_class(reply, 5), {})
                                : Disposition::deferred(status_in_class(reply, 4), {});
    describe(refused, reply);
    refused.overloaded = context_.lmtp && is_overload(refused);
    refused.host_failed = !final;
    return refused;
}

TransactionReport SmtpDeliverer::transact(
    Batch& batch, queue::MessageFile& file, const ContentFacts& facts
) {
    const bool takes_eight_bit = session_->session().capabilities().eight_bit_mime;
    const auto encoded =
        encode_for(file, facts, way_limits(context_.encoding, facts, takes_eight_bit));
    OutgoingReader reader(file, encoded ? encoded->recoding : std::nullopt);
    smtp::OutgoingMessage message = outgoing_message(
        file.envelope(), batch.indexes, encoded ? encoded->facts : facts, context_.local_host,
        context_.removes_routes
    );
    batch.smtputf8 = message.smtputf8 || std::any_of(
                                             message.recipients.begin(), message.recipients.end(),
                                             [](const smtp::OutgoingRecipient& recipient) {
                                                 return !is_ascii(recipient.path);
                                             }
                                         );
    // A file that could not be read now is one that cannot be read while it goes out.
    return session_->send(std::move(message), [&]() -> Result<std::string_view> {
        if (!encoded) return encoded.error();
        return reader.next();
    });
}

void SmtpDeliverer::record(Batch& batch, const TransactionReport& report) const {
    batch.dispositions.clear();
    const bool timed_out = report.broken && report.broken->reason == Unusable::Reason::timeout;
    for (const RecipientDone& done : report.recipients) {
        Disposition disposition;
        switch (done.outcome) {
            case Outcome::delivered:
                disposition.kind =
                    context_.lmtp ? Disposition::Kind::delivered : Disposition::Kind::relayed;
                disposition.status = status_in_class(done.reply, 2);
                disposition.reply = done.final_reply.to_text();
                break;
            case Outcome::permanent:
                disposition.kind = Disposition::Kind::failed;
                disposition.status = status_in_class(done.reply, 5);
                break;
            case Outcome::temporary:
                disposition.kind = Disposition::Kind::deferred;
                disposition.status = status_in_class(done.reply, 4);
                break;
        }
        describe(disposition, done.reply);
        disposition.overloaded = context_.lmtp && is_overload(disposition);
        disposition.modifiers.smtputf8 = batch.smtputf8;
        if (done.possible_duplicate)
            disposition.diagnostic += " (after the final dot: possible duplicate)";
        disposition.host_failed = timed_out && batch.is_for_job_host;
        batch.dispositions.push_back(std::move(disposition));
    }
}

// What log and notification show of the session that the outcome came about on.
void SmtpDeliverer::describe(Disposition& disposition, const smtp::Reply& reply) const {
    disposition.diagnostic = session_->diagnostic(reply);
    if (disposition.reply.empty() && reply.code != 0) disposition.reply = reply.to_text();
    disposition.remote_host = session_->dns_host();
    disposition.connection = session_->connection_text();
    disposition.transport = session_->transport();
    disposition.application = session_->application();
    const smtp::Capabilities& peer = session_->session().capabilities();
    disposition.peer_reports = peer.dsn;
    disposition.modifiers.tls = session_->tls() != nullptr;
    disposition.modifiers.esmtp = peer.esmtp && !context_.lmtp;
    disposition.modifiers.lmtp = context_.lmtp;
    disposition.modifiers.chunking = session_->session().uses_chunks();
}

}  // namespace sluice::tcp_client
