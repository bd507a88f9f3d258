// A filter that has nothing to say: every stage is shown to it, and it goes on. Made with
// libmilter, as the filters that sites run are, for measuring what a filter costs.
//     noop_milter inet:8891@127.0.0.1
#include <libmilter/mfapi.h>

#include <cstdio>

namespace {

sfsistat on_connect(SMFICTX*, char*, _SOCK_ADDR*) {
    return SMFIS_CONTINUE;
}
sfsistat on_text(SMFICTX*, char*) {
    return SMFIS_CONTINUE;
}
sfsistat on_envelope(SMFICTX*, char**) {
    return SMFIS_CONTINUE;
}
sfsistat on_header(SMFICTX*, char*, char*) {
    return SMFIS_CONTINUE;
}
sfsistat on_moment(SMFICTX*) {
    return SMFIS_CONTINUE;
}
sfsistat on_body(SMFICTX*, unsigned char*, std::size_t) {
    return SMFIS_CONTINUE;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: noop_milter ADDRESS\n");
        return 2;
    }
    static char name[] = "noop_milter";
    smfiDesc filter{};
    filter.xxfi_name = name;
    filter.xxfi_version = SMFI_VERSION;
    filter.xxfi_connect = on_connect;
    filter.xxfi_helo = on_text;
    filter.xxfi_envfrom = on_envelope;
    filter.xxfi_envrcpt = on_envelope;
    filter.xxfi_header = on_header;
    filter.xxfi_eoh = on_moment;
    filter.xxfi_body = on_body;
    filter.xxfi_eom = on_moment;
    filter.xxfi_abort = on_moment;
    filter.xxfi_close = on_moment;
    filter.xxfi_data = on_moment;
    if (smfi_setconn(argv[1]) != MI_SUCCESS || smfi_register(filter) != MI_SUCCESS) return 1;
    return smfi_main() == MI_SUCCESS ? 0 : 1;
}
