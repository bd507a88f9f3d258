#include "notify/plain_notice.h"

#include "base/utf8.h"
#include "message/date.h"
#include "message/encoded_word.h"
#include "message/header_field.h"
#include "notify/header_parts.h"

namespace sluice::notify {

BuiltNotice build_plain_notice(
    const PlainNotice& notice,
    const NoticeSettings& settings,
    const TimeZone& zone,
    const OutputSink& sink
) {
    const std::string body = with_crlf(notice.text);
    BuiltNotice built;
    built.message_id = notice.message_id;
    built.returned = Returned::headers;
    built.eight_bit = !is_ascii(body);
    built.smtputf8 = !is_ascii(notice.to) || !is_ascii(settings.from_address);
    const auto write = [&](std::string_view bytes) {
        built.bytes += bytes.size();
        sink(bytes);
    };
    const auto add = [&](std::string_view name, std::string_view value) {
        write(message::fold_header(name, value));
    };
    add("Date", message::format_date(notice.now, zone));
    write(message::fold_pieces(
        "From",
        {message::encoded_phrase(settings.from_personal), header_address(settings.from_address)}
    ));
    write(message::fold_pieces("To", {header_address(notice.to)}));
    add("Subject", encoded_text(notice.subject));
    add("Message-ID", notice.message_id);
    if (const std::string id = header_message_id(notice.about); !id.empty()) add("References", id);
    add("Auto-Submitted", "auto-generated");
    add("MIME-Version", "1.0");
    add("Content-Type",
        std::string("text/plain; charset=") + (built.eight_bit ? "utf-8" : "us-ascii"));
    add("Content-Transfer-Encoding", built.eight_bit ? "8bit" : "7bit");
    write("\r\n");
    write(body);
    return built;
}

}  // namespace sluice::notify
