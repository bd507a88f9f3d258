#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rewrite/answers.h"
#include "rewrite/conditions.h"
#include "rewrite/context.h"
#include "rewrite/first_host.h"
#include "rewrite/match.h"
#include "rewrite/outcome.h"
#include "rewrite/template.h"

namespace sluice::rewrite {

/// What a template is expanded for. All parts must outlive the call.
struct Subject {
    const Context& context;
    const Options& options;
    Answers& answers;
    std::string_view address;
    const FirstHost& first;
    const Match& match;
};

/// What a template made of an address.
struct Expansion {
    Form form = Form::none;
    std::string local_part;
    std::string host;
    std::string source_route;
    std::string routing_system;
    std::optional<std::string> tag;
    std::optional<Failure> error;

    [[nodiscard]] std::string to_debug_string() const;
};

enum class Verdict { applies, fails, not_now };

struct Expanded {
    Verdict verdict = Verdict::fails;
    Expansion value;               ///< where the rule applies
    Unmet unmet = Unmet::nothing;  ///< otherwise: the conditions that did not hold
    std::string_view reason;       ///< or what else failed, a constant text
};

/// Expands a template from left to right and evaluates its conditions. Results of call-outs are
/// read as if they stood in the template. A rule that fails has no effect at all.
Expanded expand(const Template& templ, const Subject& subject);

}  // namespace sluice::rewrite
