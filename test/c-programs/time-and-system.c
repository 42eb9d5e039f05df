#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static long long ns(int c) { struct timespec t; clock_gettime(c, &t); return t.tv_sec * 1000000000LL + t.tv_nsec; }
int main(void) {
  long long a = ns(CLOCK_MONOTONIC);
  printf("%d\n", nanosleep(&(struct timespec){0, 3000000}, 0)); long long b = ns(CLOCK_MONOTONIC); printf("%d\n", b - a >= 3000000);
  printf("%d\n", usleep(2000)); printf("%d\n", ns(CLOCK_MONOTONIC) - b >= 2000000);
  struct timespec left = {7, 7}; a = ns(CLOCK_BOOTTIME);
  printf("%d\n", clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){0, 1000000}, 0)); printf("%d\n", ns(CLOCK_BOOTTIME) - a >= 1000000);
  errno = 0; printf("%d", nanosleep(&(struct timespec){0, 1000000000}, &left)); printf(" %d\n", errno == EINVAL);
  printf("%d\n", clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){-1, 0}, 0) == EINVAL);
  time_t t0 = time(0), t1; sleep(1); time(&t1); printf("%d %g\n", t1 > t0, difftime(t1, t1 - 5));
  struct timespec now; printf("%d", timespec_get(&now, TIME_UTC)); printf(" %d\n", now.tv_sec >= t1);
  struct timeval tv; printf("%d", gettimeofday(&tv, 0)); printf(" %d %d\n", tv.tv_sec >= t1, tv.tv_usec < 1000000);
  struct timespec step; printf("%d", clock_getres(CLOCK_MONOTONIC, &step)); printf(" %ld %ld\n", step.tv_sec, step.tv_nsec);
  errno = 0; printf("%d", clock_gettime(99, &step)); printf(" %d\n", errno == EINVAL);
  printf("%d %d\n", clock() >= 0, CLOCKS_PER_SEC == 1000000);
  printf("%ld %d %d %d\n", sysconf(_SC_PAGESIZE), getpagesize(), getpid() > 0, sched_getcpu() >= 0);
  errno = 0; printf("%ld", sysconf(-5)); printf(" %d\n", errno == EINVAL); printf("%d\n", sched_yield());
  char *m = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  printf("%d\n", m != MAP_FAILED); if (m != MAP_FAILED) { m[0] = 5; m[8191] = 6; printf("%d\n", m[0] + m[8191]); printf("%d\n", munmap(m, 8192)); }
  fflush(stdout);
  _exit(9);
}
