#include "unit/policy/random_site.h"

namespace sluice::test {

std::string RandomSite::host() {
    static const std::vector<std::string_view> labels{"a", "b", "mail", "x1", "Deep"};
    static const std::vector<std::string_view> odd{
        "[192.0.2.1]",  "[10.1.2.3]",    "[IPv6:2001:db8::1]", "tcp_local-daemon",
        "mail.example", "extra.example", "localhost"};
    if (chance(6)) return std::string(one_of(odd));
    std::string out;
    for (std::size_t n = below(3); n > 0; --n) out += std::string(one_of(labels)) + '.';
    static const std::vector<std::string_view> ends{"example", "test", "a.test", "b.example"};
    return out + std::string(one_of(ends));
}

std::string RandomSite::pattern() {
    static const std::vector<std::string_view> general{
        ".", "$*",  "$%",       "$!",    "[]",        "[192.0.2.]", "[*.*.*.*]",
        "*", "*.*", ".example", ".test", "*.example", "*.*.test"};
    std::string out = chance(12) ? "t|" : "";
    return out + (chance(2) ? std::string(one_of(general)) : host());
}

std::string RandomSite::rewrite_template() {
    static const std::vector<std::string_view> controls{
        "$E",
        "$B",
        "$F",
        "$R",
        "$A",
        "$P",
        "$S",
        "$X",
        "$Mtcp_local",
        "$Ntcp_local",
        "$1M",
        "$Tt|",
        "$?no such place",
        "$4001002?later",
        "${ROUTES,$H}",
        "$(key$H)",
        "$V$H",
        "$Z$D",
        "$Ql",
        "$Ctcp_local",
        "$^",
        "$[test,echo,$U]"};
    static const std::vector<std::string_view> locals{"$U",     "$0U",   "$1U", "$U",
                                                      "$U$%$H", "$\\$U", "x"};
    static const std::vector<std::string_view> hosts{
        "$H", "$D", "$H$D", "$1D", "$&0.test", "$L", "new.example", "mail.example", "$*0.b"};
    static const std::vector<std::string_view> ends{
        "@tcp_local-daemon", "@tcp_inside-daemon", "@mail.example", "@relay-daemon", "",
        "@nowhere",          "@extra.example"};
    std::string out = chance(4) ? std::string(one_of(controls)) : "";
    out += std::string(one_of(locals)) + (chance(5) ? '@' : '%') + std::string(one_of(hosts));
    if (out.find('@') == std::string::npos) out += one_of(ends);
    if (chance(4)) out += one_of(controls);
    return out;
}

std::string RandomSite::mapping_template() {
    static const std::vector<std::string_view> parts{
        "$0",
        "$1",
        "$Y",
        "$N",
        "$C",
        "$L",
        "$R",
        "$E",
        "$H",
        "$B",
        "$D",
        "text",
        "|",
        "-",
        "$T",
        "$A",
        "$X",
        "$:A",
        "$;T",
        "$|WHO;$0|",
        "$|ROUTES,$1|",
        "${key$0}",
        "$?50?",
        "$\\x",
        "$_",
        "$+1E",
        "$]ldap:///x[",
        "$.kept.",
        "$[test,echo,$0]",
        "$}x.test,mail{"};
    std::string out;
    for (std::size_t n = 1 + below(5); n > 0; --n) out += one_of(parts);
    return out;
}

std::string RandomSite::entry() {
    static const std::vector<std::string_view> parts{
        "*",
        "*",
        "%",
        "|",
        "|",
        "tcp_local",
        "tcp_*",
        "l",
        "@",
        "example",
        "test",
        "$_*",
        "$D*",
        "$[a-m]*",
        "$0*",
        "$(192.0.2.0/24)",
        "adam",
        "staff",
        "mail.example",
        ".test"};
    if (chance(3)) return "*|" + std::string(one_of({"tcp_local", "l", "*"})) + "|*@" + host();
    std::string out = "*";
    for (std::size_t n = 1 + below(4); n > 0; --n) out += one_of(parts);
    return out;
}

std::string RandomSite::table(std::string_view name, std::size_t entries) {
    std::string out = std::string(name) + "\n\n";
    for (; entries > 0; --entries) out += "  " + entry() + "  " + mapping_template() + '\n';
    return out + '\n';
}

RandomSite::Texts RandomSite::site() {
    Texts texts;
    for (std::size_t n = 1 + below(25); n > 0; --n) {
        texts.imta_cnf += pattern() + ' ' + rewrite_template() + '\n';
    }
    if (!chance(4)) texts.imta_cnf += ". $U%$H@tcp_local-daemon\n";
    texts.imta_cnf += "\nl" + std::string(chance(4) ? " subaddresswild" : "") + "\nmail.example\n";
    texts.imta_cnf += "\ntcp_local smtp switchchannel" +
                      std::string(chance(4) ? " bangoverpercent" : "") + "\ntcp_local-daemon\n" +
                      "extra.example proper.example\n";
    texts.imta_cnf += "\ntcp_inside smtp aliaslocal" + std::string(chance(3) ? " norules" : "") +
                      "\ntcp_inside-daemon\n\nrelay routelocal\nrelay-daemon\n\nbitbucket\n" +
                      "bitbucket-daemon\n";
    for (const std::string_view name :
         {"FROM_ACCESS", "ORIG_SEND_ACCESS", "ORIG_MAIL_ACCESS", "SEND_ACCESS", "MAIL_ACCESS",
          "WHO", "ROUTES"}) {
        if (!chance(3)) texts.mappings += table(name, 1 + below(30));
    }
    texts.aliases = "postmaster: adam\n";
    for (const std::string_view name : {"staff", "eve", "adam+list", "x", "*@extra.example"}) {
        if (chance(3)) continue;
        texts.aliases += std::string(name) + ": ";
        for (std::size_t n = below(3); n > 0; --n)
            texts.aliases += std::string(chance(2) ? "staff" : "eve@" + host()) + ", ";
        texts.aliases += "adam\n";
    }
    return texts;
}

std::string RandomSite::address() {
    static const std::vector<std::string_view> names{
        "adam", "staff", "eve", "adam+list", "x", "\"a b\"", "Adam", "\"u%a\"", "nobody"};
    const std::string name(one_of(names));
    switch (below(8)) {
        case 0:
            return name;
        case 1:
            return name + '%' + host() + '@' + host();
        case 2:
            return host() + '!' + name;
        case 3:
            return '@' + host() + ':' + name + '@' + host();
        case 4:
            return host() + '!' + name + '%' + host();
        default:
            return name + '@' + host();
    }
}

config::ConfigurationPtr RandomSite::load(const Texts& texts) {
    config::MemoryFiles files(std::map<std::string, std::string>{
        {"/s/imta.cnf", texts.imta_cnf},
        {"/s/mappings", texts.mappings},
        {"/s/aliases", texts.aliases}});
    Diagnostics diagnostics;
    return config::load_for_trial(
        "", {"/s/imta.cnf", "/s/mappings", "", "/s/aliases"}, files, diagnostics
    );
}

}  // namespace sluice::test
