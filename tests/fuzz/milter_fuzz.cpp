// A hostile filter's octets against the milter client core, in one piece and octet by octet, and
// its changes against a header. Whatever it says, a settled session has a verdict, a failed one
// asks for nothing more, and no change makes a field out of a value.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "milter/client_session.h"
#include "milter/header_changes.h"

namespace {

using namespace sluice;
using namespace sluice::milter;

void require(bool condition) {
    if (!condition) std::abort();
}

struct CountingSink final : BodySink {
    bool append(std::string_view octets) override {
        size += octets.size();
        return size < (1UL << 20U);
    }
    std::size_t size = 0;
};

/// Commands in the order of a message, the next one whenever the filter has answered.
struct Run {
    void next() {
        switch (stage++ % 9) {
            case 0:
                return session.connect("mx.example", IpAddress::parse("192.0.2.1"), 25, {});
            case 1:
                return session.helo("client", {});
            case 2:
                session.abort();
                return session.mail("<a@b>", {"SIZE=10"}, {});
            case 3:
                return session.rcpt("<c@d>", {}, {});
            case 4:
                return session.data({});
            case 5:
                return session.header("Subject", " x\r\n y");
            case 6:
                return session.end_of_header({});
            case 7:
                return session.body("text\r\n");
            default:
                return session.end_of_message({}, sink);
        }
    }

    void hear(std::string_view octets) {
        for (int asked = 0; session.is_settled() && !session.is_failed() && asked < 30; ++asked)
            ask();
        session.feed(octets);
        if (session.is_failed()) {
            require(session.is_settled());
            require(session.verdict().kind == Verdict::Kind::failure);
        }
    }

    void ask() {
        if (stage >= 40) return;
        next();
        said += session.take_output();
    }

    ClientSession session;
    CountingSink sink;
    std::string said;
    unsigned stage = 0;
};

struct Apply {
    HeaderFields& header;
    bool leading_blank;
    template <class T>
    void operator()(const T& change) {
        if constexpr (requires { header.apply(change, leading_blank); })
            header.apply(change, leading_blank);
    }
};

void check_header(const Changes& changes) {
    for (const bool leading_blank : {false, true}) {
        HeaderFields header("From: a@b\r\nSubject: x\r\n y\r\nsubject: z\r\n\r\n");
        for (const Change& change : changes) std::visit(Apply{header, leading_blank}, change);
        const HeaderFields again(header.text() + "\r\n");
        require(again.fields().size() == header.fields().size());
        require(again.text() == header.text());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    Run whole;
    whole.ask();
    // A filter speaks when it was spoken to: packets that came together are handed over one by one.
    for (std::string_view rest = octets; !rest.empty();) {
        const std::size_t length =
            rest.size() < 4
                ? rest.size()
                : 4 + (static_cast<std::size_t>(static_cast<std::uint8_t>(rest[2])) << 8U) +
                      static_cast<std::uint8_t>(rest[3]);
        const std::string_view piece = rest.substr(0, length);
        whole.hear(piece);
        check_header(whole.session.changes());
        rest.remove_prefix(piece.size());
    }
    Run single;
    single.ask();
    for (const char octet : octets) single.hear({&octet, 1});
    check_header(single.session.changes());
    return 0;
}
