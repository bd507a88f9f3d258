#include "auth/password_source.h"

#include <algorithm>
#include <semaphore>
#include <thread>

#include "auth/client_secrets.h"
#include "base/log.h"

namespace sluice::auth {

namespace {

constexpr std::ptrdiff_t most_slots = 64;

// More checks than processors at a time would only make each other slow, and the sessions' threads.
std::counting_semaphore<most_slots>& check_slots() {
    static std::counting_semaphore<most_slots> slots(
        std::clamp<std::ptrdiff_t>(std::thread::hardware_concurrency() / 2, 1, most_slots)
    );
    return slots;
}

bool matches_in_turn(const ScramSecret& secret, const std::string& password) {
    check_slots().acquire();
    const bool fits = matches(secret, password);
    check_slots().release();
    return fits;
}

Answer unavailable(std::string reason) {
    return {Answer::Kind::unavailable, {}, std::move(reason)};
}

Answer unknown() {
    return {Answer::Kind::unknown, {}, "No such user"};
}

}  // namespace

PasswordSource::PasswordSource(std::string path, std::string domain)
    : path_(std::move(path)), domain_(std::move(domain)) {}

PasswordSource::~PasswordSource() = default;

bool PasswordSource::serves(std::string_view mechanism) const {
    return mechanism == "PLAIN" || mechanism == "LOGIN" || mechanism == "EXTERNAL" ||
           mechanism.starts_with("SCRAM-SHA-256") || mechanism.starts_with("SCRAM-SHA-1");
}

Result<std::shared_ptr<const PasswordFile>> PasswordSource::current() {
    if (std::string fault = exposure_of(path_); !fault.empty())
        return Error::temporary({4, 7, 0}, "password file not usable", std::move(fault));
    auto text = texts_.read(path_);
    if (!text) return std::move(text).error();
    const std::lock_guard lock(mutex_);
    if (text_ == *text && file_) return file_;
    Diagnostics findings;
    file_ = std::make_shared<const PasswordFile>(PasswordFile::parse(**text, path_, findings));
    text_ = std::move(*text);
    for (const Diagnostic& finding : findings.items()) diag::warning(finding.to_string());
    return file_;
}

Answer PasswordSource::answer_about(const PasswordEntry& entry) const {
    const Identity who{entry.user, entry.mail.empty() ? mail_of(entry.user, domain_) : entry.mail};
    if (entry.disabled) return {Answer::Kind::refused, who, "account disabled"};
    return {Answer::Kind::accepted, who, {}};
}

// A user who is not there costs as much as one who is.
Answer PasswordSource::check_password(
    const Circumstances&, const std::string& user, const Secret& password
) {
    const auto file = current();
    if (!file) return unavailable(file.error().detail());
    const PasswordEntry* entry = (*file)->find(user);
    const ScramSecret* secret = nullptr;
    if (entry != nullptr) secret = entry->find(ScramHash::sha256);
    if (entry != nullptr && secret == nullptr) secret = entry->find(ScramHash::sha1);
    if (secret == nullptr) {
        const ScramSecret decoy =
            decoy_secret(ScramHash::sha256, user, (*file)->seed(), (*file)->iterations());
        matches_in_turn(decoy, password.reveal());
        if (entry == nullptr) return unknown();
        return {Answer::Kind::refused, {entry->user, {}}, "no password is set"};
    }
    const bool fits = matches_in_turn(*secret, password.reveal());
    Answer answer = answer_about(*entry);
    if (!fits) {
        answer.kind = Answer::Kind::refused;
        answer.reason = "Bad password";
    }
    return answer;
}

IdentitySource::Lookup PasswordSource::find_secret(ScramHash hash, const std::string& user) {
    const auto file = current();
    if (!file) return {unavailable(file.error().detail()), {}};
    const PasswordEntry* entry = (*file)->find(user);
    const ScramSecret* secret = entry != nullptr ? entry->find(hash) : nullptr;
    if (secret != nullptr) return {answer_about(*entry), *secret};
    Answer answer = unknown();
    if (entry != nullptr)
        answer = {
            Answer::Kind::refused,
            {entry->user, {}},
            "no secret for " + std::string(name_of(hash))};
    return {answer, decoy_secret(hash, user, (*file)->seed(), (*file)->iterations())};
}

Answer PasswordSource::find_user(const std::string& user) {
    const auto file = current();
    if (!file) return unavailable(file.error().detail());
    const PasswordEntry* entry = (*file)->find(user);
    return entry != nullptr ? answer_about(*entry) : unknown();
}

}  // namespace sluice::auth
