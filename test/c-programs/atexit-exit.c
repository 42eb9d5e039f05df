#include <stdio.h>
#include <stdlib.h>
static int n; static void first(void) { printf("first %d\n", n); } static void second(void) { printf("second %d\n", ++n); } static void third(void) { printf("third\n"); atexit(first); } static void deep(int k) { if (k == 0) { printf("leaving\n"); exit(42); } deep(k - 1); printf("never\n"); }
int main(void) { printf("%d", atexit(first)); printf("%d", atexit(second)); printf("%d\n", atexit(third)); atexit(second); deep(5); return 1; }
