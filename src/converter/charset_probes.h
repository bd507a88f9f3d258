#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "config/configuration.h"
#include "conversion/reformat_keywords.h"
#include "mapping/answers.h"

// The two questions that the mapping table CHARSET-CONVERSION is asked (spec page conversions,
// section 3).
namespace sluice::converter {

/// A message on its way to a channel.
struct ReformatWay {
    std::string in_channel;
    std::string out_channel;
    std::vector<std::string> tags;    ///< conversion tags in force
    bool goes_by_conversion = false;  ///< a conversion channel comes first
};

struct ReformatChoice {
    enum class Kind {
        none,      ///< the message stays as it is
        reformat,  ///< `keywords` say what is done
        pending,   ///< somebody must be waited for
        not_now,   ///< the table has no answer now: the message is not taken
    };
    Kind kind = Kind::none;
    conversion::ReformatKeywords keywords;  ///< `never`: only unlabelled text gets its label
    std::string text;                       ///< in a few words, for explanations
};

/// The first question. Without the table nothing is asked; where nothing is to be done by it, text
/// of a channel with charset7 and its kin is labelled all the same.
ReformatChoice choose_reformat(
    const config::Configuration& configuration, const ReformatWay& way, mapping::Answers& answers
);

/// The second question, put once for each character set of a message. One message, one thread.
class CharsetProbes {
public:
    /// Sets of one message that are asked about; further ones stay.
    static constexpr std::size_t most_charsets = 64;

    /// All but the way outlive this.
    CharsetProbes(
        const config::Configuration& configuration,
        const ReformatWay& way,
        mapping::Answers& answers,
        std::vector<std::string>& warnings
    );
    /// What is to be done; only names that are known come out.
    [[nodiscard]] message::CharsetChange change_of(std::string_view charset);
    /// The table had no answer for one of them.
    [[nodiscard]] bool not_now() const { return not_now_; }

private:
    message::CharsetChange ask(std::string_view charset);

    const config::Configuration& configuration_;
    std::string probe_;  ///< without the set
    mapping::Answers& answers_;
    std::vector<std::string>& warnings_;
    std::map<std::string, message::CharsetChange, LessIgnoringCase> known_;
    bool not_now_ = false;
};

}  // namespace sluice::converter
