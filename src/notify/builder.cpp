#include "notify/builder.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/utf8.h"
#include "message/date.h"
#include "message/encoded_word.h"
#include "message/header_field.h"
#include "notify/delivery_status.h"
#include "notify/header_parts.h"
#include "notify/texts.h"

namespace sluice::notify {

namespace {

// A boundary has at most 70 characters (RFC 2046 section 5.1.1).
constexpr std::size_t longest_seed = 50;
constexpr int boundary_tries = 10;

std::string_view encoding_word(bool eight_bit) {
    return eight_bit ? "8bit" : "7bit";
}

class Builder {
public:
    Builder(
        const Notice& notice,
        const NoticeSettings& settings,
        const TimeZone& zone,
        const OutputSink& sink
    )
        : notice_(notice), settings_(settings), zone_(zone), sink_(sink) {}

    Result<BuiltNotice> run() {
        status_ = delivery_status(notice_, settings_, zone_);
        if (auto prepared = prepare_content(); !prepared) return std::move(prepared).error();
        built_.message_id = notice_.message_id;
        built_.eight_bit = !is_ascii(text_.text) || content_eight_bit();
        built_.smtputf8 = is_global() || !is_ascii(notice_.to) || !is_ascii(settings_.from_address);
        write_header();
        write_text_part();
        write_status_part();
        if (auto written = write_content_part(); !written) return std::move(written).error();
        write("\r\n--" + boundary_ + "--\r\n");
        return std::move(built_);
    }

private:
    void write(std::string_view bytes) {
        built_.bytes += bytes.size();
        sink_(bytes);
    }

    // Chooses how much goes back and a boundary that occurs nowhere in it.
    Result<void> prepare_content() {
        built_.returned = choose_returned(notice_.kind, notice_.original, settings_);
        if (!notice_.original.content) built_.returned = Returned::nothing;
        for (int i = 0; i < boundary_tries; ++i) {
            boundary_ =
                "=_" + notice_.boundary_seed.substr(0, longest_seed) + '_' + std::to_string(i);
            auto facts = inspect_content(
                notice_.original.content, built_.returned, settings_.lines_to_return, boundary_
            );
            if (!facts) return std::move(facts).error();
            content_ = std::move(*facts);
            if (i == 0) {
                text_ = notice_text(notice_, settings_, zone_, content_.header);
                text_.text = with_crlf(text_.text);
            }
            const bool in_text = text_.text.find(boundary_) != std::string::npos ||
                                 status_.find(boundary_) != std::string::npos;
            if (!content_.has_boundary && !in_text) break;
        }
        const bool sample_is_useless = !content_.is_plain || content_.sample.empty();
        if ((built_.returned == Returned::full && !content_.is_legal) ||
            (built_.returned == Returned::sample && sample_is_useless)) {
            built_.returned = Returned::headers;
        }
        return {};
    }

    // RFC 6533 section 4: UTF-8 header fields need the media types of their own.
    [[nodiscard]] bool is_global() const {
        return notice_.original.smtputf8 && built_.returned != Returned::nothing &&
               content_.header_eight_bit;
    }

    [[nodiscard]] bool content_eight_bit() const {
        switch (built_.returned) {
            case Returned::full:
                return content_.eight_bit;
            case Returned::sample:
                return content_.header_eight_bit || !is_ascii(content_.sample);
            case Returned::headers:
                return content_.header_eight_bit;
            case Returned::nothing:
                break;
        }
        return false;
    }

    void write_header() {
        const auto add = [&](std::string_view name, std::string_view value) {
            write(message::fold_header(name, value));
        };
        add("Date", message::format_date(notice_.now, zone_));
        write(message::fold_pieces(
            "From", {message::encoded_phrase(settings_.from_personal),
                     header_address(settings_.from_address)}
        ));
        write(message::fold_pieces("To", {header_address(notice_.to)}));
        add("Subject", encoded_subject());
        add("Message-ID", notice_.message_id);
        if (const std::string id = header_message_id(notice_.original.message_id); !id.empty()) {
            add("In-Reply-To", id);
            add("References", id);
        }
        add("Auto-Submitted", "auto-replied");
        add("MIME-Version", "1.0");
        add("Content-Type",
            "multipart/report; report-type=delivery-status; boundary=\"" + boundary_ + '"');
        add("Content-Transfer-Encoding", encoding_word(built_.eight_bit));
        write("\r\n");
    }

    [[nodiscard]] std::string encoded_subject() const {
        return encoded_text(clean_text(subject_text(notice_.kind, settings_), 900));
    }

    void begin_part(
        std::string_view type,
        bool eight_bit,
        std::string_view description,
        std::string_view language = {}
    ) {
        write("\r\n--" + boundary_ + "\r\n");
        write(message::fold_header("Content-Type", type));
        write(message::fold_header("Content-Transfer-Encoding", encoding_word(eight_bit)));
        write(message::fold_header("Content-Description", description));
        if (!language.empty()) write(message::fold_header("Content-Language", language));
        write("\r\n");
    }

    void write_text_part() {
        begin_part(
            "text/plain; charset=" + text_.charset, !is_ascii(text_.text), "Notification",
            text_.language
        );
        write(text_.text);
    }

    void write_status_part() {
        begin_part("message/delivery-status", false, "Delivery status");
        write(status_);
    }

    Result<void> write_content_part() {
        if (built_.returned == Returned::nothing) return {};
        const bool whole_or_sample = built_.returned != Returned::headers;
        std::string_view type = whole_or_sample ? "message/rfc822" : "text/rfc822-headers";
        if (is_global()) type = whole_or_sample ? "message/global" : "message/global-headers";
        static constexpr std::array<std::string_view, 3> descriptions = {
            "Original message", "Beginning of the original message",
            "Header of the original message"};
        begin_part(
            type, content_eight_bit(), descriptions[static_cast<std::size_t>(built_.returned)]
        );
        if (built_.returned == Returned::full) {
            return copy_content(notice_.original.content, [&](std::string_view piece) {
                write(piece);
            });
        }
        write(content_.header);
        if (built_.returned == Returned::sample) {
            write("\r\n");
            write(content_.sample);
        }
        return {};
    }

    const Notice& notice_;
    const NoticeSettings& settings_;
    const TimeZone& zone_;
    const OutputSink& sink_;
    BuiltNotice built_;
    ContentFacts content_;
    std::string boundary_;
    NoticeText text_;
    std::string status_;
};

}  // namespace

Result<BuiltNotice> build_notice(
    const Notice& notice,
    const NoticeSettings& settings,
    const TimeZone& zone,
    const OutputSink& sink
) {
    return Builder(notice, settings, zone, sink).run();
}

}  // namespace sluice::notify
