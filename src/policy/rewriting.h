#pragma once

#include <string>
#include <string_view>

#include "channel/channel.h"
#include "config/configuration.h"
#include "mapping/answers.h"
#include "rewrite/rewrite.h"

namespace sluice::policy {

/// Answers what rewriting asks from the configuration (mapping tables) and from the outside answers
/// of the caller (databases, routines, directory), which know the question forms of the mapping
/// room. One object serves one address.
class RewritingAnswers final : public rewrite::Answers {
public:
    RewritingAnswers(const config::Configuration& configuration, mapping::Answers& outside)
        : configuration_(configuration), outside_(outside) {}

    rewrite::Answer general_database(std::string_view key) override;
    rewrite::Answer domain_database(std::string_view pattern) override;
    rewrite::Answer mapping(std::string_view table, std::string_view text) override;
    rewrite::Locality locality(std::string_view domain) override;
    rewrite::Answer site_routine(
        std::string_view image, std::string_view routine, std::string_view text
    ) override;
    rewrite::Answer ldap(std::string_view url) override;
    std::string unique_string() override;

private:
    rewrite::Answer ask(mapping::Question question);

    const config::Configuration& configuration_;
    mapping::Answers& outside_;
    unsigned strings_made_ = 0;
};

enum class AddressKind { envelope_to, envelope_from, header_forward, header_backward };

/// Rewrites one address as the source channel sees it (spec page imta-cnf, sections 4 and 6.1).
/// `reprocessing`: the message is run again by a channel of the family `reprocess*` in the name of
/// its first source channel ($1M holds).
rewrite::Outcome rewrite_address(
    const config::Configuration& configuration,
    const channel::Channel& source,
    AddressKind kind,
    std::string_view address,
    mapping::Answers& outside,
    rewrite::Trace* trace = nullptr,
    bool reprocessing = false
);

/// Splits "@a:u@h" or "u@h" at the last unquoted "@"; the domain is empty where there is none.
struct SplitAddress {
    std::string_view local_part;  ///< source route included
    std::string_view domain;
};
SplitAddress split_address(std::string_view address);

/// The address with a host, for addresses that came without one (spec section 6.2). `client_name`
/// is the name of the remote host, for the keyword remotehost.
std::string complete_address(
    const config::Configuration& configuration,
    const channel::Channel& source,
    AddressKind kind,
    std::string_view address,
    std::string_view client_name
);

}  // namespace sluice::policy
