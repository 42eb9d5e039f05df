#include <stdio.h>
struct frame { int n, from, to, by, stage; };
int main(void) {
  struct frame stack[64] = {{7, 0, 2, 1, 0}};
  int top = 1, moves = 0;
  while (top) {
    struct frame *f = &stack[top - 1];
    if (f->n == 0) { top--; continue; }
    switch (f->stage++) {
    case 0: stack[top++] = (struct frame){f->n - 1, f->from, f->by, f->to, 0}; break;
    case 1: printf("%d:%c%c ", ++moves, 'A' + f->from, 'A' + f->to); stack[top++] = (struct frame){f->n - 1, f->by, f->to, f->from, 0}; break;
    default: top--;
    }
  }
  printf("\n");
  return 0;
}
