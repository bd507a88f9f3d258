// A library as a site might have it, for the tests of callout_host.
#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <cstring>

extern "C" {

int site_upper(char* argument, const long* argument_size, char* result, long* result_size) {
    for (long i = 0; i < *argument_size; ++i)
        result[i] = static_cast<char>(std::toupper(static_cast<unsigned char>(argument[i])));
    *result_size = *argument_size;
    return -1;
}

int site_no(char*, long*, char*, long*) {
    return 0;
}

int site_crash(char*, long*, char*, long*) {
    std::abort();
}

int site_hang(char*, long*, char*, long*) {
    while (true) ::pause();
}

int site_overrun(char*, long*, char* result, long* result_size) {
    std::memset(result, 'x', 1500);
    *result_size = 1500;
    return -1;
}

int site_boast(char*, long*, char*, long* result_size) {
    *result_size = 5000;
    return -1;
}

int site_leave(char*, long*, char*, long*) {
    std::exit(3);  // NOLINT(concurrency-mt-unsafe): that is what it is for
}

}  // extern "C"
