#pragma once

#include "base/text_file_cache.h"
#include "mapping/answers.h"

namespace sluice::enqueue {

/// Answers for the texts of files (members of mailing lists and the like) from the disk, and passes
/// every other question on. Never blocks for longer than reading a file. Both arguments must
/// outlive it.
class FileAnswers final : public mapping::Answers {
public:
    FileAnswers(TextFileCache& files, mapping::Answers& others) : files_(files), others_(others) {}

    mapping::Answer ask(const mapping::Question& question) override;

private:
    TextFileCache& files_;
    mapping::Answers& others_;
};

}  // namespace sluice::enqueue
