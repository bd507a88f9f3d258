#include "sink_session.h"

#include <algorithm>

#include "base/bytes.h"

namespace sluice::bench {

namespace {

constexpr std::size_t line_ceiling = 4096;
constexpr std::size_t header_ceiling = 8192;
constexpr std::string_view id_field = "X-Load-Id: ";
constexpr std::string_view end_of_content = "\r\n.\r\n";

}  // namespace

void Census::count(std::string_view header, MonoTime now) {
    const std::size_t at = header.find(id_field);
    if (at == std::string_view::npos) {
        ++foreign_;
        return;
    }
    const std::string_view value = header.substr(at + id_field.size());
    const auto id = parse_unsigned(value.substr(0, value.find('\r')));
    if (!id || *id < first_ || *id - first_ >= seen_.size()) {
        ++foreign_;
        return;
    }
    if (distinct_ == 0) first_arrival_ = now;
    if (seen_[*id - first_]) {
        ++duplicates_;
        return;
    }
    seen_[*id - first_] = true;
    ++distinct_;
    last_arrival_ = now;
}

SinkSession::SinkSession(Census& census) : census_(census), output_("220 sink.example ESMTP\r\n") {}

void SinkSession::on_input(std::string_view bytes, MonoTime now) {
    input_.append(bytes);
    std::size_t done = 0;
    while (!over_) {
        const std::string_view rest = std::string_view(input_).substr(done);
        const std::size_t consumed = in_content_ ? on_content(rest, now) : on_command(rest);
        if (consumed == 0) break;
        done += consumed;
    }
    input_.erase(0, done);
    if (!in_content_ && input_.size() > line_ceiling) over_ = true;
}

std::size_t SinkSession::on_command(std::string_view rest) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return 0;
    const std::string verb = to_upper(rest.substr(0, std::min<std::size_t>(end, 4)));
    if (verb == "EHLO") {
        output_ +=
            "250-sink.example\r\n250-PIPELINING\r\n250-SIZE 104857600\r\n250-8BITMIME\r\n"
            "250 ENHANCEDSTATUSCODES\r\n";
    } else if (verb == "DATA") {
        output_ += "354 go ahead\r\n";
        in_content_ = true;
        // The line end before the content is part of the mark that ends an empty one.
        header_ = "\r\n";
    } else if (verb == "QUIT") {
        output_ += "221 2.0.0 bye\r\n";
        over_ = true;
    } else {
        output_ += "250 2.0.0 ok\r\n";
    }
    return end + 1;
}

std::size_t SinkSession::on_content(std::string_view rest, MonoTime now) {
    const bool is_empty = header_.size() == 2 && rest.starts_with(".\r\n");
    const std::size_t end = is_empty ? 0 : rest.find(end_of_content);
    if (end == std::string_view::npos) {
        // The last octets may be the beginning of the mark.
        const std::size_t safe = rest.size() - std::min(rest.size(), end_of_content.size() - 1);
        keep(rest.substr(0, safe));
        return safe;
    }
    keep(rest.substr(0, end));
    census_.count(header_, now);
    output_ += "250 2.0.0 taken\r\n";
    in_content_ = false;
    return end + (is_empty ? 3 : end_of_content.size());
}

void SinkSession::keep(std::string_view content) {
    header_.append(content.substr(0, header_ceiling - std::min(header_ceiling, header_.size())));
}

}  // namespace sluice::bench
