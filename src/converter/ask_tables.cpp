#include "converter/converter.h"
#include "mapping/engine.h"

namespace sluice::converter {

conversion::AskTable ask_tables_of(
    const config::Configuration& configuration, mapping::Answers& answers
) {
    return [&configuration, &answers](const std::string& table, const std::string& argument) {
        using Kind = conversion::TableAnswer::Kind;
        const mapping::Outcome outcome =
            mapping::probe(configuration.mappings, table, argument, {}, answers);
        if (outcome.pending || (outcome.temporary_failure && !outcome.matched))
            return conversion::TableAnswer{Kind::not_now, {}};
        if (!outcome.matched || outcome.flags.has('N'))
            return conversion::TableAnswer{Kind::none, {}};
        return conversion::TableAnswer{Kind::value, outcome.output};
    };
}

}  // namespace sluice::converter
