#pragma once

#include <cstdint>

#include "base/result.h"
#include "queue/envelope.h"

// For message_file*.cpp only.
namespace sluice::queue {

class StorageFile;

/// Reads the envelope at the front of a message file of `file_size` octets, and looks that the
/// boundary closes the content where it should. Reads nothing else of a large file, and nothing at
/// all of one that cannot be a message file.
Result<DecodedEnvelope> read_envelope(StorageFile& file, std::uint64_t file_size);

}  // namespace sluice::queue
