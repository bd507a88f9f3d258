#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "config/configuration.h"
#include "converter/charset_probes.h"
#include "converter/service.h"
#include "message/mime_edit.h"

// What CHARSET-CONVERSION does with a message on its way into a queue: services, levels, labels,
// character sets, encodings, in this order (spec page conversions, sections 3 and 4). Those that
// enqueue and `imsimta test -conversion` call it; the queue is not known here.
namespace sluice::converter {

/// What goes in. All outlives the reformatting.
struct ReformatTask {
    const config::Configuration& configuration;
    const conversion::Entries& entries;
    const conversion::ReformatKeywords& keywords;
    ReformatWay way;
    std::string envelope_from;
    std::string message_id;
    std::vector<std::string> recipients;  ///< of the envelope
    std::shared_ptr<ByteSource> message;  ///< lines end with CRLF
    std::string directory;                ///< for service commands: to be made, and removed
    std::string spool_directory;          ///< for a message between two changes
    std::string command_host;             ///< path of that program
    mapping::Answers& answers;
    bool executes = true;  ///< false: says what services it would run
};

/// What became of one part; only of those that something was said about.
struct ReformatRecord {
    std::string number;
    std::string what;
};

/// A message reformatted. What is signed or encrypted (multipart/signed, multipart/encrypted) keeps
/// every octet. One thread.
class Reformatted {
public:
    /// An Error: something of ours failed, or the table had no answer; the message is not taken.
    static Result<Reformatted> run(const ReformatTask& task);
    Reformatted(Reformatted&&) noexcept;
    ~Reformatted();

    /// The message may go on as it is.
    [[nodiscard]] bool is_unchanged() const;
    /// A service has put octets above 127 into it; nothing else here does.
    [[nodiscard]] bool needs_eight_bit() const;
    [[nodiscard]] const std::vector<ServiceRecord>& services() const;
    [[nodiscard]] const std::vector<ReformatRecord>& records() const;
    [[nodiscard]] const std::vector<std::string>& warnings() const;
    /// The message as it is now.
    Result<void> write(const message::ByteSink& sink) const;

private:
    struct Work;
    explicit Reformatted(std::unique_ptr<Work> work);
    std::unique_ptr<Work> work_;
};

}  // namespace sluice::converter
