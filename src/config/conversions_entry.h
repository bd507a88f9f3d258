#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "conversion/entry.h"

namespace sluice::config {

/// Puts the clauses of one entry of the conversions file together. Knows what clauses mean, not
/// where they stand.
class ConversionsEntryBuilder {
public:
    enum class Taken { yes, unknown_name, twice, bad_value };
    /// `name` in upper case.
    Taken take(std::string_view name, const std::string& value);
    /// What is wrong with the value, where the last take() said bad_value.
    [[nodiscard]] const std::string& problem() const { return problem_; }

    /// A finding about the whole: code and text.
    using Report = std::function<void(std::string_view code, const std::string& text)>;
    /// The entry; `report` is called for what is wrong with it.
    conversion::Entry finish(const Report& report);

    /// Every name, with "-n" where a digit belongs.
    static const std::vector<std::string_view>& known_names();

private:
    struct Numbered {
        std::map<unsigned, std::string> names;
        std::map<unsigned, std::string> values;
        std::map<unsigned, std::string> defaults;
    };
    enum class Home { type, disposition };

    bool take_flag(std::string_view name, const std::string& value, Taken& taken);
    bool take_condition(std::string_view name, const std::string& value);
    bool take_output(std::string_view name, const std::string& value, Taken& taken);
    bool take_numbered(std::string_view name, const std::string& value, Taken& taken);
    Taken bad(std::string problem);
    void finish_parameters(conversion::ParameterHome home, const Report& report);

    conversion::Entry entry_;
    std::map<std::string, int> seen_;
    std::map<conversion::ParameterHome, Numbered> in_;
    std::map<conversion::ParameterHome, Numbered> out_;
    std::map<conversion::ParameterHome, std::map<unsigned, std::string>> symbols_;
    std::string problem_;
};

}  // namespace sluice::config
