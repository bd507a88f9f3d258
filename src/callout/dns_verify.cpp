#include "callout/dns_verify.h"

#include <optional>

#include "base/bytes.h"
#include "callout/dns_list.h"

namespace sluice::callout {

using mapping::Answer;
using net::DnsStatus;

namespace {

/// No further question is asked of the DNS when a routine has taken this long.
constexpr std::chrono::seconds patience{3};

/// Text for a template that must not do anything there.
std::string harmless(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '$') out += '$';
        out += is_control(c) ? ' ' : c;
    }
    return out;
}

std::string with_error(std::string_view text, std::string_view error) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i, 2) == "%e") {
            out += harmless(error);
            ++i;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string_view next_field(std::string_view& rest, char separator) {
    const auto end = rest.find(separator);
    const std::string_view field = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return field;
}

class VerifyDomain final : public Routine {
public:
    VerifyDomain(std::function<net::Resolver&()> resolver, const Clock& clock)
        : resolver_(std::move(resolver)), clock_(clock) {}

    [[nodiscard]] bool may_block() const override { return true; }

    Answer call(std::string_view argument) override {
        const std::string_view domain = trim(next_field(argument, '|'));
        const std::string_view if_found = next_field(argument, '|');
        const std::string error = why_unknown(domain);
        if (error.empty()) return Answer::template_text(std::string(if_found));
        return Answer::template_text(with_error(argument, error));
    }

private:
    /// Empty where the domain exists, or where nobody can say now.
    std::string why_unknown(std::string_view domain) {
        if (domain.empty()) return "no domain";
        if (domain.front() == '[') return {};
        const MonoTime begun = clock_.mono_now();
        const auto mx = resolver_().resolve_mx(domain);
        if (mx.status == DnsStatus::no_domain) return "no such domain";
        if (mx.status != DnsStatus::no_data) return {};
        if (clock_.mono_now() - begun > patience) return {};
        const auto addresses = resolver_().resolve_addresses(domain);
        const bool unknown =
            addresses.status == DnsStatus::no_domain || addresses.status == DnsStatus::no_data;
        return unknown ? "no MX or address record" : "";
    }

    std::function<net::Resolver&()> resolver_;
    const Clock& clock_;
};

class CheckList final : public Routine {
public:
    enum class Form { literal, port_access, header_line };

    CheckList(Form form, std::function<net::Resolver&()> resolver, const Clock& clock)
        : form_(form), resolver_(std::move(resolver)), clock_(clock) {}

    [[nodiscard]] bool may_block() const override { return true; }

    Answer call(std::string_view argument) override {
        const auto address = IpAddress::parse(trim(next_field(argument, ',')));
        const std::string_view list = trim(next_field(argument, ','));
        if (!address || list.empty()) return Answer::none();
        const MonoTime begun = clock_.mono_now();
        const std::string name = name_on_list(*address, list);
        const auto found = resolver_().resolve_addresses(name);
        if (!says_listed(found)) return Answer::none();
        if (!argument.empty()) return result(argument, true, list);
        std::string text = address->to_string() + " is listed by " + std::string(list);
        if (clock_.mono_now() - begun < patience) {
            const auto texts = resolver_().resolve_texts(name);
            if (!texts.records.empty()) text = texts.records.front();
        }
        return result(text, false, list);
    }

private:
    /// What comes from the network stays text.
    [[nodiscard]] Answer result(std::string_view text, bool is_ours, std::string_view list) const {
        switch (form_) {
            case Form::literal:
                break;
            case Form::port_access:
                return Answer::template_text("$N" + (is_ours ? std::string(text) : harmless(text)));
            case Form::header_line:
                if (is_ours && text.find(": ") != std::string_view::npos) break;
                return Answer::literal(
                    "X-DNS-List: " + std::string(list) + " (" + reply_text(text) + ')'
                );
        }
        return Answer::literal(reply_text(text));
    }

    Form form_;
    std::function<net::Resolver&()> resolver_;
    const Clock& clock_;
};

}  // namespace

void add_dns_routines(
    Registry& registry, std::function<net::Resolver&()> resolver, const Clock& clock
) {
    constexpr std::string_view image = "dns_verify";
    using Form = CheckList::Form;
    registry.add(image, "dns_verify", std::make_unique<VerifyDomain>(resolver, clock));
    const auto add_list = [&](std::string_view name, Form form) {
        registry.add(image, name, std::make_unique<CheckList>(form, resolver, clock));
    };
    add_list("dns_verify_domain", Form::literal);
    add_list("dns_verify_domain_port", Form::port_access);
    add_list("dns_verify_domain_warn", Form::header_line);
}

}  // namespace sluice::callout
