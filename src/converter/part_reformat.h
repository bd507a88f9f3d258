#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "converter/charset_probes.h"
#include "converter/part_text.h"
#include "converter/reformat.h"
#include "converter/text_labels.h"
#include "message/mime_edit.h"

// Labels, character sets and encodings of the parts of one message. Inside this room only.
namespace sluice::converter {

class PartReformat {
public:
    struct Notes {
        std::vector<ReformatRecord>& records;
        std::vector<std::string>& warnings;
    };
    /// Puts what is to be done into `edits`, which ask this no more when they are written.
    PartReformat(
        const ReformatTask& task,
        std::shared_ptr<ByteSource> source,
        const message::MimeParts& parts,
        message::MimeEdits& edits,
        const Notes& notes
    );
    Result<void> run();

private:
    /// What was found out about the content of a part in another character set.
    struct Trial {
        bool malformed = false;
        std::uint64_t missing = 0;
        message::ContentSurvey survey;
    };

    Result<void> take(const message::MimePart& part);
    Result<void> take_header(const message::MimePart& part);
    Result<conversion::Labels> relabelled(
        const message::MimePart& part, const conversion::Labels& labels
    );
    Result<std::string> label_for(const message::MimePart& part);
    Result<bool> change_charset(const message::MimePart& part, conversion::Labels& labels);
    Result<bool> convert(
        const message::MimePart& part, const std::string& from, const std::string& to
    );
    Result<Trial> try_out(
        const message::MimePart& part, const std::string& from, const std::string& to
    );
    void change_encoding(const message::MimePart& part);
    [[nodiscard]] bool is_sealed(const message::MimePart& part) const;
    [[nodiscard]] std::optional<message::TransferEncoding> wanted() const;
    void note(const message::MimePart& part, std::string what);

    const ReformatTask& task_;
    std::shared_ptr<ByteSource> source_;
    const message::MimeParts& parts_;
    message::MimeEdits& edits_;
    Notes notes_;
    Subjects subjects_;
    CharsetProbes probes_;
    TextLabels unlabelled_;        ///< what text is that does not say so
    bool converts_;                ///< the table CHARSET-CONVERSION has its say
    std::size_t word_octets_ = 0;  ///< of headers, changed so far
};

}  // namespace sluice::converter
