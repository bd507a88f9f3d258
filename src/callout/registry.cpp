#include "callout/registry.h"

#include "base/bytes.h"

namespace sluice::callout {

void Registry::add(
    std::string_view image, std::string_view name, std::unique_ptr<Routine> routine
) {
    const std::string wanted = to_lower(name);
    by_name_.emplace(wanted, routine.get());
    routines_.emplace(std::pair(to_lower(image), wanted), std::move(routine));
}

Routine* Registry::find(std::string_view image, std::string_view name) const {
    const std::string wanted_image = mapping::image_base_name(image);
    const std::string wanted = to_lower(name);
    const auto found = routines_.find({wanted_image, wanted});
    if (found != routines_.end()) return found->second.get();
    if (wanted_image != "abuse" && wanted_image != "builtin") return nullptr;
    const auto any = by_name_.find(wanted);
    return any != by_name_.end() ? any->second : nullptr;
}

}  // namespace sluice::callout
