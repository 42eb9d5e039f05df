/**
 * The headers that few programs include, and what few programs need of the others. A chunk of its own: a program that
 * the usual ones are enough for never needs it.
 *
 * Left out: math.h beyond what is listed (its results would differ from glibc's in the last place), calendar functions
 * of time.h, attributes of threads and of mutexes beyond their names, rwlocks, barriers, thread-specific data.
 */

import { compilerHeaders } from './compiler-headers.ts'
import { type Headers, headers } from './headers.ts'

const ALLOCA = `
#include <stddef.h>
void *alloca(size_t size);
#define alloca(size) __builtin_alloca(size)
`

const functions = (one: readonly string[], two: readonly string[]): string =>
  [
    ...one.map((name) => `double ${name}(double x); float ${name}f(float x);`),
    ...two.map((name) => `double ${name}(double x, double y); float ${name}f(float x, float y);`),
  ].join('\n')

const ONE = 'sqrt fabs floor ceil trunc round rint nearbyint logb exp exp2 log log2 log10 cbrt'
const TWO = 'fmod remainder fmax fmin fdim copysign pow hypot'

const floats = (prefix: string, suffix: string, values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `#define ${prefix}_${name} ${value}${/[.e]/.test(value) ? suffix : ''}`)
    .join('\n')

const format = (letter: string): string =>
  [
    '8:hh',
    '16:h',
    '32:',
    '64:l',
    'LEAST8:hh',
    'LEAST16:h',
    'LEAST32:',
    'LEAST64:l',
    'FAST8:hh',
    'FAST16:l',
    'FAST32:l',
    'FAST64:l',
    'MAX:l',
    'PTR:l',
  ]
    .map((entry) => entry.split(':'))
    .map(([bits, length]) => `#define PRI${letter}${bits} "${length}${letter}"`)
    .join('\n')

/** Names and numbers. */
const errors = `
EPERM:1 ENOENT:2 ESRCH:3 EINTR:4 EIO:5 ENXIO:6 E2BIG:7 ENOEXEC:8 EBADF:9 ECHILD:10 EAGAIN:11 ENOMEM:12 EACCES:13
EFAULT:14 ENOTBLK:15 EBUSY:16 EEXIST:17 EXDEV:18 ENODEV:19 ENOTDIR:20 EISDIR:21 EINVAL:22 ENFILE:23 EMFILE:24
ENOTTY:25 ETXTBSY:26 EFBIG:27 ENOSPC:28 ESPIPE:29 EROFS:30 EMLINK:31 EPIPE:32 EDOM:33 ERANGE:34 EDEADLK:35
ENAMETOOLONG:36 ENOLCK:37 ENOSYS:38 ENOTEMPTY:39 ELOOP:40 EWOULDBLOCK:11 ENOMSG:42 EIDRM:43 ECHRNG:44 EL2NSYNC:45
EL3HLT:46 EL3RST:47 ELNRNG:48 EUNATCH:49 ENOCSI:50 EL2HLT:51 EBADE:52 EBADR:53 EXFULL:54 ENOANO:55 EBADRQC:56
EBADSLT:57 EDEADLOCK:35 EBFONT:59 ENOSTR:60 ENODATA:61 ETIME:62 ENOSR:63 ENONET:64 ENOPKG:65 EREMOTE:66 ENOLINK:67
EADV:68 ESRMNT:69 ECOMM:70 EPROTO:71 EMULTIHOP:72 EDOTDOT:73 EBADMSG:74 EOVERFLOW:75 ENOTUNIQ:76 EBADFD:77 EREMCHG:78
ELIBACC:79 ELIBBAD:80 ELIBSCN:81 ELIBMAX:82 ELIBEXEC:83 EILSEQ:84 ERESTART:85 ESTRPIPE:86 EUSERS:87 ENOTSOCK:88
EDESTADDRREQ:89 EMSGSIZE:90 EPROTOTYPE:91 ENOPROTOOPT:92 EPROTONOSUPPORT:93 ESOCKTNOSUPPORT:94 EOPNOTSUPP:95
EPFNOSUPPORT:96 EAFNOSUPPORT:97 EADDRINUSE:98 EADDRNOTAVAIL:99 ENETDOWN:100 ENETUNREACH:101 ENETRESET:102
ECONNABORTED:103 ECONNRESET:104 ENOBUFS:105 EISCONN:106 ENOTCONN:107 ESHUTDOWN:108 ETOOMANYREFS:109 ETIMEDOUT:110
ECONNREFUSED:111 EHOSTDOWN:112 EHOSTUNREACH:113 EALREADY:114 EINPROGRESS:115 ESTALE:116 EUCLEAN:117 ENOTNAM:118
ENAVAIL:119 EISNAM:120 EREMOTEIO:121 EDQUOT:122 ENOMEDIUM:123 EMEDIUMTYPE:124 ECANCELED:125 ENOKEY:126 EKEYEXPIRED:127
EKEYREVOKED:128 EKEYREJECTED:129 EOWNERDEAD:130 ENOTRECOVERABLE:131 ERFKILL:132 EHWPOISON:133 ENOTSUP:95
`

/** Bounds of a family of types: what their four widths are. */
const bounds = (entry: string): string => {
  const [family = '', widths = ''] = entry.split(':')
  return widths
    .split(' ')
    .flatMap((width, i) =>
      ['INT_MIN', 'INT_MAX', 'UINT_MAX'].map((bound) => {
        const [kind, end] = bound.split('_')
        return `#define ${kind}_${family}${8 << i}_${end} ${kind}${width}_${end}`
      }),
    )
    .join('\n')
}

/** What follows in the usual headers. */
const rest: Headers = {
  'stdlib.h': `${ALLOCA}
#define RAND_MAX 2147483647
#define MB_CUR_MAX 1
typedef struct { int quot, rem; } div_t; typedef struct { long quot, rem; } ldiv_t;
typedef struct { long long quot, rem; } lldiv_t;
int atexit(void (*function)(void));
char *getenv(const char *name);
void *malloc(size_t size); void *calloc(size_t count, size_t size); void *realloc(void *p, size_t size);
void *reallocarray(void *p, size_t count, size_t size); void free(void *p);
void *aligned_alloc(size_t alignment, size_t size); int posix_memalign(void **p, size_t alignment, size_t size);
void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));
void *bsearch(const void *key, const void *base, size_t n, size_t size, int (*compare)(const void *, const void *));
int atoi(const char *text); long atol(const char *text); long long atoll(const char *text); double atof(const char *text);
long strtol(const char *text, char **end, int base); long long strtoll(const char *text, char **end, int base);
unsigned long strtoul(const char *text, char **end, int base);
unsigned long long strtoull(const char *text, char **end, int base);
double strtod(const char *text, char **end); float strtof(const char *text, char **end);
int abs(int n); long labs(long n); long long llabs(long long n);
div_t div(int a, int b); ldiv_t ldiv(long a, long b); lldiv_t lldiv(long long a, long long b);
int rand(void); void srand(unsigned int seed); int rand_r(unsigned int *seed);
long random(void); void srandom(unsigned int seed);
`,
  'stdio.h': `
#define EOF (-1)
int rename(const char *from, const char *to);
#define BUFSIZ 8192
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#define _IOFBF 0
#define _IOLBF 1
#define _IONBF 2
typedef struct _IO_FILE FILE;
#define stdin ((FILE *)16)
#define stdout ((FILE *)32)
#define stderr ((FILE *)48)
int fprintf(FILE *stream, const char *format, ...); int dprintf(int fd, const char *format, ...);
int sprintf(char *to, const char *format, ...); int snprintf(char *to, size_t size, const char *format, ...);
int asprintf(char **to, const char *format, ...); int vprintf(const char *format, __builtin_va_list list);
int vfprintf(FILE *stream, const char *format, __builtin_va_list list);
int vdprintf(int fd, const char *format, __builtin_va_list list);
int vsprintf(char *to, const char *format, __builtin_va_list list);
int vsnprintf(char *to, size_t size, const char *format, __builtin_va_list list);
int vasprintf(char **to, const char *format, __builtin_va_list list);
int fputs(const char *text, FILE *stream); int fputc(int character, FILE *stream); int putc(int character, FILE *stream);
size_t fwrite(const void *from, size_t size, size_t count, FILE *stream);
int fflush(FILE *stream); int ferror(FILE *stream); int feof(FILE *stream); void clearerr(FILE *stream);
int fileno(FILE *stream); int getchar(void); int fgetc(FILE *stream); int getc(FILE *stream);
char *fgets(char *to, int size, FILE *stream);
void setbuf(FILE *stream, char *buffer); int setvbuf(FILE *stream, char *buffer, int mode, size_t size);
void perror(const char *text);
int sscanf(const char *text, const char *format, ...);
int vsscanf(const char *text, const char *format, __builtin_va_list list);
`,
  'string.h': `
void *mempcpy(void *restrict to, const void *restrict from, size_t length);
void *memccpy(void *restrict to, const void *restrict from, int byte, size_t length);
void *memchr(const void *in, int byte, size_t length); void *memrchr(const void *in, int byte, size_t length);
void *rawmemchr(const void *in, int byte); void *memmem(const void *in, size_t size, const void *what, size_t length);
void explicit_bzero(void *to, size_t length);
size_t strnlen(const char *text, size_t most);
char *stpcpy(char *restrict to, const char *restrict from);
char *stpncpy(char *restrict to, const char *restrict from, size_t length);
char *strcat(char *restrict to, const char *restrict from);
char *strncat(char *restrict to, const char *restrict from, size_t length);
char *strchr(const char *text, int byte); char *strrchr(const char *text, int byte);
char *strchrnul(const char *text, int byte);
size_t strspn(const char *text, const char *set); size_t strcspn(const char *text, const char *set);
char *strpbrk(const char *text, const char *set);
char *strstr(const char *text, const char *what); char *strcasestr(const char *text, const char *what);
char *strtok(char *restrict text, const char *restrict set);
char *strtok_r(char *restrict text, const char *restrict set, char **restrict rest);
char *strsep(char **restrict rest, const char *restrict set);
char *strdup(const char *text); char *strndup(const char *text, size_t most);
int strcoll(const char *a, const char *b);
size_t strxfrm(char *restrict to, const char *restrict from, size_t length);
char *strerror(int error);
int strcasecmp(const char *a, const char *b); int strncasecmp(const char *a, const char *b, size_t length);
`,
  'stdint.h': `
typedef signed char int_least8_t; typedef short int_least16_t; typedef int int_least32_t; typedef long int_least64_t;
typedef unsigned char uint_least8_t; typedef unsigned short uint_least16_t; typedef unsigned int uint_least32_t;
typedef unsigned long uint_least64_t;
typedef signed char int_fast8_t; typedef long int_fast16_t; typedef long int_fast32_t; typedef long int_fast64_t;
typedef unsigned char uint_fast8_t; typedef unsigned long uint_fast16_t; typedef unsigned long uint_fast32_t;
typedef unsigned long uint_fast64_t;
${['LEAST:8 16 32 64', 'FAST:8 64 64 64'].map(bounds).join('\n')}
#define WCHAR_MAX 2147483647
#define WCHAR_MIN (-2147483647-1)
#define SIG_ATOMIC_MAX 2147483647
#define SIG_ATOMIC_MIN (-2147483647-1)
#define WINT_MIN 0u
#define WINT_MAX 4294967295u
`,
  'unistd.h': `
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#define _SC_PAGESIZE 30
#define _SC_PAGE_SIZE 30
#define _SC_LEVEL1_DCACHE_LINESIZE 190
long read(int fd, void *to, size_t length); long write(int fd, const void *from, size_t length);
long pread(int fd, void *to, size_t length, long offset); long pwrite(int fd, const void *from, size_t length, long offset);
long lseek(int fd, long offset, int whence); int fsync(int fd); int fdatasync(int fd); void sync(void); int syncfs(int fd);
int ftruncate(int fd, off_t length); int truncate(const char *path, off_t length); int unlink(const char *path);
int rmdir(const char *path); int link(const char *from, const char *to); int symlink(const char *target, const char *path);
long sysconf(int name); int getpagesize(void); pid_t getpid(void);
int usleep(unsigned int microseconds); unsigned int sleep(unsigned int seconds);
`,
  'fcntl.h': `
#include <sys/stat.h>
#define FALLOC_FL_KEEP_SIZE 1
#define FALLOC_FL_PUNCH_HOLE 2
#define FALLOC_FL_ZERO_RANGE 16
#define SYNC_FILE_RANGE_WAIT_BEFORE 1
#define SYNC_FILE_RANGE_WRITE 2
#define SYNC_FILE_RANGE_WAIT_AFTER 4
int fallocate(int fd, int mode, off_t offset, off_t length); int posix_fallocate(int fd, off_t offset, off_t length);
int sync_file_range(int fd, off_t offset, off_t length, unsigned int flags);
`,
  'sys/mman.h':
    '#define MS_ASYNC 1\n#define MS_INVALIDATE 2\n#define MS_SYNC 4\nint msync(void *at, size_t length, int flags);\n',
}

const rare: Headers = {
  'sys/uio.h': `
#include <sys/types.h>
struct iovec { void *iov_base; size_t iov_len; };
long writev(int fd, const struct iovec *iov, int count);
long readv(int fd, const struct iovec *iov, int count);
long pwritev(int fd, const struct iovec *iov, int count, long offset);
long preadv(int fd, const struct iovec *iov, int count, long offset);
`,
  'errno.h': `
int *__errno_location(void);
#define errno (*__errno_location())
${errors.replace(/(\w+):(\d+)\s/g, '#define $1 $2\n')}
`,
  'err.h': `
_Noreturn void err(int status, const char *format, ...); _Noreturn void errx(int status, const char *format, ...);
void warn(const char *format, ...); void warnx(const char *format, ...);
`,
  'inttypes.h': `
#include <stdint.h>
${['d', 'i', 'u', 'x', 'X', 'o'].map(format).join('\n')}
typedef struct { intmax_t quot, rem; } imaxdiv_t;
intmax_t imaxabs(intmax_t n);
intmax_t strtoimax(const char *text, char **end, int base); uintmax_t strtoumax(const char *text, char **end, int base);
`,
  'stdalign.h': `
#define alignas _Alignas
#define alignof _Alignof
`,
  'stdnoreturn.h': '#define noreturn _Noreturn\n',
  'limits.h': `
#define CHAR_BIT 8
#define SCHAR_MIN (-128)
#define SCHAR_MAX 127
#define UCHAR_MAX 255
#define CHAR_MIN (-128)
#define CHAR_MAX 127
#define SHRT_MIN (-32768)
#define SHRT_MAX 32767
#define USHRT_MAX 65535
#define INT_MIN (-2147483647-1)
#define INT_MAX 2147483647
#define UINT_MAX 4294967295U
#define LONG_MIN (-9223372036854775807L-1)
#define LONG_MAX 9223372036854775807L
#define ULONG_MAX 18446744073709551615UL
#define LLONG_MIN (-9223372036854775807LL-1)
#define LLONG_MAX 9223372036854775807LL
#define ULLONG_MAX 18446744073709551615ULL
#define PATH_MAX 4096
#define NAME_MAX 255
#define IOV_MAX 1024
#define SSIZE_MAX 9223372036854775807L
#define MB_LEN_MAX 16
`,
  'sys/stat.h': `
#include <sys/types.h>
#include <time.h>
#define S_IRUSR 0400
#define S_IWUSR 0200
#define S_IXUSR 0100
#define S_IRWXU 0700
#define S_IRGRP 0040
#define S_IWGRP 0020
#define S_IROTH 0004
#define S_IWOTH 0002
#define S_IFMT 0170000
#define S_IFDIR 0040000
#define S_IFCHR 0020000
#define S_IFBLK 0060000
#define S_IFREG 0100000
#define S_IFLNK 0120000
#define S_ISDIR(mode) (((mode) & S_IFMT) == S_IFDIR)
#define S_ISCHR(mode) (((mode) & S_IFMT) == S_IFCHR)
#define S_ISBLK(mode) (((mode) & S_IFMT) == S_IFBLK)
#define S_ISREG(mode) (((mode) & S_IFMT) == S_IFREG)
#define S_ISLNK(mode) (((mode) & S_IFMT) == S_IFLNK)
typedef unsigned long nlink_t; typedef long blksize_t; typedef long blkcnt_t;
struct stat {
  dev_t st_dev; ino_t st_ino; nlink_t st_nlink; mode_t st_mode; uid_t st_uid; gid_t st_gid; int __pad0; dev_t st_rdev;
  off_t st_size; blksize_t st_blksize; blkcnt_t st_blocks; struct timespec st_atim, st_mtim, st_ctim; long __reserved[3];
};
#define st_atime st_atim.tv_sec
#define st_mtime st_mtim.tv_sec
#define st_ctime st_ctim.tv_sec
int stat(const char *path, struct stat *to); int lstat(const char *path, struct stat *to); int fstat(int fd, struct stat *to);
int mkdir(const char *path, mode_t mode);
`,
  'strings.h': `
#include <string.h>
void bzero(void *to, size_t length); void bcopy(const void *from, void *to, size_t length);
int bcmp(const void *a, const void *b, size_t length);
char *index(const char *text, int byte); char *rindex(const char *text, int byte);
int ffs(int n); int ffsl(long n); int ffsll(long long n);
`,
  'ctype.h': 'alnum alpha blank cntrl digit graph lower print punct space upper xdigit'
    .split(' ')
    .map((name) => `int is${name}(int c);\n`)
    .concat('int tolower(int c); int toupper(int c); int isascii(int c); int toascii(int c);\n')
    .join(''),
  'float.h': `
#define FLT_RADIX 2
#define FLT_EVAL_METHOD 0
#define FLT_ROUNDS 1
#define DECIMAL_DIG 21
${floats('DBL', '', {
  MANT_DIG: '53',
  DIG: '15',
  DECIMAL_DIG: '17',
  MIN_EXP: '(-1021)',
  MAX_EXP: '1024',
  MIN_10_EXP: '(-307)',
  MAX_10_EXP: '308',
  MAX: '1.79769313486231570814527423731704357e+308',
  MIN: '2.22507385850720138309023271733240406e-308',
  EPSILON: '2.22044604925031308084726333618164062e-16',
  TRUE_MIN: '4.94065645841246544176568792868221372e-324',
})}
${floats('FLT', 'F', {
  MANT_DIG: '24',
  DIG: '6',
  DECIMAL_DIG: '9',
  MIN_EXP: '(-125)',
  MAX_EXP: '128',
  MIN_10_EXP: '(-37)',
  MAX_10_EXP: '38',
  MAX: '3.40282346638528859811704183484516925e+38',
  MIN: '1.17549435082228750796873653722224568e-38',
  EPSILON: '1.19209289550781250000000000000000000e-7',
  TRUE_MIN: '1.40129846432481707092372958328991613e-45',
})}
`,
  'math.h': `
#define M_E 2.7182818284590452354
#define M_LOG2E 1.4426950408889634074
#define M_LOG10E 0.43429448190325182765
#define M_LN2 0.69314718055994530942
#define M_LN10 2.30258509299404568402
#define M_PI 3.14159265358979323846
#define M_PI_2 1.57079632679489661923
#define M_PI_4 0.78539816339744830962
#define M_SQRT2 1.41421356237309504880
#define M_SQRT1_2 0.70710678118654752440
#define HUGE_VAL (1e300 * 1e300)
#define INFINITY ((float)(1e300 * 1e300))
#define NAN ((float)__nan())
double __nan(void); int __fpclassify(double x);
#define FP_NAN 0
#define FP_INFINITE 1
#define FP_ZERO 2
#define FP_SUBNORMAL 3
#define FP_NORMAL 4
#define fpclassify(x) __fpclassify(x)
#define isnan(x) (__fpclassify(x) == 0)
#define isinf(x) __isinf(x)
#define isfinite(x) (__fpclassify(x) > 1)
#define isnormal(x) (__fpclassify(x) == 4)
#define signbit(x) __signbit(x)
int __isinf(double x); int __signbit(double x);
${functions(ONE.split(' '), TWO.split(' '))}
double nextafter(double x, double y); double ldexp(double x, int n); double scalbn(double x, int n);
double frexp(double x, int *exponent); double modf(double x, double *whole);
float ldexpf(float x, int n); float modff(float x, float *whole); float frexpf(float x, int *exponent);
long lround(double x); long long llround(double x); long lrint(double x); long long llrint(double x);
long lroundf(float x); long lrintf(float x); int ilogb(double x);
`,
  'time.h': `
#include <sys/types.h>
typedef long time_t; typedef long clock_t; typedef int clockid_t;
struct timespec { time_t tv_sec; long tv_nsec; };
#define CLOCKS_PER_SEC 1000000L
#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID 3
#define CLOCK_MONOTONIC_RAW 4
#define CLOCK_REALTIME_COARSE 5
#define CLOCK_MONOTONIC_COARSE 6
#define CLOCK_BOOTTIME 7
#define TIME_UTC 1
time_t time(time_t *at); clock_t clock(void); double difftime(time_t late, time_t early);
int clock_gettime(clockid_t clock, struct timespec *at); int clock_getres(clockid_t clock, struct timespec *step);
int timespec_get(struct timespec *at, int base);
int nanosleep(const struct timespec *wanted, struct timespec *rest);
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted, struct timespec *rest);
`,
  'sys/time.h': `
#include <time.h>
struct timeval { time_t tv_sec; long tv_usec; };
int gettimeofday(struct timeval *at, void *zone);
`,
  'sched.h': `
#include <time.h>
int sched_yield(void); int sched_getcpu(void);
`,
  'pthread.h': `
#include <sched.h>
typedef unsigned long pthread_t; typedef struct { long unused; } pthread_attr_t;
typedef struct { long unused; } pthread_mutexattr_t; typedef struct { long unused; } pthread_condattr_t;
typedef struct { int lock; unsigned int count; int owner; unsigned int users; int kind; int spins; long list[2]; }
  pthread_mutex_t;
typedef struct { unsigned int sequence; unsigned int waiters; long rest[5]; } pthread_cond_t;
typedef volatile int pthread_spinlock_t; typedef int pthread_once_t;
#define PTHREAD_MUTEX_INITIALIZER { 0 }
#define PTHREAD_COND_INITIALIZER { 0 }
#define PTHREAD_ONCE_INIT 0
#define PTHREAD_PROCESS_PRIVATE 0
#define PTHREAD_PROCESS_SHARED 1
int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *argument);
int pthread_join(pthread_t thread, void **result); int pthread_detach(pthread_t thread);
_Noreturn void pthread_exit(void *result);
pthread_t pthread_self(void); int pthread_equal(pthread_t a, pthread_t b); int pthread_yield(void);
int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attr);
int pthread_mutex_destroy(pthread_mutex_t *mutex); int pthread_mutex_lock(pthread_mutex_t *mutex);
int pthread_mutex_trylock(pthread_mutex_t *mutex); int pthread_mutex_unlock(pthread_mutex_t *mutex);
int pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attr); int pthread_cond_destroy(pthread_cond_t *cond);
int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);
int pthread_cond_signal(pthread_cond_t *cond); int pthread_cond_broadcast(pthread_cond_t *cond);
int pthread_spin_init(pthread_spinlock_t *lock, int shared); int pthread_spin_destroy(pthread_spinlock_t *lock);
int pthread_spin_lock(pthread_spinlock_t *lock); int pthread_spin_trylock(pthread_spinlock_t *lock);
int pthread_spin_unlock(pthread_spinlock_t *lock);
int pthread_once(pthread_once_t *once, void (*start)(void));
`,
  'alloca.h': ALLOCA,
  'malloc.h': '#include <stdlib.h>\nsize_t malloc_usable_size(void *p);\n',
}

/** Every header that there is. */
export const allHeaders: Headers = {
  ...headers,
  ...Object.fromEntries(Object.entries(rest).map(([name, text]) => [name, `${headers[name]}${text}`])),
  ...rare,
  ...compilerHeaders,
}
