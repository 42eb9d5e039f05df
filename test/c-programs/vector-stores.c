#include <stdio.h>
#include <string.h>
#include <immintrin.h>
static char buf[256] __attribute__((aligned(64))), src[256] __attribute__((aligned(64)));
int main(void) { for (int i = 0; i < 256; i++) src[i] = i * 7; __m128i a = _mm_loadu_si128((const __m128i *)(src + 3)); _mm_stream_si128((__m128i *)buf, a); _mm_storeu_si128((__m128i *)(buf + 17), a); _mm_store_si128((__m128i *)(buf + 48), _mm_set1_epi8(0x5a));
 _mm_stream_si128((__m128i *)buf + 4, _mm_setzero_si128()); _mm_stream_si128((__m128i *)buf + 5, _mm_set1_epi64x(0x1122334455667788)); __m128i x = _mm_xor_si128(a, _mm_set1_epi32(3)); _mm_stream_si128((__m128i *)(buf + 96), x); _mm_stream_si64((long long *)(buf + 128), -2); _mm_stream_si32((int *)(buf + 136), 5);
 for (int i = 0; i < 3; i++) { __m128i t = _mm_load_si128((__m128i *)src + i); _mm_stream_si128((__m128i *)(buf + 160) + i, t); } _mm_clflush(buf); _mm_sfence(); _mm_mfence(); _mm_lfence(); _mm_pause();
 for (int i = 0; i < 256; i++) printf("%02x%s", (unsigned char)buf[i], i % 32 == 31 ? "\n" : ""); printf("%zu %zu %llx\n", sizeof(__m128i), _Alignof(__m128i), (long long)_mm_cvtsi128_si64(a)); return 0; }
