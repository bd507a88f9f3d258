#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "tls/server_contexts.h"
#include "tls/settings.h"
#include "tls/stream.h"

namespace sluice::tls {

/// What the TLS streams of a client are made from. It remembers the sessions of the hosts that were
/// connected to, so that the next connection to them costs less. Thread-safe.
class ClientContext : public std::enable_shared_from_this<ClientContext> {
public:
    static Result<std::shared_ptr<ClientContext>> make(const ClientSettings& settings);
    virtual ~ClientContext() = default;
    ClientContext(const ClientContext&) = delete;
    ClientContext& operator=(const ClientContext&) = delete;

    struct Server {
        std::string host;                     ///< for SNI, and to be found in the certificate
        std::vector<std::string> names = {};  ///< any of them will do as well in the certificate
        std::string address = {};             ///< tells hosts of one name apart: "192.0.2.1:25"
        /// Take what an encrypted session must not have, but one that need not be encrypted at all
        /// may: short keys.
        bool lenient = false;
    };
    /// A stream over a connected socket that does not block. The handshake does not fail for a
    /// certificate that cannot be verified; Facts::peer says whether it was.
    [[nodiscard]] virtual Result<Stream> connect(int socket, const Server& server) = 0;

protected:
    ClientContext() = default;
};

Findings examine(const ClientSettings& settings);

}  // namespace sluice::tls
