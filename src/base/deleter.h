#pragma once

namespace sluice {

/// Deleter that names the C function: `std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>`.
template <auto Function>
struct Deleter {
    template <class T>
    void operator()(T* object) const noexcept {
        Function(object);
    }
};

}  // namespace sluice
