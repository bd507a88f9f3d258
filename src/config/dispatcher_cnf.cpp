#include "config/dispatcher_cnf.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "config/option_file.h"
#include "config/option_value.h"

namespace sluice::config {

namespace {

using Service = DispatcherService;

constexpr Field<Service> service_fields[] = {
    {"IMAGE", &Service::image},
    {"PARAMETER", &Service::parameter},
    {"LOGFILE", &Service::logfile},
    {"USER", &Service::user},
    {"TLS_CERTIFICATE", &Service::tls_certificate},
    {"BACKLOG", &Service::backlog, at_least_one},
    {"MIN_PROCS", &Service::min_procs, not_negative},
    {"MAX_PROCS", &Service::max_procs, at_least_one},
    {"MIN_CONNS", &Service::min_conns, at_least_one},
    {"MAX_CONNS", &Service::max_conns, at_least_one},
    {"MAX_HANDOFFS", &Service::max_handoffs, at_least_one},
    {"MAX_IDLE_TIME", &Service::max_idle_time, not_negative},
    {"MAX_LIFE_TIME", &Service::max_life_time, at_least_one},
    {"MAX_LIFE_CONNS", &Service::max_life_conns, at_least_one},
    {"MAX_SHUTDOWN", &Service::max_shutdown, at_least_one},
    {"HISTORICAL_TIME", &Service::historical_time, not_negative},
    {"STACKSIZE", &Service::stacksize, at_least_one},
    {"IDENT", &Service::ident},
    {"ENABLE_RBL", &Service::enable_rbl},
    {"DEBUG", &Service::debug},
    {"MAX_CONNS_PER_SOURCE", &Service::max_conns_per_source, not_negative},
    {"STRESS_PERCENT", &Service::stress_percent, {0, 100}},
    {"STRESS_SOURCE_PERCENT", &Service::stress_source_percent, {0, 100}},
};

// Read further down, because they fill lists.
constexpr std::string_view list_names[] = {"PORT", "TLS_PORT", "SOCKET", "INTERFACE_ADDRESS"};
constexpr std::string_view dns_lists_name = "DNS_VERIFY_DOMAIN";

// Quotas of another operating system and the like.
constexpr std::string_view ignored_names[] = {
    "ASYNC", "USE_NSLOG", "ASTLM",    "BIOLM",   "BYTLM",     "CPULM",
    "DIOLM", "ENQLM",     "FILLM",    "JTQUOTA", "PGFLQUOTA", "PRCLM",
    "TQELM", "WSDEFAULT", "WSEXTENT", "WSQUOTA", "UCX_HOLD",  "PRIORITY"};

// Read, and nothing acts upon them.
constexpr std::string_view idle_names[] = {"ENABLE_RBL", "IDENT", "STACKSIZE"};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
    return std::any_of(names.begin(), names.end(), [&](auto known) {
        return equals_ignoring_case(known, name);
    });
}

std::vector<std::string_view> all_names() {
    std::vector<std::string_view> names(std::begin(list_names), std::end(list_names));
    names.insert(names.end(), std::begin(ignored_names), std::end(ignored_names));
    names.push_back(dns_lists_name);
    for (const auto& field : service_fields) names.push_back(field.name);
    return names;
}

std::string_view without_brackets(std::string_view text) {
    if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
        return text.substr(1, text.size() - 2);
    }
    return text;
}

// "25", "127.0.0.1:25", "[::1]:25".
std::optional<ListenAddress> parse_listen(std::string_view text) {
    ListenAddress listen;
    if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
        listen.address = IpAddress::parse(without_brackets(trim(text.substr(0, colon))));
        if (!listen.address) return std::nullopt;
        text = trim(text.substr(colon + 1));
    }
    const auto port = parse_option_integer(text);
    if (!port || *port < 1 || *port > 65535) return std::nullopt;
    listen.port = static_cast<std::uint16_t>(*port);
    return listen;
}

class Reader {
public:
    explicit Reader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

    DispatcherConfiguration read(const OptionFile& file);

private:
    // The defaults of the list options, until a service sets its own.
    struct Lists {
        std::vector<const Setting*> ports;
        std::vector<const Setting*> tls_ports;
        std::vector<const Setting*> sockets;
        const Setting* interface = nullptr;
        std::vector<const Setting*> dns_lists;
    };

    void take(const Setting& setting, Service& service);
    static Lists lists_of(const Section& section, const Lists& defaults);
    bool add_ports(const Setting& setting, bool tls, const Setting* interface, Service& service);
    static void add_sockets(const Setting& setting, Service& service);
    bool add_all_ports(const Lists& lists, Service& service);
    void add_dns_lists(const Lists& lists, Service& service);
    void check_limits(const Section& section, Service& service);
    bool is_complete(const Section& section, const Service& service);
    bool is_free(const Section& section, const Service& service);
    void take_service(const Section& section, const Lists& defaults);

    Diagnostics& diagnostics_;
    Service defaults_;
    DispatcherConfiguration result_;
};

void Reader::take(const Setting& setting, Service& service) {
    if (const auto* field = find_field(service_fields, setting.name)) {
        assign(*field, setting, service, diagnostics_);
        if (is_one_of(setting.name, idle_names)) {
            diagnostics_.warning(
                setting.where, "W431", to_upper(setting.name) + " has no effect yet", setting.line
            );
        }
    } else if (is_one_of(setting.name, ignored_names)) {
        diagnostics_.warning(
            setting.where, "W431", to_upper(setting.name) + " has no effect here", setting.line
        );
    } else if (!is_one_of(setting.name, list_names) && !equals_ignoring_case(setting.name, dns_lists_name)) {
        static const auto names = all_names();
        report_unknown(setting, "dispatcher option", names, diagnostics_);
    }
}

Reader::Lists Reader::lists_of(const Section& section, const Lists& defaults) {
    Lists lists = defaults;
    if (const auto* port = section.find("PORT")) lists.ports = {port};
    if (const auto* port = section.find("TLS_PORT")) lists.tls_ports = {port};
    if (const auto* socket = section.find("SOCKET")) lists.sockets = {socket};
    if (const auto* address = section.find("INTERFACE_ADDRESS")) lists.interface = address;
    const auto own = section.find_all(dns_lists_name);
    lists.dns_lists.insert(lists.dns_lists.end(), own.begin(), own.end());
    return lists;
}

bool Reader::add_ports(
    const Setting& setting, bool tls, const Setting* interface, Service& service
) {
    std::optional<IpAddress> address;
    if (interface != nullptr && interface->value != "*") {
        address = IpAddress::parse(without_brackets(interface->value));
        if (!address) {
            diagnostics_.error(
                interface->value_where, "E432", "not an IP address", interface->line
            );
            return false;
        }
    }
    for (const std::string_view item : split(setting.value, ',')) {
        auto listen = parse_listen(trim(item));
        if (!listen) {
            const auto offset = static_cast<std::size_t>(item.data() - setting.value.data());
            diagnostics_.error(
                column_of(setting.value_where, setting.value_where.column + offset), "E432",
                "not a port, service " + service.name + " is disabled", setting.line,
                "write 25, 127.0.0.1:25 or [::1]:25, with commas between several"
            );
            return false;
        }
        if (!listen->address) listen->address = address;
        listen->tls = tls;
        service.listen.push_back(*listen);
    }
    return true;
}

// Who may open the socket is a process of this host.
void Reader::add_sockets(const Setting& setting, Service& service) {
    for (const std::string_view item : split(setting.value, ',')) {
        const std::string_view path = trim(item);
        if (path.empty()) continue;
        ListenAddress listen;
        listen.address = IpAddress::v4({127, 0, 0, 1});
        listen.path = path;
        service.listen.push_back(std::move(listen));
    }
}

bool Reader::add_all_ports(const Lists& lists, Service& service) {
    for (const Setting* setting : lists.ports) {
        if (!add_ports(*setting, false, lists.interface, service)) return false;
    }
    for (const Setting* setting : lists.tls_ports) {
        if (!add_ports(*setting, true, lists.interface, service)) return false;
    }
    for (const Setting* setting : lists.sockets) add_sockets(*setting, service);
    return true;
}

void Reader::add_dns_lists(const Lists& lists, Service& service) {
    for (const Setting* setting : lists.dns_lists) {
        // A level may stand behind a comma; every list counts the same here.
        const std::string_view value = setting->value;
        const std::string_view list = trim(value.substr(0, value.find(',')));
        if (list.empty()) {
            diagnostics_.warning(setting->where, "W430", "no DNS list is named", setting->line);
            continue;
        }
        if (service.dns_verify_domains.size() < max_dns_lists) {
            service.dns_verify_domains.emplace_back(list);
            continue;
        }
        diagnostics_.warning(
            setting->where, "W430",
            "service " + service.name + " has more than five DNS lists; this one is ignored",
            setting->line
        );
    }
}

void Reader::check_limits(const Section& section, Service& service) {
    const auto lower = [&](std::int64_t& least, std::int64_t most, const char* text) {
        if (least <= most) return;
        diagnostics_.warning(section.where, "W404", text, section.line);
        least = most;
    };
    lower(
        service.min_procs, service.max_procs, "MIN_PROCS is above MAX_PROCS, which is used for both"
    );
    lower(
        service.min_conns, service.max_conns, "MIN_CONNS is above MAX_CONNS, which is used for both"
    );
}

bool Reader::is_complete(const Section& section, const Service& service) {
    if (!service.image.empty() && !service.listen.empty()) return true;
    diagnostics_.error(
        section.where, "E431",
        "service " + service.name + " has no " + (service.image.empty() ? "IMAGE" : "PORT") +
            " and is disabled",
        section.line
    );
    return false;
}

bool Reader::is_free(const Section& section, const Service& service) {
    for (std::size_t i = 0; i < service.listen.size(); ++i) {
        const ListenAddress& wanted = service.listen[i];
        const auto taken = [&](const ListenAddress& other) { return wanted.collides_with(other); };
        const auto uses_it = [&](const Service& earlier) {
            return std::any_of(earlier.listen.begin(), earlier.listen.end(), taken);
        };
        const auto rival = std::find_if(result_.services.begin(), result_.services.end(), uses_it);
        const auto own_end = service.listen.begin() + static_cast<std::ptrdiff_t>(i);
        const bool twice = std::any_of(service.listen.begin(), own_end, taken);
        if (rival == result_.services.end() && !twice) continue;
        diagnostics_.error(
            section.where, "E433",
            (wanted.path.empty() ? "port " + std::to_string(wanted.port) : wanted.path) +
                " is already used by service " + (twice ? service.name : rival->name) +
                "; service " + service.name + " is disabled",
            section.line
        );
        return false;
    }
    return true;
}

void Reader::take_service(const Section& section, const Lists& defaults) {
    Service service = defaults_;
    service.name = section.name;
    service.where = section.where;
    for (const auto& setting : section.settings) take(setting, service);
    const Lists lists = lists_of(section, defaults);
    if (!add_all_ports(lists, service)) return;
    add_dns_lists(lists, service);
    check_limits(section, service);
    if (is_complete(section, service) && is_free(section, service)) {
        result_.services.push_back(std::move(service));
    }
}

DispatcherConfiguration Reader::read(const OptionFile& file) {
    for (const auto& setting : file.globals().settings) take(setting, defaults_);
    result_.debug = defaults_.debug;
    const Lists defaults = lists_of(file.globals(), {});
    for (std::size_t i = 1; i < file.sections.size(); ++i) {
        const Section& section = file.sections[i];
        if (section.kind == "SERVICE") {
            take_service(section, defaults);
            continue;
        }
        diagnostics_.error(
            section.where, "E430", "unknown kind of section " + section.kind, section.line,
            "[SERVICE=name]"
        );
    }
    return std::move(result_);
}

}  // namespace

bool ListenAddress::collides_with(const ListenAddress& other) const {
    if (!path.empty() || !other.path.empty()) return path == other.path;
    if (port != other.port) return false;
    return !address || !other.address || *address == *other.address;
}

std::string ListenAddress::to_debug_string() const {
    if (!path.empty()) return path;
    std::string out;
    if (address) {
        out = address->is_v4() ? address->to_string() : '[' + address->to_string() + ']';
        out += ':';
    }
    return out + std::to_string(port) + (tls ? " tls" : "");
}

std::int64_t DispatcherService::listen_backlog() const {
    constexpr std::int64_t least = 5;
    constexpr std::int64_t most = 65535;  // more than any kernel takes
    if (backlog) return std::min(*backlog, most);
    if (max_conns > most / max_procs) return most;
    return std::max(least, max_conns * max_procs);
}

std::vector<std::string> parameter_words(const std::string& parameter) {
    std::vector<std::string> words;
    for (const std::string_view word : split_words(parameter)) words.emplace_back(word);
    return words;
}

std::string channel_of(const DispatcherService& service) {
    constexpr std::string_view name = "CHANNEL=";
    for (const std::string& word : parameter_words(service.parameter)) {
        if (starts_with_ignoring_case(word, name)) return word.substr(name.size());
    }
    return "tcp_local";
}

const DispatcherService* DispatcherConfiguration::find(std::string_view name) const {
    const auto found = std::find_if(services.begin(), services.end(), [&](const Service& service) {
        return equals_ignoring_case(service.name, name);
    });
    return found == services.end() ? nullptr : &*found;
}

DispatcherConfiguration parse_dispatcher_cnf(
    std::string_view text, std::string_view file_name, Diagnostics& diagnostics
) {
    const OptionDialect dialect{.sections = true, .accumulating = {"DNS_VERIFY_DOMAIN"}};
    return Reader(diagnostics).read(parse_option_file(text, file_name, dialect, diagnostics));
}

Result<DispatcherConfiguration> load_dispatcher_cnf(
    FileSource& files, const std::string& path, Diagnostics& diagnostics
) {
    const auto text = files.read(path);
    if (!text) return text.error();
    return parse_dispatcher_cnf(*text, path, diagnostics);
}

std::optional<std::int64_t> parse_debug_mask(std::string_view text) {
    std::uint32_t mask = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, mask, 16);
    if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
    return mask == 0xffffffffU ? -1 : static_cast<std::int64_t>(mask);
}

}  // namespace sluice::config
