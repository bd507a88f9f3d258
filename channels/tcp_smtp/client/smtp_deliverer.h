#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client_context.h"
#include "dequeue/master.h"
#include "outgoing.h"
#include "peer_session.h"
#include "route_walk.h"

namespace sluice::tcp_client {

/// Delivers messages by SMTP or LMTP: finds the way to the destination host, connects, sends, and
/// keeps the connection for the next message to the same host until rest(). One object per thread;
/// `context` is shared and must outlive it.
class SmtpDeliverer final : public dequeue::Deliverer {
public:
    explicit SmtpDeliverer(const ClientContext& context) : context_(context) {}
    ~SmtpDeliverer() override { rest(); }

    std::vector<dequeue::Disposition> deliver(
        queue::MessageFile& file,
        const std::vector<std::size_t>& recipients,
        const std::string& host
    ) override;
    void rest() override;

private:
    /// The recipients of the message that share a destination host.
    struct Batch;

    std::vector<Batch> batches(
        const queue::Envelope& envelope,
        const std::vector<std::size_t>& recipients,
        const std::string& host
    ) const;
    void deliver_batch(Batch& batch, queue::MessageFile& file, const ContentFacts& facts);
    /// False: there is none that leads to the host, or it turned out to be gone.
    bool deliver_over_kept_connection(
        Batch& batch, queue::MessageFile& file, const ContentFacts& facts
    );
    void deliver_over_new_connection(
        Batch& batch, queue::MessageFile& file, const ContentFacts& facts
    );
    /// IP_ACCESS: may replace the address; a disposition where no connection is made to it.
    std::optional<dequeue::Disposition> forbids(route::Try& where) const;
    /// With TLS as it is demanded; where that fails and need not be, without.
    std::optional<dequeue::Disposition> open_session(
        const std::string& destination, const route::Try& where
    );
    std::optional<dequeue::Disposition> open_session(
        const std::string& destination, const route::Try& where, config::TlsDemand tls
    );
    [[nodiscard]] bool is_permanent_refusal() const;
    TransactionReport transact(Batch& batch, queue::MessageFile& file, const ContentFacts& facts);
    void record(Batch& batch, const TransactionReport& report) const;
    void describe(dequeue::Disposition& disposition, const smtp::Reply& reply) const;

    const ClientContext& context_;
    std::unique_ptr<PeerSession> session_;
    std::string session_host_;  ///< destination host that session_ was made for
};

}  // namespace sluice::tcp_client
