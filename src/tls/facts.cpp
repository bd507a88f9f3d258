#include "tls/facts.h"

namespace sluice::tls {

std::string info_text(const Facts& facts) {
    return facts.version + '-' + std::to_string(facts.bits) + '-' + facts.cipher;
}

}  // namespace sluice::tls
