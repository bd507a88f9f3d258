#include "policy/databases.h"

#include <string>

namespace sluice::policy {

using mapping::Question;

namespace {

Question::Kind kind_of(Database database) {
    switch (database) {
        case Database::alias:
            return Question::Kind::alias_value;
        case Database::forward:
            return Question::Kind::forward_value;
        case Database::reverse:
            break;
    }
    return Question::Kind::reverse_value;
}

}  // namespace

rewrite::Answer as_rewrite_answer(const mapping::Answer& answer) {
    switch (answer.kind) {
        case mapping::Answer::Kind::found:
            return rewrite::Answer::found(answer.text);
        case mapping::Answer::Kind::not_found:
            return rewrite::Answer::not_found();
        case mapping::Answer::Kind::temporary_failure:
        case mapping::Answer::Kind::pending:
            break;
    }
    return rewrite::Answer::not_now();
}

rewrite::Answer find_in(Database database, std::string_view key, mapping::Answers& outside) {
    return as_rewrite_answer(outside.ask({kind_of(database), std::string(key), {}, {}}));
}

}  // namespace sluice::policy
