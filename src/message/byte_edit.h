#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/result.h"
#include "message/mime_part.h"

// A message written again with some stretches replaced and every other octet exactly as it was.
// Memory is that of a buffer, whatever the sizes.
namespace sluice::message {

/// Takes octets in order; an Error ends the writing and is passed on.
using ByteSink = std::function<Result<void>(std::string_view)>;

/// Reads `range` of `source` in pieces. Fails (temporary) where the source ends before it.
Result<void> read_range(ByteSource& source, const ByteRange& range, const ByteSink& sink);

/// Stretches of one source and what stands in their place.
class ByteEdits {
public:
    /// Something that produces the new octets when they are wanted; may be called once only.
    using Producer = std::function<Result<void>(const ByteSink&)>;

    void replace(const ByteRange& where, std::string text);
    /// All of `source`, which is shared with the caller.
    void replace(const ByteRange& where, std::shared_ptr<ByteSource> source);
    void replace(const ByteRange& where, Producer producer);
    void remove(const ByteRange& where) { replace(where, std::string()); }
    void insert(std::uint64_t offset, std::string text) {
        replace({offset, offset}, std::move(text));
    }
    [[nodiscard]] bool empty() const { return edits_.empty(); }

    /// The source with all edits made, in order. Insertions at one place stand in the order in
    /// which they were made. An edit inside a stretch that another replaces is dropped with it; two
    /// that overlap otherwise are a mistake of the caller: permanent Error, and nothing is written.
    Result<void> write(ByteSource& source, const ByteSink& sink) const;

private:
    struct Edit {
        ByteRange where;
        Producer producer;
    };
    Result<std::vector<const Edit*>> in_order() const;

    std::vector<Edit> edits_;
};

}  // namespace sluice::message
