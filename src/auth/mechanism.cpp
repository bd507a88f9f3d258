#include "auth/mechanism.h"

#include <algorithm>

namespace sluice::auth {

bool contains(const Mechanisms& mechanisms, std::string_view name) {
    return std::find(mechanisms.begin(), mechanisms.end(), name) != mechanisms.end();
}

bool is_plain_text(std::string_view mechanism) {
    return mechanism == "PLAIN" || mechanism == "LOGIN" || mechanism == "OAUTHBEARER" ||
           mechanism == "XOAUTH2";
}

bool is_bound(std::string_view mechanism) {
    return mechanism.ends_with("-PLUS");
}

const Mechanisms& known_mechanisms() {
    static const Mechanisms names{
        "SCRAM-SHA-256-PLUS",
        "SCRAM-SHA-256",
        "SCRAM-SHA-1-PLUS",
        "SCRAM-SHA-1",
        "EXTERNAL",
        "OAUTHBEARER",
        "XOAUTH2",
        "PLAIN",
        "LOGIN"};
    return names;
}

}  // namespace sluice::auth
