#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

// Finding lines in logs of many gigabytes without reading them. A log is cut into segments of 16
// MiB and those into blocks of 64 KiB; for each segment one value in an LMDB file says which of its
// blocks have which words. A question names texts; the blocks that have all of their words are
// read and searched. Only what the log says counts: the index may be missing, old or thrown away
// at any time, then more is read. Formats and dialects do not matter here; a word is what stands
// between the usual marks (docs/formats/track-index.md, docs/adr/0038-index-of-words-in-blocks.md).
namespace sluice::log_index {

/// A word as the index knows it: 32 bits of a hash over its lower-case form. Two words may share
/// one, which costs reading a block for nothing.
using Word = std::uint32_t;

/// Calls `word` for each word of a line: runs of letters, digits and .-_+$%~!#* with at least three
/// characters, and addresses (a@b) both whole and by their domain. Numbers count only behind "msg"
/// and "delivery"; of a queue file's name only the part that stays the same counts.
void for_each_word(std::string_view line, const std::function<void(Word)>& word);
/// The words of a text that is looked for: a line that has the text has these words. Words at its
/// edges may go on in the line where the text is a `fragment`; then only those within count.
[[nodiscard]] std::vector<Word> words_to_find(std::string_view text, bool fragment);

}  // namespace sluice::log_index
