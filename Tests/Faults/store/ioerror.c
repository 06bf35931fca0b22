/* Fails input and output of a program from outside: cc -shared -fPIC ioerror.c -o ioerror.so -ldl
   FAULT_CALL  write, sync or read
   FAULT_AT    which of these calls fails, from 1; all after it do, too
   FAULT_PATH  only on files whose path contains this
   FAULT_ERRNO the error number, EIO by default
   FAULT_SEEN  file that gets a byte when a call was failed */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;

static int fails(const char *call, int descriptor) {
  int before = errno;
  const char *wanted = getenv("FAULT_CALL"), *path = getenv("FAULT_PATH"), *at = getenv("FAULT_AT");
  char link[64], target[4096];
  if (!wanted || !at || strcmp(wanted, call) != 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, target, sizeof target - 1);
  errno = before;
  if (length < 0) return 0;
  target[length] = 0;
  if (target[0] != '/' || (path && !strstr(target, path))) return 0;
  if (atomic_fetch_add(&calls, 1) + 1 < atol(at)) return 0;
  const char *seen = getenv("FAULT_SEEN");
  if (seen) {
    int file = open(seen, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file >= 0) close(file);
  }
  const char *number = getenv("FAULT_ERRNO");
  errno = number ? atoi(number) : EIO;
  return 1;
}

#define NEXT(name) \
  static __typeof__(&name) next; \
  if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name);

#define WRITES(...) \
  if (fails("write", fd)) return -1; \
  return next(__VA_ARGS__);

ssize_t write(int fd, const void *b, size_t n) {
  NEXT(write)
  WRITES(fd, b, n)
}
ssize_t pwrite(int fd, const void *b, size_t n, off_t o) {
  NEXT(pwrite)
  WRITES(fd, b, n, o)
}
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) {
  NEXT(pwrite64)
  WRITES(fd, b, n, o)
}
int fsync(int fd) {
  NEXT(fsync)
  if (fails("sync", fd)) return -1;
  return next(fd);
}
int fdatasync(int fd) {
  NEXT(fdatasync)
  if (fails("sync", fd)) return -1;
  return next(fd);
}
ssize_t read(int fd, void *b, size_t n) {
  NEXT(read)
  if (fails("read", fd)) return -1;
  return next(fd, b, n);
}
ssize_t pread(int fd, void *b, size_t n, off_t o) {
  NEXT(pread)
  if (fails("read", fd)) return -1;
  return next(fd, b, n, o);
}
ssize_t pread64(int fd, void *b, size_t n, off64_t o) {
  NEXT(pread64)
  if (fails("read", fd)) return -1;
  return next(fd, b, n, o);
}
