#include "mapping/flag_set.h"

#include "base/bytes.h"

namespace sluice::mapping {

FlagSet::FlagSet(std::string_view letters) {
    for (const char letter : letters) set(letter);
}

std::size_t FlagSet::slot(char flag) {
    return static_cast<unsigned char>(ascii_upper(flag));
}

std::string FlagSet::to_string() const {
    std::string letters;
    for (std::size_t i = 0; i < bits_.size(); ++i) {
        if (bits_.test(i)) letters += static_cast<char>(i);
    }
    return letters;
}

}  // namespace sluice::mapping
