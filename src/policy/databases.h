#pragma once

#include <string_view>

#include "mapping/answers.h"
#include "rewrite/answers.h"

namespace sluice::policy {

/// The lookup databases that the policy itself asks. The general and the domain database are asked
/// by mapping tables and rewrite rules (policy/rewriting.h).
enum class Database { alias, forward, reverse };

/// The value stored under `key`, which is compared without regard to case. Where the value comes
/// from is the business of `outside`: a text database of the configuration or a file on disk. A
/// database that is not there holds nothing; one that cannot be read is `not_now`. The alias
/// database is empty where USE_ALIAS_DATABASE is 0; whether forward and reverse databases are to be
/// asked, and with which keys, is for the caller to say (USE_FORWARD_DATABASE,
/// USE_REVERSE_DATABASE).
///
/// `not_now` also stands for an answer that is still awaited; the shell sees that and decides
/// again, so the caller treats both alike: a temporary failure.
rewrite::Answer find_in(Database database, std::string_view key, mapping::Answers& outside);

/// What the outside said, in the words of the rewrite room. What is not known yet is "not now": the
/// decision is made again when it is.
rewrite::Answer as_rewrite_answer(const mapping::Answer& answer);

}  // namespace sluice::policy
