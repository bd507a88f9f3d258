// Notification templates: any texts are read without harm, and whatever they say, what is written
// with them is legal mail. Input: prefix, middle, suffix, option file, header options and a header,
// with NUL octets in between.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/utf8.h"
#include "config/notice_templates.h"
#include "message/charset.h"
#include "notify/builder.h"

namespace {

using namespace sluice;

/// The line rules of mail, and that what is labelled 7bit is.
void check_message(std::string_view message) {
    std::size_t line = 0;
    for (std::size_t i = 0; i < message.size(); ++i) {
        const bool cr = message[i] == '\r';
        const bool lf_follows = i + 1 < message.size() && message[i + 1] == '\n';
        if (cr != lf_follows || message[i] == '\0') std::abort();
        if (!cr && message[i] != '\n' && ++line > 998) std::abort();
        if (message[i] == '\n') line = 0;
    }
    if (message.find("\r\nContent-Transfer-Encoding: 8bit\r\n") == std::string_view::npos &&
        !is_ascii(message)) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parts = split(std::string_view(reinterpret_cast<const char*>(data), size), '\0');
    const char* const names[] = {
        "return_prefix.txt", "return_failed.txt", "return_suffix.txt", "return_option.opt",
        "return_header.opt"};
    std::map<std::string, std::string> texts;
    for (std::size_t i = 0; i < std::size(names) && i < parts.size(); ++i)
        texts.emplace(std::string("/lang/") + names[i], parts[i]);
    const std::string header(parts.size() > 5 ? parts[5] : std::string_view("Subject: x\r\n"));
    config::MemoryFiles files(std::move(texts));
    Diagnostics findings;
    bool found = false;
    const auto templates = config::load_notice_templates(files, "/lang/", findings, found);
    for (const auto& finding : findings.items()) (void)finding.to_string();
    if (!message::to_utf8(templates.charset, templates.prefix)) std::abort();

    notify::Notice notice;
    notice.to = "amy@example.com";
    notice.message_id = "<1@example.com>";
    notice.boundary_seed = "0123456789abcdefghijkl";
    notice.original.content = [&](const notify::PieceSink& sink) -> Result<void> {
        sink(header + "\r\n\r\nbody\r\n");
        return {};
    };
    notify::NoticeRecipient recipient;
    recipient.final_address = "j\xC3\xBCrgen@example.com";
    recipient.reason = header;
    notice.recipients.push_back(recipient);
    notify::NoticeSettings settings;
    settings.templates = &templates;
    settings.from_address = "postmaster@example.com";
    settings.header_decoding = static_cast<notify::HeaderDecoding>(size % 3);
    std::string message;
    const auto built = notify::build_notice(
        notice, settings, TimeZone(), [&](std::string_view piece) { message += piece; }
    );
    if (!built) std::abort();
    check_message(message);
    return 0;
}
