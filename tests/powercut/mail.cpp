#include "mail.h"

#include "message/partial.h"
#include "support/queue_support.h"

namespace sluice::powercut {

namespace {

constexpr std::string_view split_prefix = "whole";
constexpr std::string_view end_of_header = "\r\n\r\n";

std::string body_of(unsigned message) {
    return "number " + std::to_string(message) + "\r\n" +
           std::string(200 + message * 397UL % 3600, static_cast<char>('a' + message % 26)) +
           "\r\nend of " + std::to_string(message) + "\r\n";
}

std::string part_of(unsigned message, unsigned number) {
    return Person{message, number}.address() + "\r\n" +
           std::string(100 + message * 211UL % 1400, static_cast<char>('A' + number)) +
           "\r\nend of " + std::to_string(number) + "\r\n";
}

std::string header_of_whole(unsigned message) {
    return "From: sender@siroe.example\r\nSubject: split " + std::to_string(message) +
           std::string(end_of_header);
}

}  // namespace

std::string content_of(unsigned message) {
    return "Subject: x" + std::string(end_of_header) + body_of(message);
}

bool is_content_of(unsigned message, std::string_view content) {
    return content.ends_with(std::string(end_of_header) + body_of(message));
}

std::string piece_of(unsigned message, unsigned number, unsigned total) {
    const std::string whole = header_of_whole(message);
    const message::PartialLabels labels{
        "split" + std::to_string(message) + "@siroe.example", number, total};
    std::string content = message::piece_header(
        whole, labels, "<" + std::to_string(message) + '.' + std::to_string(number) + "@siroe>"
    );
    if (number == 1) content += message::enclosed_header(whole);
    return content + part_of(message, number);
}

std::string split_recipient(unsigned message) {
    return std::string(split_prefix) + std::to_string(message) + "@example.com";
}

bool is_split_recipient(std::string_view address) {
    return address.starts_with(split_prefix);
}

bool is_split_content(unsigned message, unsigned total, std::string_view content) {
    std::string all;
    for (unsigned number = 1; number <= total; ++number) {
        const std::string part = part_of(message, number);
        if (content.find("message/partial") != content.npos && content.ends_with(part) &&
            Person::in(content).size() == 1)
            return true;
        all += part;
    }
    return content.find("message/partial") == content.npos &&
           content.ends_with(std::string(end_of_header) + all);
}

unsigned pieces_of(unsigned message) {
    return 2 + message % 2;
}

queue::Envelope envelope_of(const std::vector<std::string>& recipients, WallTime now) {
    queue::Envelope envelope = test::sample_envelope(recipients);
    envelope.enqueued = now;
    envelope.sender = "sender@siroe.example";
    return envelope;
}

bool is_sender(std::string_view address) {
    return address.starts_with("sender@");
}

}  // namespace sluice::powercut
