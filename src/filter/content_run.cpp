#include "filter/content_run.h"

#include <algorithm>
#include <variant>

namespace sluice::filter {

namespace {

/// Output that is written before more is made: bodies may be large, and filters need not answer.
constexpr std::size_t much_output = 256UL * 1024;

struct HeaderChange {
    milter::HeaderFields& header;
    bool leading_blank;

    bool operator()(const milter::AddHeader& c) { return header.apply(c, leading_blank); }
    bool operator()(const milter::InsertHeader& c) { return header.apply(c, leading_blank); }
    bool operator()(const milter::ChangeHeader& c) { return header.apply(c, leading_blank); }
    template <class Other>
    bool operator()(const Other&) {
        return false;  // of the envelope
    }
};

}  // namespace

ContentRun::ContentRun(milter::ClientSession& session, Content& content, milter::Macros macros)
    : session_(session),
      content_(content),
      macros_(std::move(macros)),
      new_body_(content.directory()) {}

bool ContentRun::advance() {
    while (session_.is_settled() && !failure_) {
        if (next_ == Next::nothing || !session_.wants_message()) return session_.has_output();
        if (session_.output_size() > much_output) return true;
        step();
    }
    return !failure_;
}

void ContentRun::step() {
    switch (next_) {
        case Next::header: {
            const auto& fields = content_.header().fields();
            if (field_ == fields.size() || !session_.wants_headers()) {
                next_ = Next::end_of_header;
                return;
            }
            session_.header(fields[field_].name, fields[field_].raw_value());
            ++field_;
            return;
        }
        case Next::end_of_header:
            next_ = Next::body;
            return session_.end_of_header(macros_);
        case Next::body: {
            if (offset_ == content_.body_size() || !session_.wants_body()) {
                next_ = Next::end_of_message;
                return;
            }
            const auto octets = content_.read_body(offset_, session_.chunk_size());
            if (!octets) {
                failure_ = octets.error();
                return;
            }
            offset_ += octets->size();
            return session_.body(*octets);
        }
        case Next::end_of_message:
            next_ = Next::nothing;
            return session_.end_of_message(macros_, new_body_);
        case Next::nothing:
            return;
    }
}

Result<bool> ContentRun::finish() {
    if (failure_) return *failure_;
    using Kind = milter::Verdict::Kind;
    const Kind kind = session_.verdict().kind;
    if (kind != Kind::proceed && kind != Kind::accept) return false;
    bool changed = change_header();
    if (session_.has_new_body()) {
        content_.replace_body(std::move(new_body_.spool));
        changed = true;
    }
    return changed;
}

bool ContentRun::change_header() {
    bool changed = false;
    HeaderChange change{content_.header(), session_.keeps_leading_blank()};
    for (const milter::Change& wanted : session_.changes())
        changed = std::visit(change, wanted) || changed;
    return changed;
}

}  // namespace sluice::filter
