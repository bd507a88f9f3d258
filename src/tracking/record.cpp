#include "tracking/record.h"

#include <array>

namespace sluice::tracking {

std::string_view dialect_name(Dialect dialect) {
    constexpr std::array<std::string_view, 8> names = {
        "unknown", "sun", "xml", "json", "postoffice", "qmail-send", "qmail-smtpd", "transcript"};
    return names[static_cast<std::size_t>(dialect)];
}

bool is_native(Dialect dialect) {
    return dialect == Dialect::sun || dialect == Dialect::xml || dialect == Dialect::json;
}

std::string_view Record::field(std::string_view name) const {
    for (const NamedValue& one : fields) {
        if (one.name == name) return one.value;
    }
    return {};
}

}  // namespace sluice::tracking
