#include <ctype.h>
#include <stdio.h>
enum state { START, WORD, NUMBER, SPACE, PUNCT, STATES };
static const char *const names[STATES] = {"start", "word", "number", "space", "punct"};
static enum state kind(int c) { return isalpha(c) || c == '_' ? WORD : isdigit(c) ? NUMBER : isspace(c) ? SPACE : PUNCT; }
static const unsigned char stays[STATES][STATES] = {[WORD] = {[WORD] = 1, [NUMBER] = 1}, [NUMBER][NUMBER] = 1, [SPACE][SPACE] = 1};
int main(void) {
  const char *s = "int x_1 = 42 + foo(7, bar9);\n\tend";
  int count[STATES] = {0};
  enum state now = START;
  for (const char *from = s, *p = s;; p++) {
    enum state next = *p ? kind((unsigned char)*p) : START;
    if (*p && stays[now][next]) continue;
    if (now != START) { count[now]++; if (now != SPACE) printf("%s:%.*s ", names[now], (int)(p - from), from); }
    if (!*p) break;
    from = p;
    now = next;
  }
  for (int i = 0; i < STATES; i++) printf("\n%s %d", names[i], count[i]);
  printf("\n");
  return 0;
}
