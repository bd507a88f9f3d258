#include "conversion/environment.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "message/content_type.h"

namespace sluice::conversion {

namespace {

constexpr std::array reserved = {
    std::string_view("ATTACHMENT_NUMBER"),
    std::string_view("PART_NUMBER"),
    std::string_view("CONVERSION_TAG"),
    std::string_view("INPUT_CHANNEL"),
    std::string_view("OUTPUT_CHANNEL"),
    std::string_view("INPUT_ENCODING"),
    std::string_view("INPUT_FILE"),
    std::string_view("INPUT_HEADERS"),
    std::string_view("INPUT_TYPE"),
    std::string_view("INPUT_SUBTYPE"),
    std::string_view("INPUT_DESCRIPTION"),
    std::string_view("INPUT_DISPOSITION"),
    std::string_view("MESSAGE_HEADERS"),
    std::string_view("OUTPUT_FILE"),
    std::string_view("INFO_FILE"),
    std::string_view("OUTPUT_HEADERS"),
    std::string_view("OUTPUT_OPTIONS"),
    std::string_view("ENVELOPE_FROM"),
    std::string_view("ENVELOPE_TO"),
    std::string_view("MESSAGE_ID"),
    std::string_view("PATH"),
    std::string_view("HOME"),
    std::string_view("TZ"),
    std::string_view("LANG"),
    std::string_view("IFS"),
    std::string_view("ENV"),
    std::string_view("SHELL"),
    std::string_view("TMPDIR"),
    std::string_view("PWD"),
    std::string_view("OLDPWD"),
    std::string_view("CDPATH"),
    std::string_view("NLSPATH"),
};
/// LD_PRELOAD, BASH_ENV, PYTHONPATH, PERL5OPT, LC_ALL ...
constexpr std::array reserved_prefixes = {
    std::string_view("LD_"),    std::string_view("BASH"),  std::string_view("PYTHON"),
    std::string_view("PERL"),   std::string_view("LC_"),   std::string_view("MALLOC_"),
    std::string_view("GCONV_"), std::string_view("IMTA"),  std::string_view("RUBY"),
    std::string_view("GLIBC_"), std::string_view("NODE_"),
};

std::string clean(std::string_view text) {
    std::string out(text.substr(0, max_symbol_size));
    std::replace_if(out.begin(), out.end(), is_control, ' ');
    return out;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
    return text;
}

}  // namespace

bool is_reserved_symbol(std::string_view name) {
    return std::any_of(
               reserved.begin(), reserved.end(),
               [&](std::string_view one) { return equals_ignoring_case(one, name); }
           ) ||
           std::any_of(reserved_prefixes.begin(), reserved_prefixes.end(), [&](auto prefix) {
               return starts_with_ignoring_case(name, prefix);
           });
}

SymbolTable symbols_of(
    const MessageFacts& message, const PartFacts& part, const Labels& labels, const Entry& entry
) {
    SymbolTable symbols;
    const auto set = [&](const char* name, std::string_view value) {
        symbols.insert_or_assign(name, clean(value));
    };
    // A parameter symbol never stands in the place of one of ours.
    for (const ParameterSymbol& symbol : entry.symbols) {
        const message::Parameter* parameter =
            message::find_parameter(labels.parameters(symbol.home), symbol.parameter);
        std::string value = parameter != nullptr ? parameter->value : std::string();
        for (const ParameterCondition& condition : entry.parameter_conditions) {
            if (parameter == nullptr && condition.home == symbol.home && condition.fallback &&
                equals_ignoring_case(condition.name, symbol.parameter))
                value = *condition.fallback;
        }
        set(symbol.symbol.c_str(), value);
    }
    set("ATTACHMENT_NUMBER", part.number);
    set("PART_NUMBER", part.number);
    set("CONVERSION_TAG", joined(message.tags));
    set("INPUT_CHANNEL", message.in_channel);
    set("OUTPUT_CHANNEL", message.out_channel);
    set("INPUT_ENCODING", part.encoding);
    set("INPUT_TYPE", labels.type);
    set("INPUT_SUBTYPE", labels.subtype);
    set("INPUT_DESCRIPTION", labels.description);
    set("INPUT_DISPOSITION", labels.disposition);
    set("ENVELOPE_FROM", message.envelope_from);
    set("MESSAGE_ID", message.message_id);
    return symbols;
}

}  // namespace sluice::conversion
