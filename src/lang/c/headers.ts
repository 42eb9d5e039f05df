/**
 * The headers that a program can include, as C text of our own: what x86-64 Linux with glibc declares, as far as the
 * machine has it. Functions declared here are the natives: the host carries them out.
 */

const integerTypes = `
typedef signed char int8_t; typedef short int16_t; typedef int int32_t; typedef long int64_t;
typedef unsigned char uint8_t; typedef unsigned short uint16_t; typedef unsigned int uint32_t;
typedef unsigned long uint64_t;
typedef long intptr_t; typedef unsigned long uintptr_t; typedef long intmax_t; typedef unsigned long uintmax_t;
#define INT8_MIN (-128)
#define INT16_MIN (-32767-1)
#define INT32_MIN (-2147483647-1)
#define INT64_MIN (-9223372036854775807L-1)
#define INT8_MAX 127
#define INT16_MAX 32767
#define INT32_MAX 2147483647
#define INT64_MAX 9223372036854775807L
#define UINT8_MAX 255
#define UINT16_MAX 65535
#define UINT32_MAX 4294967295U
#define UINT64_MAX 18446744073709551615UL
#define INTPTR_MIN INT64_MIN
#define INTPTR_MAX INT64_MAX
#define UINTPTR_MAX UINT64_MAX
#define INTMAX_MIN INT64_MIN
#define INTMAX_MAX INT64_MAX
#define UINTMAX_MAX UINT64_MAX
#define PTRDIFF_MIN INT64_MIN
#define PTRDIFF_MAX INT64_MAX
#define SIZE_MAX UINT64_MAX
#define INT8_C(c) c
#define INT16_C(c) c
#define INT32_C(c) c
#define INT64_C(c) c##L
#define UINT8_C(c) c
#define UINT16_C(c) c
#define UINT32_C(c) c##U
#define UINT64_C(c) c##UL
#define INTMAX_C(c) c##L
#define UINTMAX_C(c) c##UL
`

const cacheLine = `
#include <stddef.h>
void _mm_clflush(const void *p);
void _mm_sfence(void);
void _mm_mfence(void);
void _mm_lfence(void);
void _mm_stream_si32(int *p, int value);
void _mm_stream_si64(long long *p, long long value);
`

/** Text by name. */
export type Headers = Readonly<Record<string, string>>

/** Those that come with every program; `more-headers.ts` has the others. */
export const headers: Headers = {
  'stddef.h': `
typedef unsigned long size_t; typedef long ptrdiff_t; typedef int wchar_t;
#define NULL ((void *)0)
#define offsetof(type, member) __builtin_offsetof(type, member)
`,
  'stdint.h': integerTypes,
  'stdbool.h': `
#define bool _Bool
#define true 1
#define false 0
`,
  'stdlib.h': `
#include <stddef.h>
#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
_Noreturn void exit(int status); _Noreturn void _Exit(int status); _Noreturn void quick_exit(int status);
_Noreturn void abort(void);
`,
  'stdio.h': `
#include <stddef.h>
int printf(const char *format, ...); int puts(const char *text); int putchar(int character);
`,
  'string.h': `
#include <stddef.h>
void *memcpy(void *restrict to, const void *restrict from, size_t length);
void *memmove(void *to, const void *from, size_t length);
void *memset(void *to, int byte, size_t length);
int memcmp(const void *a, const void *b, size_t length);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t length);
char *strcpy(char *restrict to, const char *restrict from);
char *strncpy(char *restrict to, const char *restrict from, size_t length);
`,
  'assert.h': `
#undef assert
#ifdef NDEBUG
#define assert(expression) ((void)0)
#else
_Noreturn void __assert_fail(const char *expression, const char *file, unsigned int line, const char *function);
#define assert(expression) ((expression) ? (void)0 : __assert_fail(#expression, __FILE__, __LINE__, __func__))
#endif
#undef static_assert
#define static_assert _Static_assert
`,
  'sys/types.h': `
#include <stddef.h>
#include <stdint.h>
typedef long ssize_t; typedef long off_t; typedef long off64_t; typedef int pid_t; typedef unsigned int mode_t;
typedef unsigned int uid_t; typedef unsigned int gid_t; typedef unsigned long dev_t; typedef unsigned long ino_t;
`,
  'fcntl.h': `
#include <sys/types.h>
#define O_RDONLY 0
#define O_WRONLY 1
#define O_RDWR 2
#define O_CREAT 0100
#define O_EXCL 0200
#define O_NOCTTY 0400
#define O_TRUNC 01000
#define O_APPEND 02000
#define O_NONBLOCK 04000
#define O_DSYNC 010000
#define O_DIRECT 040000
#define O_DIRECTORY 0200000
#define O_NOFOLLOW 0400000
#define O_CLOEXEC 02000000
#define O_SYNC 04010000
#define O_TMPFILE 020200000
int open(const char *path, int flags, ...);
`,
  'unistd.h': `
#include <sys/types.h>
#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2
int close(int fd);
_Noreturn void _exit(int status);
`,
  'sys/mman.h': `
#include <sys/types.h>
#define PROT_NONE 0
#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4
#define MAP_SHARED 0x01
#define MAP_PRIVATE 0x02
#define MAP_SHARED_VALIDATE 0x03
#define MAP_FIXED 0x10
#define MAP_ANONYMOUS 0x20
#define MAP_ANON MAP_ANONYMOUS
#define MAP_NORESERVE 0x4000
#define MAP_POPULATE 0x8000
#define MAP_HUGETLB 0x40000
#define MAP_SYNC 0x80000
#define MAP_FIXED_NOREPLACE 0x100000
#define MAP_FAILED ((void *)-1)
void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset);
int munmap(void *address, size_t length);
`,
  'emmintrin.h': cacheLine,
  'immintrin.h': `
#include <emmintrin.h>
void _mm_clflushopt(const void *p);
void _mm_clwb(const void *p);
void _movdir64b(void *to, const void *from);
`,
  'x86intrin.h': '#include <immintrin.h>\n',
}

/** The header that declares a native function; undefined when there is no such function. */
export function headerOf(name: string, headers: Headers): string | undefined {
  if (!/^\w{1,64}$/.test(name)) return undefined
  const declaration = new RegExp(`^[a-z_][^#\\n]*[ *]${name}\\(`, 'm')
  return Object.keys(headers).find((header) => declaration.test(headers[header] ?? ''))
}
