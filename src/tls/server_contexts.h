#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "tls/settings.h"
#include "tls/stream.h"

namespace sluice::tls {

/// What the TLS streams of a server are made from: its certificates, each with the hosts it is for,
/// and the keys of its session tickets. Made from settings once, then only read; thread-safe. A
/// stream keeps what it was made from alive.
class ServerContexts : public std::enable_shared_from_this<ServerContexts> {
public:
    /// Certificates that cannot be used are left out and named in `faults`. An Error: none was
    /// left, or something else in the settings is wrong.
    static Result<std::shared_ptr<const ServerContexts>> make(
        const ServerSettings& settings, std::vector<std::string>& faults
    );
    virtual ~ServerContexts() = default;
    ServerContexts(const ServerContexts&) = delete;
    ServerContexts& operator=(const ServerContexts&) = delete;

    /// A stream over a connected socket that does not block. The socket outlives it.
    [[nodiscard]] virtual Result<Stream> accept(int socket) const = 0;

protected:
    ServerContexts() = default;
};

/// All that is to be said about the files and words of these settings, for the check of the
/// configuration: what is wrong (nothing works without it) and what is remarkable.
struct Findings {
    std::vector<std::string> errors;
    std::vector<std::string> warnings;
};
Findings examine(const ServerSettings& settings);

}  // namespace sluice::tls
