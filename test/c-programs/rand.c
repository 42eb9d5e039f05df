#include <stdio.h>
#include <stdlib.h>
int main(void) { for (int i = 0; i < 50; i++) printf("%d ", rand()); printf("\n"); for (unsigned s = 0; s < 5; s++) { srand(s * 1000); for (int i = 0; i < 10; i++) printf("%d ", rand()); printf("%ld\n", random()); } srandom(42); for (int i = 0; i < 10; i++) printf("%ld ", random()); unsigned r = 1; for (int i = 0; i < 10; i++) printf("%d ", rand_r(&r)); printf("\n"); return 0; }
