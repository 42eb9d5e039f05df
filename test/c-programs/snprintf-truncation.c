#include <stdio.h>
#include <string.h>
#include <stdarg.h>
static int format(char *to, size_t n, const char *f, ...) { va_list ap; va_start(ap, f); int r = vsnprintf(to, n, f, ap); va_end(ap); return r; }
static void log_(const char *f, ...) { va_list ap, again; va_start(ap, f); va_copy(again, ap); vprintf(f, ap); char b[128]; vsprintf(b, f, again); printf("<%zu>\n", strlen(b)); va_end(again); va_end(ap); }
int main(void) {
  char b[32]; for (size_t n = 0; n <= 16; n++) { memset(b, '#', sizeof b); b[31] = 0; int r = snprintf(b, n, "%d-%s-%x", 12345, "text", 0xbeef); printf("%zu: %d ", n, r); for (int i = 0; i < 20; i++) printf("%c", b[i] ? b[i] : '.'); printf("\n"); } printf("%d\n", snprintf(0, 0, "%100d", 5)); printf("%d\n", snprintf(b, sizeof b, "%s", "a rather long text that does not fit into it")); printf("[%s] %zu\n", b, strlen(b)); int at = 0; for (int i = 0; i < 10; i++) at += snprintf(b + at, at < 32 ? 32 - at : 0, "%d,", i * i * i); printf("[%s] %d\n", b, at);
  int w = sprintf(b, "%05.1f|%+d", 3.14159, 7); printf("%d [%s]\n", w, b); printf("%d\n", format(b, 8, "%s%d", "abcdef", 123456)); printf("[%s]\n", b); log_("%d %s %c %ld %g\n", 1, "two", '3', 4L, 5.5); log_("%g %g %g %g %g %g %g %g %g %g %d\n", 1., 2., 3., 4., 5., 6., 7., 8., 9., 10., 11); return 0;
}
