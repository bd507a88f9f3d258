#pragma once

#include <memory>
#include <string_view>

#include "auth/exchange.h"
#include "auth/sources.h"

namespace sluice::auth {

/// Begins the exchange of a mechanism: PLAIN, LOGIN and SCRAM by GNU SASL, EXTERNAL by
/// certificate_exchange(), others by the source that does them itself. Null: nobody does it.
/// `sources` outlive the exchange.
std::unique_ptr<Exchange> begin_exchange(
    std::string_view mechanism,
    const Circumstances& circumstances,
    std::shared_ptr<const Sources> sources
);

}  // namespace sluice::auth
