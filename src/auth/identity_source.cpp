#include "auth/identity_source.h"

namespace sluice::auth {

IdentitySource::Lookup IdentitySource::find_secret(ScramHash, const std::string&) {
    return {};
}

Answer IdentitySource::find_user(const std::string&) {
    return {};
}

std::unique_ptr<Exchange> IdentitySource::begin(std::string_view, const Circumstances&) {
    return nullptr;
}

std::string mail_of(std::string_view user, std::string_view domain) {
    std::string mail(user);
    if (mail.find('@') == std::string::npos && !domain.empty()) mail.append("@").append(domain);
    return mail;
}

}  // namespace sluice::auth
