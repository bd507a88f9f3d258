#include "queue/deletion_mark.h"

#include <string>

#include "base/log.h"
#include "queue/failure.h"
#include "queue/storage.h"
#include "queue/store.h"

namespace sluice::queue {

namespace {

/// By the unique part: attempts change the name.
std::string mark_of(const Store& store, const MessageLocation& location) {
    return store.root() + '/' + location.channel + "/tmp/" + location.name.unique + ".delete";
}

}  // namespace

Result<void> mark_for_deletion(Store& store, const MessageLocation& location) {
    if (auto made = store.prepare(location.channel, location.sub_directory); !made) return made;
    const auto mark = store.storage().open(mark_of(store, location), Storage::Open::create_or_open);
    if (!mark) return mark.error();
    return {};
}

bool is_marked_for_deletion(const Store& store, const MessageLocation& location) {
    return store.storage().status(mark_of(store, location)).has_value();
}

void clear_deletion_mark(Store& store, const MessageLocation& location) {
    auto cleared = store.storage().unlink(mark_of(store, location));
    if (!cleared && failure_kind(cleared.error()) != Failure::gone)
        diag::warning("mark for deletion not removed: " + cleared.error().detail());
}

}  // namespace sluice::queue
