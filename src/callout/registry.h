#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "callout/routine.h"

namespace sluice::callout {

/// The built-in routines by image and name. Made once, then only read.
class Registry {
public:
    void add(std::string_view image, std::string_view name, std::unique_ptr<Routine> routine);
    /// `image` as a template writes it: directory, logical name, "lib" and ".so" do not count, nor
    /// does case. The images `abuse` and `builtin` stand for all of them; of two routines of one
    /// name they mean the one that was added first. Null: not built in.
    [[nodiscard]] Routine* find(std::string_view image, std::string_view name) const;

private:
    std::map<std::pair<std::string, std::string>, std::unique_ptr<Routine>> routines_;
    std::map<std::string, Routine*> by_name_;
};

}  // namespace sluice::callout
