#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/configuration.h"
#include "mapping/answers.h"

namespace sluice::lookup {

/// Where the policy's questions to the outside are answered in a running program: lookup databases,
/// text databases of the configuration, sequence files, built-in call-outs, libraries of the site,
/// chance. Nothing is opened, resolved or started before it is asked for. Thread-safe.
///
/// Without an instance (a configuration whose tailor is all defaults) there are no files and no
/// site routines. Nobody answers for a directory: those questions find nothing.
class Sources {
public:
    struct Settings {
        /// For call-outs, "ip" or "ip@port"; empty: those of the system.
        std::vector<std::string> name_servers;
    };
    explicit Sources(config::ConfigurationPtr configuration);
    Sources(config::ConfigurationPtr configuration, Settings settings);
    ~Sources();
    Sources(const Sources&) = delete;
    Sources& operator=(const Sources&) = delete;

    /// Whether answer() may wait for somebody: the DNS, a lock, a routine of the site.
    [[nodiscard]] bool may_block(const mapping::Question& question) const;
    /// Never `pending`. Ends within seconds.
    mapping::Answer answer(const mapping::Question& question);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// For programs that may wait: every question is answered at once.
class BlockingAnswers final : public mapping::Answers {
public:
    explicit BlockingAnswers(Sources& sources) : sources_(sources) {}
    mapping::Answer ask(const mapping::Question& question) override {
        return sources_.answer(question);
    }

private:
    Sources& sources_;
};

}  // namespace sluice::lookup
