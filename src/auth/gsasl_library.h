#pragma once

#include <gsasl.h>

#include <memory>
#include <string>

#include "base/deleter.h"

// GNU SASL behind handles that free themselves. Included by .cpp files of this room only.
namespace sluice::auth {

using GsaslSession = std::unique_ptr<Gsasl_session, Deleter<gsasl_finish>>;

/// One context: it is cheap, and an exchange with its own shares nothing with other threads.
class GsaslLibrary {
public:
    GsaslLibrary() {
        Gsasl* context = nullptr;
        if (gsasl_init(&context) == GSASL_OK) context_.reset(context);
    }

    /// Null: the library does not do this mechanism.
    GsaslSession start_server(
        const std::string& mechanism, Gsasl_callback_function answer, void* hook
    ) {
        return start(gsasl_server_start, mechanism, answer, hook);
    }
    GsaslSession start_client(
        const std::string& mechanism, Gsasl_callback_function answer, void* hook
    ) {
        return start(gsasl_client_start, mechanism, answer, hook);
    }

private:
    template <class Start>
    GsaslSession start(
        Start begin, const std::string& mechanism, Gsasl_callback_function answer, void* hook
    ) {
        Gsasl_session* session = nullptr;
        if (!context_) return nullptr;
        gsasl_callback_set(context_.get(), answer);
        // Of the context: the library may ask while the session starts.
        gsasl_callback_hook_set(context_.get(), hook);
        if (begin(context_.get(), mechanism.c_str(), &session) != GSASL_OK) return nullptr;
        return GsaslSession(session);
    }

    std::unique_ptr<Gsasl, Deleter<gsasl_done>> context_;
};

}  // namespace sluice::auth
