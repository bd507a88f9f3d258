// Entries of the log from hostile text, in every form: one line of bounded length, no control, and
// in XML and JSON no quotation mark that ends a text too early.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "log/render.h"

namespace {

using namespace sluice;

void require(bool condition) {
    if (!condition) std::abort();
}

/// Texts are taken from the input one after the other, ended by NUL.
class Texts {
public:
    explicit Texts(std::string_view input) : input_(input) {}
    std::string next() {
        const std::size_t end = std::min(input_.find('\0'), input_.size());
        std::string text(input_.substr(0, end));
        input_.remove_prefix(std::min(end + 1, input_.size()));
        return text;
    }

private:
    std::string_view input_;
};

log::Event event_from(std::string_view input) {
    log::Event event;
    event.kind = static_cast<log::EventKind>(static_cast<unsigned char>(input[0]) % 19);
    event.modifiers.smtputf8 = (input[1] & 1) != 0;
    Texts texts(input.substr(2));
    for (std::string* text :
         {&event.sender,
          &event.recipient,
          &event.original_recipient,
          &event.message_id,
          &event.diagnostic,
          &event.username,
          &event.source.name,
          &event.source.reverse_name,
          &event.application,
          &event.command,
          &event.access_text,
          &event.header_line,
          &event.remote_host,
          &event.reason,
          &event.envelope_id,
          &event.original_message_id,
          &event.intermediate_recipient,
          &event.message_info,
          &event.remote_text,
          &event.filter})
        *text = texts.next();
    return event;
}

/// Quotation marks that are not escaped come in pairs, and nothing but the form stands outside.
void check_json(std::string_view line) {
    bool inside = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (inside && line[i] == '\\') {
            ++i;
            continue;
        }
        if (line[i] == '"')
            inside = !inside;
        else
            require(
                inside || is_alnum(line[i]) ||
                std::string_view("{},:.-").find(line[i]) != std::string_view::npos
            );
    }
    require(!inside && line.starts_with('{') && line.ends_with('}'));
}

void check_xml(std::string_view line) {
    require(line.starts_with('<') && line.ends_with("/>"));
    const std::string_view within = line.substr(1, line.size() - 3);
    require(within.find_first_of("<>") == std::string_view::npos);
    std::size_t marks = 0;
    for (const char c : within) marks += c == '"' ? 1 : 0;
    require(marks % 2 == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const log::Event event =
        event_from(std::string_view(reinterpret_cast<const char*>(data), size));
    log::LogOptions options;
    options.connection = ~0U;
    options.intermediate = options.reason = options.remote_mta = 1;
    for (bool* option :
         {&options.envelope_id, &options.filename, &options.filter, &options.session,
          &options.timing, &options.hold, &options.local, &options.message_id, &options.modifiers,
          &options.node, &options.notary, &options.priority, &options.process, &options.queue_time,
          &options.sensitivity, &options.username})
        *option = true;
    options.local_host = "mail.example.com";
    for (options.format = 1; options.format <= 5; ++options.format) {
        std::string out;
        log::render(out, event, options, TimeZone());
        if (out.empty()) continue;
        require(out.ends_with('\n') && out.size() <= 8200);
        const std::string_view line = std::string_view(out).substr(0, out.size() - 1);
        for (const char c : line) require(!is_control(c));
        if (options.format == 4) check_xml(line);
        if (options.format == 5) check_json(line);
    }
    return 0;
}
