#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mapping/answers.h"
#include "mapping/flag_set.h"
#include "mapping/matcher.h"
#include "mapping/template.h"
#include "mapping/trace.h"

// Inside of the engine: runs one template of one matched entry.
namespace sluice::mapping {

/// What a template sees of the probe it is part of.
class Surroundings {
public:
    Surroundings() = default;
    Surroundings(const Surroundings&) = delete;
    Surroundings& operator=(const Surroundings&) = delete;
    virtual ~Surroundings() = default;
    [[nodiscard]] virtual bool has_input_flag(char flag) const = 0;
    virtual Answer ask(const Question& question) = 0;
    /// Output of a secondary table that said `$Y`; not_found otherwise.
    virtual Answer call_table(std::string_view table, std::string_view input) = 0;
    /// Whether somebody wants to read why a part failed.
    [[nodiscard]] virtual bool is_traced() const = 0;
};

/// Text under construction, with the case and quoting rules in force at its end.
class TextBuilder {
public:
    enum class Case : std::uint8_t { as_is, lower, upper };

    void set_case(Case rule) { case_ = rule; }
    /// Everything substituted from here on is quoted for a search filter (RFC 4515 section 3).
    void quote_for_filter() { quote_ = true; }
    void add_literal(std::string_view text);
    void add_substituted(std::string_view text);
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool is_too_long() const;

private:
    std::string text_;
    Case case_ = Case::as_is;
    bool quote_ = false;
};

/// One run of one template. Use once.
class TemplateRun {
public:
    enum class Result : std::uint8_t { done, failed, pending };

    /// `flags` gains the flags the template sets, also if it fails later.
    TemplateRun(const Matcher& fields, Surroundings& surroundings, OutputFlags& flags)
        : fields_(fields), surroundings_(surroundings), flags_(flags) {}

    Result run(const Template& result);
    [[nodiscard]] const std::string& output() const { return output_; }
    /// The last control sequence read.
    [[nodiscard]] Control control() const { return control_; }
    /// The part that failed, in words; only if the probe is traced.
    [[nodiscard]] const std::string& why() const { return why_; }
    /// Each part and what it did, up to the end or the failure; only if the probe is traced.
    [[nodiscard]] std::vector<TracePart> take_parts() { return std::move(trace_); }

private:
    enum class Step : std::uint8_t { go_on, stop, failed, fallback, pending };
    using Part = Template::Part;
    using Parts = std::vector<Part>;
    struct Place {
        bool in_argument = false;
        unsigned value_depth = 0;
    };

    Step run_traced(const Template& result, TextBuilder& out);
    Step run_parts(const Parts& parts, TextBuilder& out, Place place);
    Step run_part(const Part& part, TextBuilder& out, Place place);
    Step run_bracket(const Part& part, TextBuilder& out, Place place);
    Step run_effect(const Part& part, Place place);
    Step insert(const Answer& answer, TextBuilder& out);
    Step insert_template(const Answer& answer, TextBuilder& out, Place place);
    Step insert_from_directory(const Answer& answer, TextBuilder& out);
    Step insert_sequence_number(std::string_view argument, TextBuilder& out);
    Step take_chance(std::string_view argument);
    Step fail(std::string_view reason);

    const Matcher& fields_;
    Surroundings& surroundings_;
    OutputFlags& flags_;
    std::string output_;
    Control control_ = Control::none;
    std::optional<std::string> fallback_;
    std::string why_;
    std::string asked_;  ///< argument of the last bracketed part
    std::vector<TracePart> trace_;
};

}  // namespace sluice::mapping
