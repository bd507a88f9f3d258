#pragma once

#include <memory>

#include "tls/library.h"
#include "tls/stream.h"

namespace sluice::tls {

/// How contexts make streams. For the .cpp files of this room.
struct StreamParts {
    /// `owner` is what must live as long as the stream.
    static Stream make(SslHandle ssl, std::shared_ptr<const void> owner);
};

/// What can be said about a session that is up.
Facts facts_of(const SSL& ssl);

}  // namespace sluice::tls
