#include "dequeue/deferred_delivery.h"

#include "message/date_form.h"
#include "message/header_field.h"

namespace sluice::dequeue {

std::optional<std::chrono::seconds> deferred_for(std::string_view header, WallTime now) {
    const auto value = message::find_header(header, "Deferred-delivery");
    if (!value) return std::nullopt;
    const auto until = message::instant_of_date(message::without_comments(*value));
    if (!until || *until <= now) return std::nullopt;
    return std::chrono::ceil<std::chrono::seconds>(*until - now);
}

}  // namespace sluice::dequeue
