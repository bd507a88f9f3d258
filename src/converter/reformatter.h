#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "config/configuration.h"
#include "converter/reformat.h"
#include "lookup/sources.h"

namespace sluice::converter {

/// A message that is about to be queued for one channel.
struct OutgoingCopy {
    ReformatWay way;
    std::string envelope_from;
    std::string message_id;
    std::vector<std::string> recipients;
    std::string unique;  ///< names its directory
    std::shared_ptr<ByteSource> content;
};

/// CHARSET-CONVERSION and the conversion service of one configuration. Thread-safe; run() waits for
/// commands, and like choose() for whoever tables ask.
class Reformatter {
public:
    explicit Reformatter(config::ConfigurationPtr configuration);

    /// Whether anything is to be done. Where the answer is not at hand: `pending` unless
    /// `may_wait`.
    [[nodiscard]] ReformatChoice choose(const ReformatWay& way, bool may_wait) const;
    /// An Error: the message is not taken, for now.
    [[nodiscard]] Result<Reformatted> run(
        const conversion::ReformatKeywords& keywords, const OutgoingCopy& copy
    ) const;

private:
    /// What processes left that were killed while a service command ran.
    void sweep() const;

    config::ConfigurationPtr configuration_;
    std::unique_ptr<lookup::Sources> sources_;
    mutable std::once_flag swept_;
};

/// Null where a configuration has no table CHARSET-CONVERSION and no channel that labels text: then
/// nothing is ever asked.
std::shared_ptr<const Reformatter> reformatter_of(config::ConfigurationPtr configuration);

}  // namespace sluice::converter
