/* Preloaded into the programs under test: makes chosen system calls fail (tests/integration/test_failing_calls.py).
   FAILING_CALLS names a file of one struct Order, which the test changes while the programs run. */
#undef _FILE_OFFSET_BITS /* both names of each call, below */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* The test writes it with struct.pack("16s64s32siiii", ...): keep both the same. */
struct Order {
    char call[16];      /* "write", "sync", ...; empty: none fails */
    char path[64];      /* part of the path, or of what the descriptor is open on; empty: all */
    char program[32];   /* empty: all */
    int32_t error;      /* errno; 0: a short write */
    _Atomic int32_t skip;   /* calls that still succeed */
    _Atomic int32_t count;  /* calls that fail then */
    _Atomic int32_t seen;   /* calls that matched */
};

static struct Order* order;

__attribute__((constructor)) static void find_order(void) {
    const char* name = getenv("FAILING_CALLS");
    if (name == NULL) return;
    int (*const real_open)(const char*, int, ...) = dlsym(RTLD_NEXT, "open");
    const int fd = real_open(name, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void* const place = mmap(NULL, sizeof(struct Order), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (place != MAP_FAILED) order = place;
}

static int is_meant(const char* call, const char* path) {
    if (order == NULL || order->call[0] == '\0' || strcmp(order->call, call) != 0) return 0;
    if (order->program[0] != '\0' && strcmp(order->program, program_invocation_short_name) != 0) return 0;
    return order->path[0] == '\0' || (path != NULL && strstr(path, order->path) != NULL);
}

/* 1: this call fails. */
static int fails(const char* call, const char* path) {
    if (!is_meant(call, path)) return 0;
    atomic_fetch_add(&order->seen, 1);
    if (atomic_fetch_sub(&order->skip, 1) > 0) return 0;
    if (atomic_fetch_sub(&order->count, 1) <= 0) return 0;
    if (order->error != 0) errno = order->error;
    return 1;
}

static int fails_on(const char* call, int fd) {
    if (order == NULL || strcmp(order->call, call) != 0) return 0;
    char link[32];
    char path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    return fails(call, path);
}

#define REAL(type, name, ...)                           \
    static type (*real)(__VA_ARGS__);                   \
    if (real == NULL) real = dlsym(RTLD_NEXT, #name)

static int open_with(const char* symbol, const char* path, int flags, mode_t mode) {
    int (*const real)(const char*, int, ...) = dlsym(RTLD_NEXT, symbol);
    if (fails("open", path)) return -1;
    return real(path, flags, mode);
}

#define OPEN(name)                                      \
    int name(const char* path, int flags, ...) {        \
        va_list list;                                   \
        va_start(list, flags);                          \
        const mode_t mode = va_arg(list, mode_t);       \
        va_end(list);                                   \
        return open_with(#name, path, flags, mode);     \
    }
OPEN(open)
OPEN(open64)

/* A name in a directory that is open is known by the whole path. */
static int openat_with(const char* symbol, int directory, const char* name, int flags, mode_t mode) {
    int (*const real)(int, const char*, int, ...) = dlsym(RTLD_NEXT, symbol);
    char path[8192];
    size_t length = 0;
    if (directory != AT_FDCWD && name[0] != '/') {
        char link[32];
        snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
        const ssize_t size = readlink(link, path, 4096);
        if (size > 0) length = (size_t)size;
        path[length++] = '/';
    }
    snprintf(path + length, sizeof path - length, "%s", name);
    if (fails("open", path)) return -1;
    return real(directory, name, flags, mode);
}

#define OPENAT(name)                                                \
    int name(int directory, const char* path, int flags, ...) {     \
        va_list list;                                               \
        va_start(list, flags);                                      \
        const mode_t mode = va_arg(list, mode_t);                   \
        va_end(list);                                               \
        return openat_with(#name, directory, path, flags, mode);    \
    }
OPENAT(openat)
OPENAT(openat64)

/* A short write does half of it. */
static size_t size_of_write(int fd, size_t size, int* failed) {
    *failed = 0;
    if (!fails_on("write", fd)) return size;
    if (order->error != 0) *failed = 1;
    return size > 1 ? size / 2 : size;
}

ssize_t write(int fd, const void* data, size_t size) {
    REAL(ssize_t, write, int, const void*, size_t);
    int failed;
    size = size_of_write(fd, size, &failed);
    return failed ? -1 : real(fd, data, size);
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
    REAL(ssize_t, pwrite, int, const void*, size_t, off_t);
    int failed;
    size = size_of_write(fd, size, &failed);
    return failed ? -1 : real(fd, data, size, offset);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
    return pwrite(fd, data, size, offset);
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
    REAL(ssize_t, writev, int, const struct iovec*, int);
    if (!fails_on("write", fd)) return real(fd, parts, count);
    if (order->error != 0) return -1;
    return real(fd, parts, count > 1 ? count / 2 : count);
}

ssize_t pread(int fd, void* to, size_t size, off_t offset) {
    REAL(ssize_t, pread, int, void*, size_t, off_t);
    return fails_on("read", fd) ? -1 : real(fd, to, size, offset);
}

ssize_t pread64(int fd, void* to, size_t size, off64_t offset) {
    return pread(fd, to, size, offset);
}

int fdatasync(int fd) {
    REAL(int, fdatasync, int);
    return fails_on("sync", fd) ? -1 : real(fd);
}

int fsync(int fd) {
    REAL(int, fsync, int);
    return fails_on("sync", fd) ? -1 : real(fd);
}

int fallocate(int fd, int mode, off_t offset, off_t size) {
    REAL(int, fallocate, int, int, off_t, off_t);
    return fails_on("reserve", fd) ? -1 : real(fd, mode, offset, size);
}

int fallocate64(int fd, int mode, off64_t offset, off64_t size) {
    return fallocate(fd, mode, offset, size);
}

int renameat2(int from_directory, const char* from, int to_directory, const char* to, unsigned flags) {
    REAL(int, renameat2, int, const char*, int, const char*, unsigned);
    return fails("rename", to) ? -1 : real(from_directory, from, to_directory, to, flags);
}

int rename(const char* from, const char* to) {
    REAL(int, rename, const char*, const char*);
    return fails("rename", to) ? -1 : real(from, to);
}

int unlink(const char* path) {
    REAL(int, unlink, const char*);
    return fails("unlink", path) ? -1 : real(path);
}

int mkdir(const char* path, mode_t mode) {
    REAL(int, mkdir, const char*, mode_t);
    return fails("mkdir", path) ? -1 : real(path, mode);
}

int futimens(int fd, const struct timespec times[2]) {
    REAL(int, futimens, int, const struct timespec[2]);
    return fails_on("set_time", fd) ? -1 : real(fd, times);
}

int accept4(int fd, struct sockaddr* address, socklen_t* length, int flags) {
    REAL(int, accept4, int, struct sockaddr*, socklen_t*, int);
    return fails("accept", NULL) ? -1 : real(fd, address, length, flags);
}
