#include <stdio.h>
#include <stddef.h>
static const wchar_t *g = L"glob";
static wchar_t arr[] = L"h\u00e9\x1234";
static wchar_t two[2] = L"ab";
static unsigned short u16[] = u"a\U0001F600";
static unsigned u32[] = {U"xy"};
struct s { wchar_t w[4]; char c[4]; };
int main(void) {
wchar_t l[6] = L"lo" "cal"; struct s q = { L"ab", "cd" };
printf("%zu %zu %zu %zu %zu\n", sizeof L"ab", sizeof arr, sizeof two, sizeof u16, sizeof u32);
for (int i = 0; i < 4; i++) printf("%d %d ", g[i], arr[i]); printf("%d %d\n", two[1], two[0]);
for (int i = 0; i < 4; i++) printf("%d ", u16[i]); for (int i = 0; i < 6; i++) printf("%d ", l[i]); 
for (int i = 0; i < 3; i++) printf("%d %d %d ", u32[i], q.w[i], q.c[i]); 
printf("\n%d %d %d %zu %zu %d %d\n", L'a', L'\xff', L'é', sizeof u'a', sizeof L'a', L"xyz"[1], u8"é"[0]);
#if L'a' == 97
puts("cond");
#endif
#line 100 "file.c"
printf("%d %s\n", __LINE__, __FILE__);
#define Q(x) #x
puts(Q(L"a\n" 'x'));
return 0; }
