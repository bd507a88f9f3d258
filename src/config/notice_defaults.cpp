// The English texts of notifications, for instances without template files, and where one of them
// is missing or cannot be used. A test keeps them equal to config/locale/C.
#include "config/notice_templates.h"

namespace sluice::config {

namespace {

message::LineOptions shown_at(int place) {
    message::LineOptions options;
    options.precedence = place;
    return options;
}

message::HeaderOptions shown_header() {
    constexpr std::size_t longest_list = 10;
    message::HeaderOptions options;
    int place = 0;
    for (const char* name : {"Date", "From", "To", "Cc", "Subject", "Message-id"})
        options.lines.emplace(name, shown_at(++place));
    for (const char* name : {"To", "Cc"}) options.lines[name].max_lines = longest_list;
    message::LineOptions none;
    none.maximum = 0;
    options.defaults = none;
    options.other = none;
    return options;
}

NoticeTemplates make_templates() {
    NoticeTemplates templates;
    templates.language = "en";
    templates.prefix =
        "This is a report about a message of yours. Its header says:\n"
        "\n"
        "%H\n";
    templates.middles = {
        {"failed",
         "Your message could not be delivered to the recipients named below.\n"
         "It will not be tried again.\n\n%R\n"},
        {"bounced",
         "The postmaster of this system is returning your message.\n"
         "It did not reach the recipients named below.\n\n%R\n"},
        {"timedout",
         "Your message has been waiting here for %C %u%s without reaching the\n"
         "recipients named below. It is too old now and will not be tried again.\n\n%R\n"},
        {"delayed",
         "Your message has been waiting here for %C %u%s and has not yet reached the\n"
         "recipients named below.\n\n"
         "You need not do anything: delivery will be tried for %L more %u%s. If that\n"
         "does not help, you will be told.\n\n%R\n"},
        {"deferred",
         "Your message is being held back on purpose, as asked for when it was sent or\n"
         "by a rule of this system, and will be delivered later to the recipients\n"
         "named below. You need not do anything.\n\n%R\n"},
        {"delivered",
         "As you asked to be told: your message was delivered to the recipients named\n"
         "below.\n\n%R\n"},
        {"forwarded",
         "As you asked to be told: for the recipients named below your message was\n"
         "passed to another mail system, which may not report what becomes of it.\n\n%R\n"},
        {"expanded",
         "As you asked to be told: your message was given to the members of the lists\n"
         "named below. There will be no report on single members.\n\n%R\n"},
    };
    templates.subjects = {
        {"failed", "Delivery Notification: Delivery has failed"},
        {"bounced", "Delivery Notification: Message returned by the postmaster"},
        {"timedout", "Delivery Notification: Delivery has timed out and failed"},
        {"delayed", "Delivery Notification: Delivery is delayed"},
        {"deferred", "Delivery Notification: Delivery is deferred"},
        {"delivered", "Delivery Notification: Delivery was successful"},
        {"forwarded", "Delivery Notification: Message was passed on"},
        {"expanded", "Delivery Notification: Message was given to a list"},
    };
    templates.shown_header = shown_header();
    return templates;
}

}  // namespace

const NoticeTemplates& builtin_notice_templates() {
    static const NoticeTemplates templates = make_templates();
    return templates;
}

}  // namespace sluice::config
