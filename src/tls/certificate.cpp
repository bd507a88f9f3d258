#include "tls/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/file.h"

namespace sluice::tls {

namespace {

constexpr std::size_t largest_file = 1UL << 20U;
constexpr std::size_t most_names = 100;

Error unusable(const std::string& path, std::string_view why) {
    return Error::temporary({4, 7, 0}, "TLS not available", path + ": " + std::string(why));
}

BioHandle reader_of(std::string_view text) {
    return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Keys behind passwords: nobody is there to type it when a worker starts at night.
int no_password(char*, int, int, void*) {
    return -1;
}

std::string text_of(const ASN1_STRING* value) {
    unsigned char* utf8 = nullptr;
    const int length = value == nullptr ? -1 : ASN1_STRING_to_UTF8(&utf8, value);
    if (length < 0) return {};
    std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length));
    OPENSSL_free(utf8);
    // A name with a NUL in it was made to be read as two different ones.
    return std::any_of(text.begin(), text.end(), [](char c) { return is_control(c); }) ? "" : text;
}

Result<void> read_chain(Certificate& into, const std::string& text) {
    const BioHandle reader = reader_of(text);
    while (X509* one = PEM_read_bio_X509(reader.get(), nullptr, no_password, nullptr)) {
        if (!into.own) {
            into.own.reset(one);
        } else {
            into.chain.emplace_back(one);
        }
    }
    ERR_clear_error();  // the end of the file is an error to the library
    if (into.own) return {};
    return unusable(into.files.certificate, "holds no certificate in PEM form");
}

Result<void> read_key(Certificate& into) {
    auto text = read_file(into.files.key, largest_file);
    if (!text) return unusable(into.files.key, "cannot be read: " + text.error().detail());
    const BioHandle reader = reader_of(*text);
    into.key.reset(PEM_read_bio_PrivateKey(reader.get(), nullptr, no_password, nullptr));
    OPENSSL_cleanse(text->data(), text->size());
    if (into.key) return {};
    const bool locked = text->find("ENCRYPTED") != std::string::npos ||
                        ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_BAD_PASSWORD_READ;
    ERR_clear_error();
    return unusable(
        into.files.key, locked ? "the key is protected by a password, which nobody is asked for"
                               : "holds no private key in PEM form"
    );
}

bool is_over(const ASN1_TIME* time, WallTime now) {
    time_t seconds = std::chrono::system_clock::to_time_t(now);
    return X509_cmp_time(time, &seconds) < 0;
}

std::string date_text(const ASN1_TIME* time) {
    tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unknown date";
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts)};
}

}  // namespace

bool matches_host(std::string_view pattern, std::string_view host) {
    if (equals_ignoring_case(pattern, host)) return true;
    if (!pattern.starts_with("*.")) return false;
    const std::size_t dot = host.find('.');
    return dot != std::string_view::npos && dot > 0 &&
           equals_ignoring_case(pattern.substr(1), host.substr(dot));
}

bool Certificate::covers(std::string_view host) const {
    return std::any_of(hosts.begin(), hosts.end(), [&](const std::string& pattern) {
        return matches_host(pattern, host);
    });
}

std::vector<std::string> alternative_names(const X509& certificate, int kind) {
    std::vector<std::string> names;
    auto* all = static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)
    );
    for (int i = 0; i < sk_GENERAL_NAME_num(all) && names.size() < most_names; ++i) {
        int type = -1;
        const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all, i), &type);
        if (type != kind) continue;
        std::string text = text_of(static_cast<const ASN1_STRING*>(value));
        if (!text.empty()) names.push_back(std::move(text));
    }
    GENERAL_NAMES_free(all);
    return names;
}

std::string name_text(const X509_NAME& name) {
    const BioHandle out(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(out.get(), &name, 0, XN_FLAG_RFC2253);
    char* text = nullptr;
    const long length = BIO_get_mem_data(out.get(), &text);
    return length > 0 ? std::string(text, static_cast<std::size_t>(length)) : std::string();
}

std::string common_name(const X509& certificate) {
    const X509_NAME* subject = X509_get_subject_name(&certificate);
    int last = -1;
    for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;)
        last = at;
    if (last < 0) return {};
    return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last)));
}

Result<Certificate> load_certificate(const CertificateFiles& files) {
    Certificate made;
    made.files = files;
    auto text = read_file(files.certificate, largest_file);
    if (!text) return unusable(files.certificate, "cannot be read: " + text.error().detail());
    if (auto read = read_chain(made, *text); !read) return std::move(read).error();
    if (auto read = read_key(made); !read) return std::move(read).error();
    if (X509_check_private_key(made.own.get(), made.key.get()) != 1) {
        ERR_clear_error();
        return unusable(
            files.key, "the key does not belong to the certificate in " + files.certificate
        );
    }
    made.hosts = alternative_names(*made.own, GEN_DNS);
    if (made.hosts.empty()) {
        if (std::string name = common_name(*made.own); !name.empty())
            made.hosts.push_back(std::move(name));
    }
    return made;
}

std::vector<std::string> remarks_about(const Certificate& certificate, WallTime now) {
    std::vector<std::string> remarks;
    const std::string& file = certificate.files.certificate;
    const ASN1_TIME* begin = X509_get0_notBefore(certificate.own.get());
    const ASN1_TIME* end = X509_get0_notAfter(certificate.own.get());
    if (is_over(end, now))
        remarks.push_back(file + ": the certificate expired on " + date_text(end));
    if (!is_over(begin, now))
        remarks.push_back(file + ": the certificate is not valid before " + date_text(begin));
    struct stat status {};
    if (::stat(certificate.files.key.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0)
        remarks.push_back(certificate.files.key + ": every user of this system can read the key");
    return remarks;
}

}  // namespace sluice::tls
