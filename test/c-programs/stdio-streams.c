#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static int to(FILE *f, const char *format, ...) { va_list l; va_start(l, format); int n = vfprintf(f, format, l); va_end(l); return n; }
static int fd(int f, const char *format, ...) { va_list l; va_start(l, format); int n = vdprintf(f, format, l); va_end(l); return n; }
static int make(char **s, const char *format, ...) { va_list l; va_start(l, format); int n = vasprintf(s, format, l); va_end(l); return n; }
int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  printf("%d\n", to(stdout, "%s-%d-%.2f ", "a", 2, 3.0));
  printf("%d\n", fd(1, "%5d|", 7));
  printf("%d\n", dprintf(1, "%c%c ", 'x', 'y'));
  char *s;
  int n = make(&s, "%d+%d", 4, 5); printf("%s %d\n", s, n); free(s);
  n = asprintf(&s, "%s", "allocated"); printf("%s %d\n", s, n); free(s);
  printf("%zd\n", write(1, "raw\n", 4));
  errno = 0; printf("%zd", write(99, "x", 1)); printf(" %d\n", errno == EBADF);
  printf("%d %d %d\n", fileno(stdin), fileno(stdout), fileno(stderr));
  printf("%d %d\n", ferror(stdout), feof(stdout)); clearerr(stdout);
  setbuf(stdout, 0);
  errno = EINVAL; printf("%m|%20m|%-20.7m|\n");
  printf("%ls %lc|%5ls|%.2ls\n", (wchar_t[]){'w', 'i', 'd', 'e', 0}, 'c', (wchar_t[]){'a', 0}, (wchar_t[]){'x', 'y', 'z', 0});
  printf("%d\n", getenv("NO_SUCH_VARIABLE_HERE") == 0);
  printf("%d\n", puts("four")); printf("%d\n", putchar(33)); printf("%d\n", fputs("", stdout));
  printf("%zu\n", fwrite("abcdef", 2, 3, stdout)); printf("%d\n", fflush(stdout));
  return 0;
}
