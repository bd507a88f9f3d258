#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "tls/facts.h"

namespace sluice::tls {

/// What came of a step. Only `done` moved anything. After `wants_read` and `wants_write` the same
/// call is due again once the socket can be read or written, whatever the call was for.
enum class Io {
    done,
    wants_read,
    wants_write,
    closed,  ///< the peer has ended the session, or the connection
    failed,  ///< see fault(); nothing more can be done with the stream
};

/// A TLS session over a socket that does not block and belongs to somebody else. The caller waits.
/// The process must ignore SIGPIPE: the library writes as it likes. Not thread-safe. An idle stream
/// holds no buffer.
class Stream {
public:
    Stream(Stream&& other) noexcept;
    Stream& operator=(Stream&& other) noexcept;
    ~Stream();

    Io handshake();
    /// `size`: octets read, at least one with `done`.
    Io read(std::span<char> into, std::size_t& size);
    /// `size`: octets written, perhaps less than all. After `wants_…` the same octets must be given
    /// again; they may have moved.
    Io write(std::string_view octets, std::size_t& size);
    /// Tells the peer that no more comes, as far as that goes without waiting.
    void say_goodbye();

    /// After the handshake.
    [[nodiscard]] Facts facts() const;
    /// After `failed`, in the library's words: "no shared cipher".
    [[nodiscard]] const std::string& fault() const;

private:
    friend struct StreamParts;
    struct Impl;
    explicit Stream(std::unique_ptr<Impl> impl);
    Io outcome(int returned);

    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::tls
