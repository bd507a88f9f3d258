#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "config/configuration.h"
#include "containment/job.h"
#include "conversion/environment.h"
#include "conversion/outcome.h"
#include "conversion/plan.h"
#include "mapping/answers.h"
#include "message/mime_edit.h"

// What a conversion channel does with a message: takes it apart, finds the entry for each part,
// runs the commands, puts the message together again (spec page conversions, section 2). The
// channel and `imsimta test -conversion` call it; neither queue nor log are known here.
namespace sluice::converter {

/// What goes in. All outlives the conversion.
struct Task {
    const conversion::Entries& entries;
    const config::ConversionOptions& options;
    conversion::MessageFacts facts;
    std::vector<std::string> recipients;  ///< of the envelope, for ENVELOPE_TO
    std::shared_ptr<ByteSource> message;  ///< lines end with CRLF
    std::string directory;                ///< to be made, and removed afterwards
    std::string command_host;             ///< path of that program
    conversion::AskTable ask_table;
    bool executes = true;  ///< false: only says what it would do
};

/// What became of one part.
struct PartRecord {
    std::size_t part = 0;  ///< index into the parts
    conversion::PartFacts facts;
    conversion::PartPlan plan;
    std::string shell_text;  ///< of the command, if there is one
    std::optional<containment::Report> report;
    std::optional<conversion::Verdict> verdict;
    std::string what;  ///< in a few words
};

/// A conversion that came to an end. Keeps its working directory until it goes.
class Conversion {
public:
    /// An Error: something of ours failed; the message is to be tried again.
    static Result<Conversion> run(Task task);
    Conversion(Conversion&&) noexcept;
    ~Conversion();

    /// FORCERETURN, FORCEHOLD, FORCEDISCARD or AGN for the whole message; else none.
    [[nodiscard]] conversion::Directive directive() const;
    /// Why, for log and notification.
    [[nodiscard]] const std::string& text() const;
    /// Nothing is changed: the message may go on as it is.
    [[nodiscard]] bool is_unchanged() const;
    /// A command's result stands in it with octets above 127, or with NUL: it needs 8BITMIME.
    [[nodiscard]] bool needs_eight_bit() const;
    [[nodiscard]] const message::MimeParts& parts() const;
    /// Of every part that was compared with entries, in the order of the message.
    [[nodiscard]] const std::vector<PartRecord>& records() const;
    [[nodiscard]] const std::vector<std::string>& warnings() const;
    /// The converted message.
    Result<void> write(const message::ByteSink& sink) const;

private:
    struct Work;
    explicit Conversion(std::unique_ptr<Work> work);
    std::unique_ptr<Work> work_;
};

/// Asks the mapping tables of a configuration (conversion/value.h). Both outlive the result.
conversion::AskTable ask_tables_of(
    const config::Configuration& configuration, mapping::Answers& answers
);

}  // namespace sluice::converter
