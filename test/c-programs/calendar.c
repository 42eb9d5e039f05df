#include <stdio.h>
static int leap(int y) { return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0); }
static long days(int y, int m, int d) { y -= m <= 2; long era = (y >= 0 ? y : y - 399) / 400; unsigned yoe = y - era * 400, doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1, doe = yoe * 365 + yoe / 4 - yoe / 100 + doy; return era * 146097 + (long)doe - 719468; }
int main(void) {
  for (int y = 1600; y < 2500; y += 100) printf("%d %d %ld %ld\n", y, leap(y), days(y, 1, 1), ((days(y, 3, 1) % 7) + 11) % 7);
  static const char *const names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  for (int m = 1; m <= 12; m++) { long a = days(2024, m, 1), b = m == 12 ? days(2025, 1, 1) : days(2024, m + 1, 1); printf("%d %ld %s\n", m, b - a, names[(a + 4) % 7]); }
  return 0;
}
