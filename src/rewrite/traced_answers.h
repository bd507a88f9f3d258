#pragma once

#include "rewrite/answers.h"
#include "rewrite/trace.h"

namespace sluice::rewrite {

/// Passes questions on and writes each with its answer into a trace. The domain database, which is
/// asked for every pattern, is only mentioned where it knows something or cannot be asked.
class TracedAnswers final : public Answers {
public:
    TracedAnswers(Answers& source, Trace& trace) : source_(source), trace_(trace) {}

    Answer general_database(std::string_view key) override;
    Answer domain_database(std::string_view pattern) override;
    Answer mapping(std::string_view table, std::string_view text) override;
    Locality locality(std::string_view domain) override;
    Answer site_routine(std::string_view image, std::string_view routine, std::string_view text)
        override;
    Answer ldap(std::string_view url) override;
    std::string unique_string() override;

private:
    Answer note(std::string question, Answer answer);

    Answers& source_;
    Trace& trace_;
};

}  // namespace sluice::rewrite
