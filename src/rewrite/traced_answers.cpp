#include "rewrite/traced_answers.h"

#include <string>
#include <utility>

namespace sluice::rewrite {

Answer TracedAnswers::note(std::string question, Answer answer) {
    switch (answer.state) {
        case Answer::State::found:
            question += ": \"" + answer.text + '"';
            break;
        case Answer::State::not_found:
            question += ": nothing found";
            break;
        case Answer::State::not_now:
            question += ": not to be had now";
            break;
    }
    trace_.push_back({TraceEvent::asked, {}, {}, std::move(question)});
    return answer;
}

Answer TracedAnswers::general_database(std::string_view key) {
    return note("general database, " + std::string(key), source_.general_database(key));
}

Answer TracedAnswers::domain_database(std::string_view pattern) {
    Answer answer = source_.domain_database(pattern);
    if (answer.state == Answer::State::not_found) return answer;
    return note("domain database, " + std::string(pattern), std::move(answer));
}

Answer TracedAnswers::mapping(std::string_view table, std::string_view text) {
    std::string question = "mapping table " + std::string(table) + ", ";
    question += text;
    return note(std::move(question), source_.mapping(table, text));
}

Locality TracedAnswers::locality(std::string_view domain) {
    const Locality answer = source_.locality(domain);
    std::string text = "directory, is " + std::string(domain) + " a domain handled here: ";
    text += answer == Locality::local       ? "yes"
            : answer == Locality::not_local ? "no"
                                            : "not to be had now";
    trace_.push_back({TraceEvent::asked, {}, {}, std::move(text)});
    return answer;
}

Answer TracedAnswers::site_routine(
    std::string_view image, std::string_view routine, std::string_view text
) {
    std::string question = "routine " + std::string(image) + ',';
    question += routine;
    question += ", ";
    question += text;
    return note(std::move(question), source_.site_routine(image, routine, text));
}

Answer TracedAnswers::ldap(std::string_view url) {
    return note("directory, " + std::string(url), source_.ldap(url));
}

std::string TracedAnswers::unique_string() {
    std::string made = source_.unique_string();
    trace_.push_back({TraceEvent::asked, {}, {}, "unique string: " + made});
    return made;
}

}  // namespace sluice::rewrite
