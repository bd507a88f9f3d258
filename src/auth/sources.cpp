#include "auth/sources.h"

#include <algorithm>

namespace sluice::auth {

namespace {

/// Of the answers so far and the next one: which counts.
void take(Answer& sum, Answer next) {
    if (sum.kind != Answer::Kind::unavailable) sum = std::move(next);
}

}  // namespace

bool Sources::serve(std::string_view mechanism) const {
    return std::any_of(list_.begin(), list_.end(), [&](const auto& source) {
        return source->serves(mechanism);
    });
}

Answer Sources::check_password(
    const Circumstances& circumstances, const std::string& user, const Secret& password
) const {
    Answer sum;
    for (const auto& source : list_) {
        if (!source->serves("PLAIN")) continue;
        Answer answer = source->check_password(circumstances, user, password);
        if (answer.kind == Answer::Kind::accepted || answer.kind == Answer::Kind::refused)
            return answer;
        take(sum, std::move(answer));
    }
    return sum;
}

IdentitySource::Lookup Sources::find_secret(ScramHash hash, const std::string& user) const {
    std::optional<IdentitySource::Lookup> first;
    for (const auto& source : list_) {
        if (!source->serves(name_of(hash))) continue;
        IdentitySource::Lookup lookup = source->find_secret(hash, user);
        if (lookup.answer.kind == Answer::Kind::accepted ||
            lookup.answer.kind == Answer::Kind::refused)
            return lookup;
        if (!first) {
            first = std::move(lookup);
        } else {
            take(first->answer, std::move(lookup.answer));
        }
    }
    return first ? std::move(*first) : IdentitySource::Lookup();
}

Answer Sources::find_user(const std::string& user) const {
    Answer sum;
    for (const auto& source : list_) {
        if (!source->serves("EXTERNAL")) continue;
        Answer answer = source->find_user(user);
        if (answer.kind == Answer::Kind::accepted || answer.kind == Answer::Kind::refused)
            return answer;
        take(sum, std::move(answer));
    }
    return sum;
}

std::unique_ptr<Exchange> Sources::begin(
    std::string_view mechanism, const Circumstances& circumstances
) const {
    for (const auto& source : list_) {
        if (source->serves(mechanism)) return source->begin(mechanism, circumstances);
    }
    return nullptr;
}

}  // namespace sluice::auth
