#include "config/tls_settings.h"

#include <algorithm>

#include "base/bytes.h"
#include "channel/channel_settings.h"

namespace sluice::config {

namespace {

/// Reads values, the channel's before the MTA's, and keeps what is wrong with them.
class Reader {
public:
    Reader(const Configuration& configuration, std::vector<std::string>& faults)
        : configuration_(configuration), faults_(faults) {}

    [[nodiscard]] std::string text(const std::string& of_channel, OptionId of_mta) const {
        return of_channel.empty() ? configuration_.options.text(of_mta) : of_channel;
    }

    [[nodiscard]] std::string file(const std::string& value) {
        if (value.empty()) return {};
        auto path = configuration_.tailor.resolve_path(value, TailorEntry::table);
        if (path) return *std::move(path);
        faults_.push_back(path.error().detail());
        return {};
    }

    [[nodiscard]] tls::Version version(const std::string& of_channel) {
        const std::string value = text(of_channel, OptionId::tls_min_version);
        if (value == "1.3") return tls::Version::tls_1_3;
        if (value != "1.2")
            faults_.push_back("TLS_MIN_VERSION=" + value + " is neither 1.2 nor 1.3, 1.2 is used");
        return tls::Version::tls_1_2;
    }

    /// Files in pairs; a certificate without a key of its own has it in the same file.
    [[nodiscard]] std::vector<tls::CertificateFiles> pairs(
        const std::string& certificates, const std::string& keys
    ) {
        const auto names = files(certificates);
        const auto key_names = files(keys);
        if (!key_names.empty() && key_names.size() != names.size()) {
            faults_.push_back(
                std::to_string(names.size()) + " files in TLS_CERTIFICATE_FILE, but " +
                std::to_string(key_names.size()) + " in TLS_KEY_FILE"
            );
        }
        std::vector<tls::CertificateFiles> all;
        for (std::size_t i = 0; i < names.size(); ++i)
            all.push_back({names[i], i < key_names.size() ? key_names[i] : names[i]});
        return all;
    }

private:
    [[nodiscard]] std::vector<std::string> files(const std::string& list) {
        std::vector<std::string> all;
        for (const std::string_view item : split(list, ',')) {
            std::string path = file(std::string(trim(item)));
            if (!path.empty()) all.push_back(std::move(path));
        }
        return all;
    }

    const Configuration& configuration_;
    std::vector<std::string>& faults_;
};

// A certificate goes with the key that is named where it is: the default of the one is not for the
// other.
std::string key_files(const Options& of_mta, const TcpChannelOptions& of_channel) {
    if (!of_channel.tls_certificate_file.empty()) return of_channel.tls_key_file;
    const bool own_certificate = of_mta.is_set(OptionId::tls_certificate_file);
    if (own_certificate && !of_mta.is_set(OptionId::tls_key_file)) return {};
    return of_mta.text(OptionId::tls_key_file);
}

TlsDemand demand_of(const channel::Channel& channel, bool verify) {
    switch (channel::tls_client(channel)) {
        case channel::Demand::none:
            return TlsDemand::none;
        case channel::Demand::may:
            return TlsDemand::may;
        case channel::Demand::must:
            return verify ? TlsDemand::verify : TlsDemand::must;
    }
    return TlsDemand::none;
}

std::optional<TlsHostRule> parse_rule(std::string_view item) {
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view pattern = trim(item.substr(0, equals));
    const auto demand = parse_tls_demand(trim(item.substr(equals + 1)));
    if (pattern.empty() || !demand) return std::nullopt;
    return TlsHostRule{std::string(pattern), *demand};
}

bool is_for(const TlsHostRule& rule, std::string_view host) {
    const std::string_view pattern = rule.pattern;
    if (!pattern.starts_with("*.")) return equals_ignoring_case(pattern, host);
    const std::string_view domain = pattern.substr(1);
    return host.size() > domain.size() &&
           equals_ignoring_case(host.substr(host.size() - domain.size()), domain);
}

}  // namespace

std::optional<TlsDemand> parse_tls_demand(std::string_view word) {
    constexpr std::string_view words[] = {"none", "may", "must", "verify"};
    for (std::size_t i = 0; i < std::size(words); ++i) {
        if (equals_ignoring_case(word, words[i])) return static_cast<TlsDemand>(i);
    }
    return std::nullopt;
}

TlsDemand ClientTls::demand_for(std::string_view destination, std::string_view host) const {
    for (const std::string_view name : {destination, host}) {
        const auto rule = std::find_if(hosts.begin(), hosts.end(), [&](const TlsHostRule& one) {
            return is_for(one, name);
        });
        if (rule != hosts.end()) return rule->demand;
    }
    return demand;
}

ClientTls client_tls(const Configuration& configuration, const channel::Channel& channel) {
    const TcpChannelOptions& options = configuration.options_of(channel.name());
    ClientTls made;
    Reader reader(configuration, made.faults);
    made.settings.trust_anchors =
        reader.file(reader.text(options.tls_ca_file, OptionId::tls_ca_file));
    made.settings.ciphers = reader.text(options.tls_ciphers, OptionId::tls_ciphers);
    made.settings.least = reader.version(options.tls_min_version);
    const std::string& own = options.tls_client_certificate_file;
    made.settings.certificate.certificate = reader.file(own);
    const std::string& key = options.tls_client_key_file;
    made.settings.certificate.key = reader.file(key.empty() ? own : key);
    made.demand = demand_of(channel, options.tls_verify);
    for (const std::string& item : options.tls_hosts) {
        if (auto rule = parse_rule(item)) {
            made.hosts.push_back(*std::move(rule));
        } else {
            made.faults.push_back(
                "TLS_HOSTS: \"" + item + "\" is not host=none, =may, =must or =verify"
            );
        }
    }
    return made;
}

ServerTls server_tls(const Configuration& configuration, const channel::Channel& channel) {
    const TcpChannelOptions& options = configuration.options_of(channel.name());
    ServerTls made;
    Reader reader(configuration, made.faults);
    made.settings.certificates = reader.pairs(
        reader.text(options.tls_certificate_file, OptionId::tls_certificate_file),
        key_files(configuration.options, options)
    );
    made.settings.trust_anchors =
        reader.file(reader.text(options.tls_ca_file, OptionId::tls_ca_file));
    made.settings.ciphers = reader.text(options.tls_ciphers, OptionId::tls_ciphers);
    made.settings.least = reader.version(options.tls_min_version);
    made.settings.ask = static_cast<tls::AskCertificate>(options.tls_ask_certificate.value_or(
        configuration.options.integer(OptionId::tls_ask_certificate)
    ));
    return made;
}

}  // namespace sluice::config
