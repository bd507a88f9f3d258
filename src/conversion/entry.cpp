#include "conversion/entry.h"

namespace sluice::conversion {

namespace {

class Text {
public:
    void add(const std::string& name, const std::string& value) {
        out_ += (out_.empty() ? "" : "; ") + name + '=' + value;
    }
    void add(const std::string& name, const std::optional<std::string>& value) {
        if (value) add(name, *value);
    }
    void flag(const std::string& name, unsigned value) {
        if (value != 0) add(name, std::to_string(value));
    }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    std::string out_;
};

std::string letter(ParameterHome home) {
    return home == ParameterHome::disposition ? "D" : "";
}

}  // namespace

std::string_view to_string(Field field) {
    switch (field) {
        case Field::in_channel:
            return "IN-CHAN";
        case Field::out_channel:
            return "OUT-CHAN";
        case Field::type:
            return "IN-TYPE";
        case Field::subtype:
            return "IN-SUBTYPE";
        case Field::description:
            return "IN-DESCRIPTION";
        case Field::disposition:
            return "IN-DISPOSITION";
        case Field::subject:
            return "IN-SUBJECT";
        case Field::a1_format:
            return "IN-A1-FORMAT";
        case Field::a1_type:
            return "IN-A1-TYPE";
        case Field::part_number:
            return "PART-NUMBER";
        case Field::tag:
            break;
    }
    return "TAG";
}

std::string Entry::to_debug_string() const {
    Text text;
    for (const Condition& one : conditions)
        text.add(std::string(to_string(one.field)), one.pattern);
    for (const ParameterCondition& one : parameter_conditions) {
        text.add(
            "IN-" + letter(one.home) + "PARAMETER-" + std::to_string(one.number),
            one.name + '/' + one.pattern + '/' + one.fallback.value_or("-")
        );
    }
    text.add("COMMAND", command);
    text.add("SERVICE-COMMAND", service_command);
    text.flag("DELETE", deletes ? 1 : 0);
    text.flag("RELABEL", relabels ? 1 : 0);
    text.add("OUT-TYPE", out.type);
    text.add("OUT-SUBTYPE", out.subtype);
    text.add("OUT-DESCRIPTION", out.description);
    text.add("OUT-DISPOSITION", out.disposition);
    text.add("OUT-ENCODING", out.encoding);
    text.add("OUT-MODE", out.mode);
    for (const ParameterSetting& one : out.parameters)
        text.add("OUT-" + letter(one.home) + "PARAMETER", one.name + '/' + one.value);
    for (const ParameterCopy& one : copies)
        text.add(letter(one.home) + "PARAMETER-COPY", one.names);
    for (const ParameterSymbol& one : symbols)
        text.add(letter(one.home) + "PARAMETER-SYMBOL", one.symbol + '/' + one.parameter);
    text.flag("ORIGINAL-HEADER-FILE", original_header_file ? 1 : 0);
    text.flag("OVERRIDE-HEADER-FILE", override_header_file ? 1 : 0);
    text.flag("OVERRIDE-OPTION-FILE", override_option_file ? 1 : 0);
    text.flag("MESSAGE-HEADER-FILE", message_header_file);
    return text.take();
}

}  // namespace sluice::conversion
