#include <stdio.h>
#include <ctype.h>
int main(void) { for (int c = -1; c < 256; c++) { printf("%d: %d%d%d%d%d%d%d%d%d%d%d%d %d %d\n", c, !!isalnum(c), !!isalpha(c), !!isblank(c), !!iscntrl(c), !!isdigit(c), !!isgraph(c), !!islower(c), !!isprint(c), !!ispunct(c), !!isspace(c), !!isupper(c), !!isxdigit(c), tolower(c), toupper(c)); } for (const char *s = "Hello, World 42!"; *s; s++) putchar(isupper(*s) ? tolower(*s) : islower(*s) ? toupper(*s) : *s); printf("\n%d\n", isdigit('7') && !isdigit('x') ? 1 : 0); int (*f)(int) = toupper; printf("%c\n", f('q')); return 0; }
