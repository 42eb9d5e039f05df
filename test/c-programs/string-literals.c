#include <stdio.h>
#include <string.h>
static void bytes(const char *s, unsigned long n) { for (unsigned long i = 0; i < n; i++) printf("%02x ", (unsigned char)s[i]); printf("(%lu)\n", n); }
#define B(s) bytes(s, sizeof(s))
int main(void) {
  B(""); B("abc"); B("\a\b\f\n\r\t\v\\\'\"\?"); B("\0\1\12\123\1234\377"); B("\x0\x1\x12\xff\xAb"); B("\e");
  B("a" "b" "c"); B("\x1" "1"); B("\0" "12"); B("one\
two"); B("tab\there"); B("\u00e9\u20ac\U0001F600"); B("é€😀");
  B(u8"é"); B("// no comment /* none */"); B("%d%%");
  int c[] = {'a', '\n', '\0', '\\', '\'', '"', '\"', '\x41', '\101', '\377', '\xff', '\?', '\a', '\b', '\f', '\r', '\t', '\v', '\e', '\7'};
  for (unsigned i = 0; i < sizeof c / sizeof *c; i++) printf("%d ", c[i]);
  printf("\n%d %d\n", 'ab', 'abcd');
  printf("%c%c%c\n", "hello"[1], *"world", *("abc" + 2)); printf("%zu %zu\n", sizeof "four", strlen("nul\0inside"));
  const char *same = "x" "\n"; printf("%s", same); char arr[] = "a\0b"; B(arr); printf("%zu\n", sizeof(arr));
  printf("%s|%s\n", __func__, "" ""); static const char *const t[] = {"p", "q" "r", "s"}; printf("%s%s%s %zu\n", t[0], t[1], t[2], sizeof t);
  printf("%d\n", L'a'); 
  return 0;
}
